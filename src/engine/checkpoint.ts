// All that an agent must know to go on to the byte, as one blob: version, what is small as JSON, then the connections
// packed, then a CRC-32. Pure. A blob that is not whole, or of another version, is none.
import type { Class } from '../record.ts';
import type { Kind } from '../wire.ts';
import type { Checkpoint as AccountCheckpoint } from './account.ts';
import type { BypassCheckpoint } from './bypass.ts';
import type { KnownCounters } from './connections.ts';
import type { Growth } from './growing.ts';
import type { LedgerState } from './ledger.ts';
import { crc32, PackingError, Reader, Writer } from './packing.ts';
import type { WanCheckpoint } from './wan.ts';

export interface Checkpoint {
	/** null where this machine has none. */
	readonly bootId: string | null;
	/** ms since the Unix epoch and since boot, when it was made. */
	readonly wall: number;
	readonly mono: number;
	readonly account: AccountCheckpoint | null;
	readonly wan: WanCheckpoint | null;
	readonly bypass: BypassCheckpoint | null;
	readonly ledger: LedgerState;
}

const version = 1;
const crcBytes = 4;
/** What follows of a connection. */
const hasCounters = 1;
const hasLedger = 2;
const end = 0;
const classes: readonly (Class | null)[] = [null, 'direct', 'proxy', 'reject'];

/** One checkpoint after the other into the same memory. */
export class CheckpointPacker {
	readonly #writer = new Writer();

	/** Valid until the next call. */
	pack({ account, ledger, ...rest }: Checkpoint): Uint8Array {
		const writer = this.#writer;
		writer.clear();
		writer.byte(version);
		const { connections: counters, ...accountRest } = account ?? { connections: [] };
		const { connections: open, others, ...ledgerRest } = ledger;
		writer.text(JSON.stringify({ ...rest, account: account && accountRest, ledger: ledgerRest }));
		const base = open.find(({ grown }) => grown.length > 0)?.grown[0]?.bucket ?? 0;
		writer.signed(base);
		writer.count(others.length);
		for (const { kind, device, grown } of others) {
			writer.text(kind);
			writer.text(device);
			putGrowth(writer, grown, base);
		}
		// Both lists are in the order of opening: as a rule they tell of the same connection at the same time.
		let next = 0;
		for (const { id, up, down } of counters) {
			const same = next < open.length && open[next]!.id === id;
			writer.byte(same ? hasCounters | hasLedger : hasCounters);
			writer.id(id);
			writer.count(up);
			writer.count(down);
			if (!same) continue;
			putLedger(writer, open[next]!, base);
			next += 1;
		}
		for (; next < open.length; next += 1) {
			writer.byte(hasLedger);
			writer.id(open[next]!.id);
			putLedger(writer, open[next]!, base);
		}
		writer.byte(end);
		const crc = crc32(writer.bytes);
		for (let shift = 0; shift < 32; shift += 8) writer.byte((crc >>> shift) & 0xff);
		return writer.bytes;
	}
}

/** null: not a checkpoint, or not one of this version. */
export function unpackCheckpoint(blob: Uint8Array): Checkpoint | null {
	const body = blob.subarray(0, Math.max(0, blob.byteLength - crcBytes));
	let crc = 0;
	for (let index = 0; index < crcBytes; index += 1) crc += (blob[body.byteLength + index] ?? 0) * 2 ** (8 * index);
	if (body.byteLength === 0 || crc32(body) !== crc || body[0] !== version) return null;
	try {
		return unpack(new Reader(body.subarray(1)));
	} catch (error) {
		if (error instanceof PackingError || error instanceof SyntaxError) return null;
		throw error;
	}
}

function unpack(reader: Reader): Checkpoint {
	const { account, ledger, ...rest } = JSON.parse(reader.text()) as Checkpoint;
	const base = reader.signed();
	const others = Array.from({ length: reader.count() }, () => ({
		kind: reader.text() as Kind,
		device: reader.text(),
		grown: takeGrowth(reader, base),
	}));
	const counters: KnownCounters[] = [];
	const open: LedgerState['connections'][number][] = [];
	for (let has = reader.byte(); has !== end; has = reader.byte()) {
		const id = reader.id();
		if (has & hasCounters) counters.push({ id, up: reader.count(), down: reader.count() });
		if (has & hasLedger) open.push({ id, record: reader.count(), grown: takeGrowth(reader, base) });
	}
	return {
		...rest,
		account: account && { ...account, connections: counters },
		ledger: { ...ledger, others, connections: open },
	};
}

function putLedger(writer: Writer, { record, grown }: LedgerState['connections'][number], base: number): void {
	writer.count(record);
	putGrowth(writer, grown, base);
}

function putGrowth(writer: Writer, grown: readonly Growth[], base: number): void {
	writer.count(grown.length);
	for (const { bucket, since, class: class_, up, down } of grown) {
		writer.signed(bucket - base);
		writer.byte(classes.indexOf(class_) + (since === null ? 0 : classes.length));
		if (since !== null) writer.signed(since - base);
		writer.signed(up);
		writer.signed(down);
	}
}

function takeGrowth(reader: Reader, base: number): Growth[] {
	return Array.from({ length: reader.count() }, () => {
		const bucket = base + reader.signed();
		const kind = reader.byte();
		const since = kind < classes.length ? null : base + reader.signed();
		return { bucket, since, class: classes[kind % classes.length]!, up: reader.signed(), down: reader.signed() };
	});
}
