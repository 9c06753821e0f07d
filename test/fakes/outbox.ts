// An outbox in memory for the tests of the sync: rows and records are put in by hand; it releases acknowledged rows at
// once, unless told to keep them. The real one is src/sinks/queue.ts, and one test holds both to the same answers.
import type {
	BatchLimits,
	ChangedRecord,
	Outbox,
	OutboxBatch,
	OutboxEpoch,
	WaitingGap,
} from '../../src/sinks/outbox.ts';
import type { Gap, Row, WireRecord } from '../../src/wire.ts';

interface Epoch {
	readonly epoch: string;
	acked: number;
	sealed: number;
	lent: number;
	/** In order of seq; those that were acknowledged stay while `keeps`. */
	rows: Row[];
	readonly records: Map<number, WireRecord>;
}

/** What a row of JSON takes, from above. */
const rowBytes = 40;

export class FakeOutbox implements Outbox {
	ackedChange = 0;
	/** Whether acknowledged rows are kept for a master put back. */
	keeps = true;
	/** Called by `seal`: a test adds here what grows. */
	onSeal: () => void = () => {};
	readonly setAsides: { readonly epoch: string; readonly seq: number; readonly why: string }[] = [];
	readonly refused: { readonly change: number; readonly why: string }[] = [];
	readonly #epochs: Epoch[] = [];
	readonly #changes = new Map<string, ChangedRecord>();
	#change = 0;
	#gaps: WaitingGap[] = [];
	#gapId = 0;

	constructor(epoch = 'epoch-1') {
		this.beginEpoch(epoch);
	}

	beginEpoch(epoch: string): void {
		this.#epochs.push({ epoch, acked: 0, sealed: 0, lent: 0, rows: [], records: new Map() });
	}

	/** Seals a row in the newest epoch; answers its number. `row.record` must have been added to the epoch. */
	add(row: Omit<Row, 'seq'>): number {
		const epoch = this.#epochs.at(-1)!;
		epoch.sealed += 1;
		epoch.rows.push({ ...row, seq: epoch.sealed });
		if (row.record !== null) this.changed(epoch.records.get(row.record)!);
		return epoch.sealed;
	}

	/** Makes a record known to the newest epoch under `no`. */
	addRecord(no: number, record: WireRecord): void {
		this.#epochs.at(-1)!.records.set(no, record);
	}

	/** The record has other totals: an old master is to be told. */
	changed(record: WireRecord): void {
		this.#change += 1;
		this.#changes.set(record.id, { change: this.#change, record });
	}

	addGap(gap: Gap): void {
		this.#gapId += 1;
		this.#gaps.push({ id: this.#gapId, gap });
	}

	seal(): void {
		this.onSeal();
	}

