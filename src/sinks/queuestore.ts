// What can be done with an open queue file, each whole or not at all: commit what was sealed, lend rows to the sync,
// take an acknowledgement, go back, set aside. Throws `DatabaseError`.

import type { Bytes, Connection } from '../record.ts';
import type { Gap, Kind } from '../wire.ts';
import { type RecordHosts, storedOf, storedPlain, wireOf } from './connectionrecord.ts';
import type { BatchLimits, ChangedRecord, OutboxBatch } from './outbox.ts';
import { type NewRow, type QueueFile, rowOf } from './queuefile.ts';
import { addGap } from './queuegaps.ts';
import { type EpochLine, kindNo, type RowLine } from './queueschema.ts';

/** What the engine hands over: new records, then rows that name them. Numbers are of the live epoch. */
export interface Sealed {
	readonly firstSeen: readonly (Bytes & { readonly no: number; readonly connection: Connection })[];
	readonly rows: readonly NewRow[];
	/** Numbers of connections of which no row will come any more. */
	readonly ended: readonly number[];
	/** Parts of the history that have changed; null: the part is over. */
	readonly history: readonly (readonly [part: string, text: string | null])[];
}

export const nothingSealed: Sealed = { firstSeen: [], rows: [], ended: [], history: [] };

const usage = kindNo.usage;
/** Kinds that add up to the core. */
const coreKinds: readonly number[] = [kindNo.usage, kindNo.unattributed];
/** What a row, and a record, take as JSON: from above. */
const rowBytes = 40;
const recordBytes = 900;

const wasPutBack =
	"the queue's file is an older copy of one that went on: counting began afresh, so that nothing is counted twice";

export class QueueStore {
	readonly file: QueueFile;
	readonly #hosts: RecordHosts;
	#live: EpochLine;

	constructor(file: QueueFile, live: string, hosts: RecordHosts) {
		this.file = file;
		this.#hosts = hosts;
		this.#live = file.get<EpochLine>('SELECT * FROM epochs WHERE name = ?', live)!;
	}

	/** The epoch that grows. */
	get live(): EpochLine {
		return this.#live;
	}

	/** All of it is on disk when this returns. `wall` in s. */
	commit(sealed: Sealed, checkpoint: Uint8Array | null, wall: number): void {
		this.#transaction(() => {
			for (const { no, connection, up, down } of sealed.firstSeen) {
				this.file.addRecord(this.#live.id, no, storedOf(connection, this.#hosts), { up, down, updated: wall });
			}
			this.#addRows(sealed.rows, wall);
			for (const no of sealed.ended) this.file.endRecord(this.#live.id, no);
			for (const [part, text] of sealed.history) this.file.setHistory(part, text);
			if (checkpoint) this.file.keep('checkpoint', checkpoint);
		});
	}

