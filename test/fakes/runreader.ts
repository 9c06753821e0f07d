// One run of the core as the plainest correct reader finds it: JSON.parse, BigInt, a map of the last counters.
import type { Bytes } from '../../src/record.ts';
import { classOf } from './home.ts';

export interface Seen extends Bytes {
	/** Connections. */
	readonly seen: number;
}

/** One run of the core, as in the recordings' `*.expected.json`. */
export interface RunFound {
	readonly frames: number;
	/** What the totals gained. */
	readonly total: Bytes;
	/** The growth of all connections that count. */
	readonly attributed: Bytes;
	/** total - attributed at the run's last frame; below 0 where the counters are ahead. */
	readonly unattributed: Bytes;
	readonly classes: Readonly<Record<string, Seen>>;
	/** By source address; "" is the core itself. */
	readonly devices: Readonly<Record<string, Bytes>>;
	/** Type Inner with process "". */
	readonly listedButNotCounted: Seen;
	readonly connectionsSeen: number;
	readonly mostAtOnce: number;
	/** Two wrong ways, for tests that must tell them apart. */
	readonly perFrameClampWouldSay: Bytes;
	readonly addingTheUncountedWouldSay: Bytes;
	/** How far the connections' sum was ahead of the totals in the worst frame. */
	readonly sumAheadOfTotalAtMost: Bytes;
}

export interface Big {
	up: bigint;
	down: bigint;
}

interface BigSeen extends Big {
	seen: number;
}

/** One listed connection of a frame, of which this reader needs little. */
interface Listed {
	readonly id: string;
	readonly start: string;
	readonly upload: number;
	readonly download: number;
	readonly chains: readonly string[];
	readonly metadata: { readonly type: string; readonly process?: string; readonly sourceIP: string };
}

/** A parsed frame. */
export interface Frame {
	readonly uploadTotal: number;
	readonly downloadTotal: number;
	readonly connections: readonly Listed[] | null;
}

export const nothing = (): Big => ({ up: 0n, down: 0n });

export class RunReader {
	frames = 0;
	readonly #types: Readonly<Record<string, string>>;
	/** Totals where counting began. */
	readonly #base: Big;
	#total: Big;
	readonly #attributed = nothing();
	readonly #classes = new Map<string, BigSeen>();
	readonly #devices = new Map<string, Big>();
	readonly #uncounted: BigSeen = { ...nothing(), seen: 0 };
	readonly #clamped = nothing();
	readonly #ahead = nothing();
	#connectionsSeen = 0;
	#mostAtOnce = 0;
	/** Last counters by id, with the connection's start: another start is another connection. */
	#known = new Map<string, Big & { start: string }>();

	constructor(types: Readonly<Record<string, string>>, base: Big) {
		this.#types = types;
		this.#base = base;
		this.#total = base;
	}

	/** What this frame holds was before our time. */
	skip(frame: Frame): void {
		for (const listed of frame.connections ?? []) this.#known.set(listed.id, countersOf(listed));
	}

	follows(frame: Frame): boolean {
		return BigInt(frame.uploadTotal) >= this.#total.up && BigInt(frame.downloadTotal) >= this.#total.down;
	}

	read(frame: Frame): void {
		const before = { ...this.#attributed };
		const known = new Map<string, Big & { start: string }>();
		for (const listed of frame.connections ?? []) {
			const now = countersOf(listed);
			this.#book(listed, now);
			known.set(listed.id, now);
		}
		this.#known = known;
		this.frames += 1;
		this.#mostAtOnce = Math.max(this.#mostAtOnce, frame.connections?.length ?? 0);
		const total = { up: BigInt(frame.uploadTotal), down: BigInt(frame.downloadTotal) };
		for (const way of ['up', 'down'] as const) {
			const gap = total[way] - this.#total[way] - (this.#attributed[way] - before[way]);
			if (gap > 0n) this.#clamped[way] += gap;
			const ahead = this.#attributed[way] - (total[way] - this.#base[way]);
			if (ahead > this.#ahead[way]) this.#ahead[way] = ahead;
		}
		this.#total = total;
	}

	#book(listed: Listed, now: Big & { start: string }): void {
		const { chains, metadata } = listed;
		const last = this.#known.get(listed.id);
		const same = last !== undefined && last.start === now.start;
		const growth = same ? { up: atLeast0(now.up - last.up), down: atLeast0(now.down - last.down) } : now;
		if (!same) this.#connectionsSeen += 1;
		const count = same ? 0 : 1;
		if (metadata.type === 'Inner' && (metadata.process ?? '') === '') {
			add(this.#uncounted, growth);
			this.#uncounted.seen += count;
			return;
		}
		add(this.#attributed, growth);
		const name = classOf(this.#types[chains[0] ?? '']);
		const sum = this.#classes.get(name) ?? { ...nothing(), seen: 0 };
		this.#classes.set(name, sum);
		add(sum, growth);
		sum.seen += count;
		const device = this.#devices.get(metadata.sourceIP) ?? nothing();
		this.#devices.set(metadata.sourceIP, device);
		add(device, growth);
	}

	found(): RunFound {
		const total = less(this.#total, this.#base);
		const all = { ...this.#attributed };
		add(all, this.#uncounted);
		return {
			frames: this.frames,
			total: plain(total),
			attributed: plain(this.#attributed),
			unattributed: plain(less(total, this.#attributed)),
			classes: Object.fromEntries([...this.#classes].map(([name, sum]) => [name, { ...plain(sum), seen: sum.seen }])),
			devices: Object.fromEntries([...this.#devices].map(([name, sum]) => [name, plain(sum)])),
			listedButNotCounted: { ...plain(this.#uncounted), seen: this.#uncounted.seen },
			connectionsSeen: this.#connectionsSeen,
			mostAtOnce: this.#mostAtOnce,
			perFrameClampWouldSay: plain(this.#clamped),
			addingTheUncountedWouldSay: plain(all),
			sumAheadOfTotalAtMost: plain(this.#ahead),
		};
	}
}

function countersOf(listed: Listed): Big & { start: string } {
	return { up: BigInt(listed.upload), down: BigInt(listed.download), start: listed.start };
}

function atLeast0(growth: bigint): bigint {
	return growth > 0n ? growth : 0n;
}

function add(sum: Big, growth: Big): void {
	sum.up += growth.up;
	sum.down += growth.down;
}

function less(from: Big, what: Big): Big {
	return { up: from.up - what.up, down: from.down - what.down };
}

function plain({ up, down }: Big): Bytes {
	if ([up, down].some((sum) => !Number.isSafeInteger(Number(sum)))) throw new Error('more than 2^53 bytes');
	return { up: Number(up), down: Number(down) };
}