	epochs(): readonly OutboxEpoch[] {
		return this.#epochs
			.filter(({ rows, acked }, index) => index === this.#epochs.length - 1 || rows.some(({ seq }) => seq > acked))
			.map(({ epoch, acked, sealed, lent }) => ({ epoch, acked, sealed, lent }));
	}

	peek(name: string, after: number, { maxRows, maxBytes }: BatchLimits): OutboxBatch | null {
		const epoch = this.#find(name);
		const rows: Row[] = [];
		const records: { no: number; record: WireRecord }[] = [];
		const named = new Set<number | null>([null]);
		let bytes = 0;
		for (const row of epoch?.rows ?? []) {
			const isFirst = !named.has(row.record);
			named.add(row.record);
			if (row.seq <= after) continue;
			const record = isFirst ? epoch!.records.get(row.record!)! : null;
			bytes += rowBytes + (record ? JSON.stringify(record).length : 0);
			if (rows.length > 0 && (rows.length >= maxRows || bytes > maxBytes)) break;
			rows.push(row);
			if (record) records.push({ no: row.record!, record });
		}
		if (epoch) epoch.lent = Math.max(epoch.lent, rows.at(-1)?.seq ?? 0);
		return rows.length > 0 ? { after, rows, records } : null;
	}

	ack(name: string, seq: number): void {
		const epoch = this.#find(name);
		if (!epoch || seq <= epoch.acked) return;
		epoch.acked = Math.min(seq, epoch.sealed);
		epoch.lent = Math.max(epoch.lent, epoch.acked);
		if (!this.keeps) this.release();
	}

	/** What was acknowledged is gone for good. */
	release(): void {
		for (const epoch of this.#epochs) epoch.rows = epoch.rows.filter(({ seq }) => seq > epoch.acked);
	}

	rewind(name: string, acked: number): Gap | null {
		const epoch = this.#find(name);
		if (!epoch || acked >= epoch.acked) return null;
		const oldest = epoch.rows.find(({ seq }) => seq > acked);
		const first = oldest?.seq ?? epoch.sealed + 1;
		epoch.acked = acked;
		if (first === acked + 1) return null;
		const to = oldest?.bucket ?? 0;
		const gap = { from: to, to, what: `rows ${acked + 1} to ${first - 1} are no longer kept` };
		this.addGap(gap);
		return gap;
	}

	beginAnew(acked: number): void {
		const epoch = this.#epochs.at(-1)!;
		this.ack(epoch.epoch, acked);
		epoch.rows = epoch.rows.filter(({ seq }) => seq <= epoch.acked);
		epoch.sealed = epoch.acked;
		this.addGap({ from: 0, to: 0, what: 'counting began afresh' });
		this.beginEpoch(`epoch-${this.#epochs.length + 1}`);
	}

	setAside(name: string, seq: number, why: string): 'record' | 'row' {
		const epoch = this.#find(name)!;
		this.setAsides.push({ epoch: name, seq, why });
		const row = epoch.rows.find((other) => other.seq === seq)!;
		const record = this.#introduced(epoch, row);
		if (record && record.start !== '') {
			epoch.records.set(row.record!, { ...record, host: '', start: '', rule: '', chains: '[]' });
			return 'record';
		}
		epoch.rows = epoch.rows.filter((other) => other !== row);
		return 'row';
	}

	changedRecords(after: number, limit: number): readonly ChangedRecord[] {
		return [...this.#changes.values()]
			.filter(({ change }) => change > after)
			.sort((a, b) => a.change - b.change)
			.slice(0, limit);
	}

	ackChanges(change: number): void {
		this.ackedChange = Math.max(this.ackedChange, change);
		const taken = new Set(
			[...this.#changes.values()].filter((one) => one.change <= change).map(({ record }) => record.id),
		);
		for (const epoch of this.#epochs) {
			const isTaken = ({ record }: Row) => record !== null && taken.has(epoch.records.get(record)!.id);
			epoch.rows = epoch.rows.filter((row) => !isTaken(row));
		}
	}

	refuseChange(change: number, why: string): void {
		this.refused.push({ change, why });
		for (const [id, one] of this.#changes) if (one.change === change) this.#changes.delete(id);
	}

	gaps(): readonly WaitingGap[] {
		return this.#gaps;
	}

	ackGaps(id: number): void {
		this.#gaps = this.#gaps.filter((gap) => gap.id > id);
	}

	backlogSeconds(wall: number): number {
		const waiting = this.#epochs.flatMap(({ rows, acked }) => rows.filter(({ seq }) => seq > acked));
		return waiting.length === 0 ? 0 : Math.max(0, wall / 1000 - Math.min(...waiting.map(({ bucket }) => bucket)));
	}

	#find(name: string): Epoch | undefined {
		return this.#epochs.find(({ epoch }) => epoch === name);
	}

	/** The record that this row is the first to name. */
	#introduced(epoch: Epoch, row: Row): WireRecord | null {
		if (row.record === null) return null;
		const first = epoch.rows.find(({ record }) => record === row.record);
		return first === row ? epoch.records.get(row.record)! : null;
	}
}