	/** Rows for the sync; from now on the master may have them. */
	lend(name: string, after: number, { maxRows, maxBytes }: BatchLimits): OutboxBatch | null {
		const epoch = this.#epoch(name);
		if (!epoch) return null;
		const rows: ReturnType<typeof rowOf>[] = [];
		const records: OutboxBatch['records'][number][] = [];
		const introduced = new Map<number, number>();
		let bytes = 0;
		type Line = RowLine & { own: string | null; first: number };
		const lines = this.file.iterate<Line>(
			`SELECT rows.*, r.own, r.first FROM rows
			LEFT JOIN records r ON r.epoch = rows.epoch AND r.no = rows.record AND (r.first = 0 OR r.first = rows.seq)
			WHERE rows.epoch = ? AND rows.seq > ? ORDER BY rows.seq LIMIT ?`,
			...[epoch.id, after, maxRows],
		);
		for (const line of lines) {
			const isNew = line.own !== null && !introduced.has(line.record!);
			bytes += rowBytes + (isNew ? recordBytes + line.own!.length : 0);
			if (rows.length > 0 && bytes > maxBytes) break;
			rows.push(rowOf(line));
			if (isNew) introduced.set(line.record!, line.first === 0 ? line.seq : 0);
		}
		if (rows.length === 0) return null;
		for (const no of introduced.keys()) {
			const record = this.file.record(epoch.id, no)!;
			records.push({ no, record: wireOf(record, record) });
		}
		const last = rows.at(-1)!.seq;
		const fresh = [...introduced].filter(([, seq]) => seq > 0);
		if (last > epoch.lent || fresh.length > 0) {
			this.#transaction(() => {
				if (last > epoch.lent) this.file.setEpoch(epoch.id, 'lent', last);
				for (const [no, seq] of fresh) {
					this.file.run('UPDATE records SET first = ? WHERE epoch = ? AND no = ?', seq, epoch.id, no);
				}
			});
		}
		return { after, rows, records };
	}

	/** `wall` in s. */
	acknowledge(name: string, upTo: number, wall: number): void {
		const epoch = this.#epoch(name);
		if (epoch && Math.min(upTo, epoch.sealed) > epoch.acked) {
			this.#transaction(() => this.#acknowledge(epoch, Math.min(upTo, epoch.sealed), wall));
		}
	}

	/**
	 * The master has rows of the live epoch up to `acked` that another life of this file sent: what is above them here
	 * might be the same bytes. It is dropped, and `name` is the live epoch from now on. `wall` in s.
	 */
	beginAnew(name: string, acked: number, wall: number, gapsGiven: number): void {
		const epoch = this.#live;
		this.#transaction(() => {
			const taken = Math.min(acked, epoch.sealed);
			if (taken > epoch.acked) this.#acknowledge(epoch, taken, wall);
			const oldest = this.file.get<{ wall: number | null }>(
				'SELECT min(coalesce(since, bucket)) AS wall FROM rows WHERE epoch = ? AND seq > ?',
				...[epoch.id, taken],
			)!.wall;
			for (const group of this.file.sumsOf(epoch.id, taken, epoch.sealed)) {
				this.file.move(group.kind, 'queued', 'dropped', group);
			}
			this.file.removeRows(epoch.id, taken, epoch.sealed);
			this.file.run('UPDATE records SET ended = 1 WHERE epoch = ?', epoch.id);
			this.file.addEpoch(name);
			this.file.keep('live', name);
			this.file.keep('checkpoint', null);
			addGap(this.file, { from: Math.min(oldest ?? wall, wall), to: wall, what: wasPutBack }, gapsGiven);
		});
		this.#live = this.#epoch(name)!;
	}

	#acknowledge(epoch: EpochLine, seq: number, wall: number): void {
		let [up, down] = [epoch.taken_up, epoch.taken_down];
		for (const group of this.file.sumsOf(epoch.id, epoch.acked, seq)) {
			this.file.move(group.kind, 'queued', 'acknowledged', group);
			if (!coreKinds.includes(group.kind)) continue;
			up += group.up;
			down += group.down;
		}
		this.file.run(
			'UPDATE epochs SET acked = ?, lent = max(lent, ?), taken_up = ?, taken_down = ? WHERE id = ?',
			...[seq, seq, up, down, epoch.id],
		);
		this.file.addMark(epoch.id, seq, wall, { up, down });
	}

	/** The master has the rows up to `acked` alone. Answers what is no longer kept. `wall` in s. */
	rewind(name: string, acked: number, wall: number, gapsGiven: number): Gap | null {
		const epoch = this.#epoch(name);
		if (!epoch || acked >= epoch.acked) return null;
		return this.#transaction(() => {
			for (const group of this.file.sumsOf(epoch.id, acked, epoch.acked)) {
				this.file.move(group.kind, 'acknowledged', 'queued', group);
			}
			const then = this.file.mark(epoch.id, acked);
			const known = then?.seq === acked ? then : acked === 0 ? { up: 0, down: 0, wall: 0 } : null;
			const gap = acked < epoch.gone ? this.#gapBefore(epoch, known, wall) : null;
			this.file.run(
				'UPDATE epochs SET acked = ?, taken_up = ?, taken_down = ? WHERE id = ?',
				...[acked, known?.up ?? epoch.taken_up, known?.down ?? epoch.taken_down, epoch.id],
			);
			// What the master had been told of these it has forgotten; who sends the row sends the record.
			this.file.run('UPDATE records SET first = 0 WHERE epoch = ? AND first > ?', epoch.id, acked);
			this.file.run('DELETE FROM marks WHERE epoch = ? AND seq > ?', epoch.id, acked);
			if (gap) addGap(this.file, gap, gapsGiven);
			return gap;
		});
	}

	setAside(name: string, seq: number, why: string, gapsGiven: number): 'record' | 'row' {
		const epoch = this.#epoch(name);
		const row = epoch && this.file.get<RowLine>('SELECT * FROM rows WHERE epoch = ? AND seq = ?', epoch.id, seq);
		if (!epoch || !row) return 'row';
		return this.#transaction(() => {
			const record = row.record === null ? undefined : this.file.record(epoch.id, row.record);
			const plain = record && storedPlain(record.own);
			if (record?.first === seq && (record.own !== plain!.own || record.shape !== plain!.shape)) {
				this.file.setRecord(epoch.id, record.no, plain!);
				return 'record';
			}
			this.#drop(epoch.id, row, `refused by the master: ${why}`, gapsGiven);
			return 'row';
		});
	}

	/** Bucket of the oldest row that was not acknowledged. */
	oldestWaiting(): number | null {
		const first = 'SELECT bucket FROM rows WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT 1';
		const buckets = this.file
			.epochs()
			.map(({ id, acked }) => this.file.get<{ bucket: number }>(first, id, acked)?.bucket)
			.filter((bucket) => bucket !== undefined);
		return buckets.length > 0 ? Math.min(...buckets) : null;
	}

	// For a master that knows records alone

	changedRecords(after: number, limit: number): ChangedRecord[] {
		const upTo = Number.MAX_SAFE_INTEGER;
		return this.file
			.changedRecords(after, upTo, limit)
			.map((line) => ({ change: line.change, record: wireOf(line, line) }));
	}

	/** The highest number that was given to a change. */
	get lastChange(): number {
		return Number(this.file.kept('change') ?? 0);
	}

	get ackedChange(): number {
		return Number(this.file.kept('acked_change') ?? 0);
	}

	/** Rows of which the master has the sums are acknowledged, wherever they stand in the queue. */
	acknowledgeChanges(change: number): void {
		const before = this.ackedChange;
		if (change <= before) return;
		this.#transaction(() => {
			const condition = `kind = ${usage} AND seq > (SELECT acked FROM epochs e WHERE e.id = rows.epoch) AND EXISTS
				(SELECT 1 FROM records r WHERE r.epoch = rows.epoch AND r.no = rows.record AND r.change > 0 AND r.change <= ?)`;
			const sum = this.file.get<{ up: number | null; down: number | null }>(
				`SELECT sum(up) AS up, sum(down) AS down FROM rows WHERE ${condition}`,
				change,
			)!;
			this.file.move(usage, 'queued', 'acknowledged', { up: sum.up ?? 0, down: sum.down ?? 0 });
			this.file.run(`DELETE FROM rows WHERE ${condition}`, change);
			this.file.run('DELETE FROM records WHERE ended = 1 AND change > 0 AND change <= ?', change);
			this.file.keep('acked_change', change);
		});
	}

	refuseChange(change: number, why: string, gapsGiven: number): void {
		const record = this.file.changedRecords(change - 1, change, 1)[0];
		if (!record) return;
		this.#transaction(() => {
			const rows = this.file.all<RowLine>(
				'SELECT * FROM rows WHERE epoch = ? AND record = ? AND seq > ?',
				...[record.epoch, record.no, this.file.epochs().find(({ id }) => id === record.epoch)?.acked ?? 0],
			);
			for (const row of rows) this.#drop(record.epoch, row, `refused by the master: ${why}`, gapsGiven);
			this.file.setRecord(record.epoch, record.no, storedPlain(record.own));
		});
	}

	/** Runs `work` as one transaction; afterwards, done or not, the live epoch is as the file has it. */
	transaction<T>(work: () => T extends PromiseLike<unknown> ? never : T): T {
		return this.#transaction(work);
	}

	#addRows(rows: readonly NewRow[], wall: number): void {
		if (rows.length === 0) return;
		const { id } = this.#live;
		let seq = this.#live.sealed;
		let change = this.lastChange;
		const sums = new Map<Kind, { up: number; down: number }>();
		for (const row of rows) {
			seq += 1;
			this.file.addRow(id, seq, row);
			const sum = sums.get(row.kind) ?? { up: 0, down: 0 };
			sum.up += row.up;
			sum.down += row.down;
			sums.set(row.kind, sum);
			if (row.record === null) continue;
			change += 1;
			this.file.growRecord(id, row.record, { up: row.up, down: row.down, seq, updated: wall, change });
		}
		for (const [kind, sum] of sums) {
			this.file.addSum(kindNo[kind], 'sealed', sum);
			this.file.addSum(kindNo[kind], 'queued', sum);
		}
		this.file.setEpoch(id, 'sealed', seq);
		this.file.keep('change', change);
	}

	#drop(epoch: number, row: RowLine, what: string, gapsGiven: number): void {
		this.file.removeRows(epoch, row.seq - 1, row.seq);
		this.file.move(row.kind, 'queued', 'dropped', row);
		this.file.run('UPDATE records SET first = 0 WHERE epoch = ? AND first = ?', epoch, row.seq);
		const from = row.since ?? row.bucket;
		addGap(this.file, { from, to: row.bucket, what, lost: { up: row.up, down: row.down } }, gapsGiven);
	}

	/** Rows in (what the master has, `gone`] are nowhere any more. */
	#gapBefore(epoch: EpochLine, then: (Bytes & { wall: number }) | null, wall: number): Gap {
		const until = this.file.mark(epoch.id, epoch.gone);
		const what = 'the master was put back to an older state; these rows are no longer kept here';
		const gap = { from: then?.wall ?? 0, to: until?.wall ?? wall, what };
		if (!then || !until) return gap;
		const kept = this.file.sumsOf(epoch.id, epoch.gone, until.seq).filter(({ kind }) => coreKinds.includes(kind));
		const sum = (way: 'up' | 'down') => until[way] - then[way] - kept.reduce((total, group) => total + group[way], 0);
		return { ...gap, lost: { up: sum('up'), down: sum('down') } };
	}

	#epoch(name: string): EpochLine | undefined {
		return this.file.get<EpochLine>('SELECT * FROM epochs WHERE name = ?', name);
	}

	#transaction<T>(work: () => T extends PromiseLike<unknown> ? never : T): T {
		try {
			return this.file.database.transaction<T>(work);
		} catch (error) {
			this.file.forget();
			throw error;
		} finally {
			this.#refresh();
		}
	}

	#refresh(): void {
		try {
			this.#live = this.#epoch(this.#live.name) ?? this.#live;
		} catch {
			// The disk fails; the next transaction reads it again.
		}
	}
}
