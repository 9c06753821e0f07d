// What can be done with an open queue file, each whole or not at all: commit what was sealed, lend rows to the sync,
// take an acknowledgement, go back, set aside. Throws `DatabaseError`.

import type { Bytes, Connection } from '../record.ts';
import type { Kind } from '../wire.ts';
import { type RecordHosts, storedOf, storedPlain, wireOf } from './connectionrecord.ts';
import type { BatchLimits, OutboxBatch } from './outbox.ts';
import { type NewRow, type QueueFile, rowOf } from './queuefile.ts';
import { addGap } from './queuegaps.ts';
import { coreKinds, type EpochLine, kindNo, type RowLine } from './queueschema.ts';

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

/** What a row, and a record, take as JSON: from above. */
const rowBytes = 40;
const recordBytes = 900;

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

	/** Another epoch of the file grows from now on. */
	become(name: string): void {
		this.#live = this.epoch(name)!;
	}

	epoch(name: string): EpochLine | undefined {
		return this.file.get<EpochLine>('SELECT * FROM epochs WHERE name = ?', name);
	}

	/** All of it is on disk when this returns. `wall` in s. */
	commit(sealed: Sealed, checkpoint: Uint8Array | null, wall: number): void {
		this.#transaction(() => {
			for (const { no, connection, up, down } of sealed.firstSeen) {
				this.file.records.add(this.#live.id, no, storedOf(connection, this.#hosts), { up, down, updated: wall });
			}
			this.#addRows(sealed.rows, wall);
			for (const no of sealed.ended) this.file.records.end(this.#live.id, no);
			for (const [part, text] of sealed.history) this.file.setHistory(part, text);
			if (checkpoint) this.file.keep('checkpoint', checkpoint);
		});
	}

	/** Rows for the sync; from now on the master may have them. */
	lend(name: string, after: number, { maxRows, maxBytes }: BatchLimits): OutboxBatch | null {
		const epoch = this.epoch(name);
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
			const record = this.file.records.get(epoch.id, no)!;
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
		const epoch = this.epoch(name);
		if (epoch && Math.min(upTo, epoch.sealed) > epoch.acked) {
			this.#transaction(() => this.take(epoch, Math.min(upTo, epoch.sealed), wall));
		}
	}

	setAside(name: string, seq: number, why: string, gapsGiven: number): 'record' | 'row' {
		const epoch = this.epoch(name);
		const row = epoch && this.file.get<RowLine>('SELECT * FROM rows WHERE epoch = ? AND seq = ?', epoch.id, seq);
		if (!epoch || !row) return 'row';
		return this.#transaction(() => {
			const record = row.record === null ? undefined : this.file.records.get(epoch.id, row.record);
			const plain = record && storedPlain(record.own);
			if (record?.first === seq && (record.own !== plain!.own || record.shape !== plain!.shape)) {
				this.file.records.set(epoch.id, record.no, plain!);
				return 'record';
			}
			this.drop(epoch.id, row, `refused by the master: ${why}`, gapsGiven);
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

	/** The master has the rows of `epoch` up to `seq`. Whoever calls holds the transaction; `wall` in s. */
	take(epoch: EpochLine, seq: number, wall: number): void {
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

	/** One row that cannot be told: counted, and a gap. Whoever calls holds the transaction. */
	drop(epoch: number, row: RowLine, what: string, gapsGiven: number): void {
		this.file.removeRows(epoch, row.seq - 1, row.seq);
		this.file.move(row.kind, 'queued', 'dropped', row);
		this.file.run('UPDATE records SET first = 0 WHERE epoch = ? AND first = ?', epoch, row.seq);
		const from = row.since ?? row.bucket;
		addGap(this.file, { from, to: row.bucket, what, lost: { up: row.up, down: row.down } }, gapsGiven);
	}

	/** Runs `work` as one transaction; afterwards, done or not, the live epoch is as the file has it. */
	transaction<T>(work: () => T extends PromiseLike<unknown> ? never : T): T {
		return this.#transaction(work);
	}

	#addRows(rows: readonly NewRow[], wall: number): void {
		if (rows.length === 0) return;
		const { id } = this.#live;
		let seq = this.#live.sealed;
		let change = Number(this.file.kept('change') ?? 0);
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
			this.file.records.grow(id, row.record, { up: row.up, down: row.down, seq, updated: wall, change });
		}
		for (const [kind, sum] of sums) {
			this.file.addSum(kindNo[kind], 'sealed', sum);
			this.file.addSum(kindNo[kind], 'queued', sum);
		}
		this.file.setEpoch(id, 'sealed', seq);
		this.file.keep('change', change);
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
			this.#live = this.epoch(this.#live.name) ?? this.#live;
		} catch {
			// The disk fails; the next transaction reads it again.
		}
	}
}
