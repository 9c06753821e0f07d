// One thing whose bytes are counted (a connection, a WAN device, the unattributed) with what has flowed in it and is
// not sealed yet, by class and bucket. Pure.
import type { Bytes, Class, Connection } from '../record.ts';
import type { Kind } from '../wire.ts';
import type { Buckets, Teller, TimeKeys } from './buckets.ts';

/** Growth of one class in one bucket. Bucket and since are keys of `Buckets`. */
export interface Growth extends TimeKeys {
	readonly class: Class | null;
	up: number;
	down: number;
}

/** A row without its number. */
export interface SealedRow extends Bytes {
	readonly kind: Kind;
	readonly bucket: number;
	readonly since: number | null;
	readonly class: Class | null;
	readonly record: number | null;
	readonly device: string | null;
	/** Of `usage`: the connection, where this life has seen it. */
	readonly connection: Connection | null;
}

/** The clock has not been trusted for a day: from then on what waits is told less finely. */
const mostWaiting = 288;

const kindOrder: Readonly<Record<Kind, number>> = { usage: 0, unattributed: 1, wan: 2, overhead: 3, bypass: 4 };
const classOrder = { direct: 0, proxy: 1, reject: 2 } as const;

/** For sorting: oldest first; rows that share all but record and bytes stand together, and travel as one group. */
export function byBucketAndGroup(a: SealedRow, b: SealedRow): number {
	return a.bucket - b.bucket || groupOf(a) - groupOf(b) || (a.record ?? 0) - (b.record ?? 0);
}

function groupOf({ kind, class: class_, since }: SealedRow): number {
	return kindOrder[kind] * 8 + (class_ ? classOrder[class_] : 0) * 2 + (since === null ? 0 : 1);
}

export class Growing {
	readonly kind: Kind;
	readonly device: string;
	readonly id: string;
	/** Number in the epoch; 0 = none yet. */
	record = 0;
	connection: Connection | null = null;
	/** Bytes of a connection's life so far. */
	up = 0;
	down = 0;
	/** The newest last; most have one or none. */
	grown: Growth[] = [];
	/** A row has named it. */
	told: boolean;
	closed = false;

	constructor(kind: Kind, { device = '', id = '' }: { readonly device?: string; readonly id?: string }) {
		this.kind = kind;
		this.device = device;
		this.id = id;
		this.told = kind !== 'usage';
	}

	/** Who tells of it. */
	get teller(): Teller {
		return this.kind === 'usage' || this.kind === 'unattributed' ? 'core' : 'wan';
	}

	add({ bucket, since }: TimeKeys, class_: Class | null, up: number, down: number): void {
		const { grown } = this;
		const last = grown.length > 0 ? grown[grown.length - 1]! : null;
		if (last && last.bucket === bucket && last.class === class_ && last.since === since) {
			last.up += up;
			last.down += down;
			return;
		}
		const growth: Growth = { bucket, since, class: class_, up, down };
		// A list that is pushed into when it is empty takes room for 16.
		if (last === null) this.grown = [growth];
		else grown.push(growth);
		if (grown.length > mostWaiting) mergeOldest(grown);
	}

	/** Bytes of the connection's life that are sealed already, or came before. */
	before(): Bytes {
		let { up, down }: Bytes = this;
		for (const growth of this.grown) {
			up -= growth.up;
			down -= growth.down;
		}
		return { up, down };
	}

	/**
	 * Moves into `rows` what has its time; the rest stays in `grown`. What a kind took back (overhead falls a little now
	 * and then) is held against what follows: only unattributed is signed.
	 */
	seal(buckets: Buckets, rows: SealedRow[]): void {
		const { kind, record } = this;
		const nameless = kind === 'usage' && record === 0;
		const left: Growth[] = [];
		let owed: Growth | null = null;
		for (const growth of this.grown) {
			const time = buckets.resolve(growth);
			if (!time) {
				left.push(growth);
				continue;
			}
			let up: number = growth.up + (owed?.up ?? 0);
			let down: number = growth.down + (owed?.down ?? 0);
			owed = null;
			if (kind !== 'unattributed' && (up < 0 || down < 0)) {
				owed = { ...time, class: growth.class, up: Math.min(0, up), down: Math.min(0, down) };
				up = Math.max(0, up);
				down = Math.max(0, down);
			}
			if (up === 0 && down === 0 && this.told) continue;
			this.told = true;
			rows.push({
				// Bytes of a connection whose record is lost with an epoch are the core's still.
				kind: nameless ? 'unattributed' : kind,
				...time,
				class: nameless ? null : growth.class,
				record: kind === 'usage' && !nameless ? record : null,
				device: kind === 'wan' ? this.device : null,
				connection: this.connection,
				up,
				down,
			});
		}
		if (owed) left.unshift(owed);
		this.grown = left;
	}
}

function mergeOldest(grown: Growth[]): void {
	const oldest = grown[0]!;
	const next = grown.findIndex((other, index) => index > 0 && other.class === oldest.class);
	if (next < 0) return;
	oldest.up += grown[next]!.up;
	oldest.down += grown[next]!.down;
	grown.splice(next, 1);
}
