// The queue for a master that knows records alone: connections in the order in which they changed, each with the totals of
// its life. Rows count as acknowledged when that master has their connection. Throws `DatabaseError`.
import { storedPlain, wireOf } from './connectionrecord.ts';
import type { ChangedRecord } from './outbox.ts';
import type { QueueFile } from './queuefile.ts';
import { kindNo, type RowLine } from './queueschema.ts';
import type { QueueStore } from './queuestore.ts';

const { usage } = kindNo;

export class QueueChanges {
	readonly #store: QueueStore;
	readonly #file: QueueFile;

	constructor(store: QueueStore) {
		this.#store = store;
		this.#file = store.file;
	}

	/** In the order of their last change. */
	records(after: number, limit: number): ChangedRecord[] {
		const upTo = Number.MAX_SAFE_INTEGER;
		return this.#file.records
			.changed(after, upTo, limit)
			.map((line) => ({ change: line.change, record: wireOf(line, line) }));
	}

	/** The highest number that was given to a change. */
	get last(): number {
		return Number(this.#file.kept('change') ?? 0);
	}

	/** Up to here a master has all. */
	get acked(): number {
		return Number(this.#file.kept('acked_change') ?? 0);
	}

	/** Rows of which the master has the sums are acknowledged, wherever they stand in the queue. */
	acknowledge(change: number): void {
		const before = this.acked;
		if (change <= before) return;
		this.#store.transaction(() => {
			const condition = `kind = ${usage} AND seq > (SELECT acked FROM epochs e WHERE e.id = rows.epoch) AND EXISTS
				(SELECT 1 FROM records r WHERE r.epoch = rows.epoch AND r.no = rows.record AND r.change > 0 AND r.change <= ?)`;
			const sum = this.#file.get<{ up: number | null; down: number | null }>(
				`SELECT sum(up) AS up, sum(down) AS down FROM rows WHERE ${condition}`,
				change,
			)!;
			this.#file.move(usage, 'queued', 'acknowledged', { up: sum.up ?? 0, down: sum.down ?? 0 });
			this.#file.run(`DELETE FROM rows WHERE ${condition}`, change);
			this.#file.run('DELETE FROM records WHERE ended = 1 AND change > 0 AND change <= ?', change);
			this.#file.keep('acked_change', change);
		});
	}

	/** The master refuses this one alone: its rows are dropped and counted, and what it told is emptied. */
	refuse(change: number, why: string, gapsGiven: number): void {
		const record = this.#file.records.changed(change - 1, change, 1)[0];
		if (!record) return;
		this.#store.transaction(() => {
			const rows = this.#file.all<RowLine>(
				'SELECT * FROM rows WHERE epoch = ? AND record = ? AND seq > ?',
				...[record.epoch, record.no, this.#file.epochs().find(({ id }) => id === record.epoch)?.acked ?? 0],
			);
			for (const row of rows) this.#store.drop(record.epoch, row, `refused by the master: ${why}`, gapsGiven);
			this.#file.records.set(record.epoch, record.no, storedPlain(record.own));
		});
	}
}
