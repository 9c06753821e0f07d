// Keeps the queue within its bounds: what was acknowledged leaves first; then rows that were never sent are folded, by
// connection and hour, then by hour, class, device and node; only then is the oldest dropped. Each step is counted.

import type { Clock } from '../system/clock.ts';
import { DatabaseError } from '../system/database.ts';
import type { QueueFile } from './queuefile.ts';
import { QueueFold } from './queuefold.ts';
import { addGap } from './queuegaps.ts';
import { type EpochLine, kindNo } from './queueschema.ts';
import type { QueueStore } from './queuestore.ts';

export interface Bounds {
	/** Of the file; it never has more. */
	readonly bytes: number;
	/** Rows that wait, and those that are still kept. */
	readonly rows: number;
	/** Rows that wait longer are dropped. */
	readonly ageMs: number;
	/** Acknowledged rows stay so long; 0: they leave at once. */
	readonly retentionMs: number;
}

/** Rows in one step: what a transaction holds in memory and in the WAL stays small. */
const stepRows = 10_000;
/** From here on the file is too full: what is left must hold the checkpoint and a bucket of rows. */
const fullShare = 0.8;
const enoughShare = 0.75;
const mostSteps = 200;

export class QueueBounds {
	readonly #store: QueueStore;
	readonly #file: QueueFile;
	readonly #bounds: Bounds;
	readonly #clock: Clock;
	readonly #fold: QueueFold;
	/** A master that adds up nothing by itself would count a folded connection twice. */
	keepsRecords = false;
	/** The highest gap that was given to the sync. */
	gapsGiven = 0;

	constructor(store: QueueStore, bounds: Bounds, clock: Clock) {
		this.#store = store;
		this.#file = store.file;
		this.#bounds = bounds;
		this.#clock = clock;
		this.#fold = new QueueFold(store, clock);
	}

	/** After each commit of rows and each acknowledgement. Answers a sentence when something was lost or coarsened. */
	keep(): string | null {
		const said: string[] = [];
		this.#release();
		this.#expire(said);
		if (this.#isOver(fullShare)) {
			for (let step = 0; step < mostSteps && this.#isOver(enoughShare); step += 1) {
				if (!this.#step(said)) break;
			}
		}
		return said.length > 0 ? [...new Set(said)].join('; ') : null;
	}

	/** Runs `work`, and once more where the file was full by our own bound: then what is oldest makes room. */
	withRoom(work: () => void): void {
		try {
			work();
		} catch (error) {
			if (!(error instanceof DatabaseError) || error.code !== 'SQLITE_FULL' || error.disk !== null) throw error;
			const said: string[] = [];
			this.#release();
			for (let step = 0; step < 5; step += 1) this.#step(said);
			work();
		}
	}

	#isOver(share: number): boolean {
		return this.#file.usedBytes() > this.#bounds.bytes * share || this.#file.countRowsBeyond(this.#bounds.rows);
	}

	/** What the retention lets go. */
	#release(): void {
		const young = Math.floor((this.#clock.wall() - this.#bounds.retentionMs) / 1000);
		for (const epoch of this.#file.epochs()) {
			if (epoch.acked > epoch.gone) {
				const first =
					this.#bounds.retentionMs > 0 &&
					this.#file.get<{ seq: number }>(
						'SELECT seq FROM rows WHERE epoch = ? AND seq > ? AND bucket >= ? ORDER BY seq LIMIT 1',
						...[epoch.id, epoch.gone, young],
					);
				this.#letGo(epoch, Math.min(epoch.acked, first ? first.seq - 1 : epoch.acked));
			}
			if (epoch.id === this.#store.live.id) continue;
			if (this.#file.get('SELECT 1 FROM rows WHERE epoch = ? LIMIT 1', epoch.id)) continue;
			this.#store.transaction(() => this.#file.removeEpoch(epoch.id));
		}
	}

	#letGo(epoch: EpochLine, upTo: number): void {
		if (upTo <= epoch.gone) return;
		this.#store.transaction(() => {
			this.#file.removeRows(epoch.id, 0, upTo);
			this.#file.setEpoch(epoch.id, 'gone', upTo);
			this.#file.records.removeEnded(epoch.id, upTo, { lent: true });
		});
	}

	/** What waited too long. */
	#expire(said: string[]): void {
		const oldest = Math.floor((this.#clock.wall() - this.#bounds.ageMs) / 1000);
		for (const epoch of this.#file.epochs()) {
			const from = epoch.acked;
			const young = this.#file.get<{ seq: number }>(
				'SELECT seq FROM rows WHERE epoch = ? AND seq > ? AND bucket >= ? ORDER BY seq LIMIT 1',
				...[epoch.id, from, oldest],
			);
			const upTo = young ? young.seq - 1 : epoch.sealed;
			const days = Math.round(this.#bounds.ageMs / 86_400_000);
			if (upTo > from) this.#drop(epoch, upTo, `expired: waited longer than ${days} days`, said);
		}
	}

	/** One step towards less; false: nothing can be done any more. */
	#step(said: string[]): boolean {
		const epochs = this.#file.epochs();
		for (const epoch of epochs) {
			if (epoch.acked <= epoch.gone) continue;
			this.#letGo(epoch, Math.min(epoch.acked, epoch.gone + stepRows));
			return true;
		}
		for (const epoch of epochs) {
			if (this.#fold.hours(epoch)) return said.push('rows that wait were folded to hours') > 0;
		}
		for (const epoch of this.keepsRecords ? [] : epochs) {
			if (this.#fold.places(epoch)) return said.push('hosts of rows that wait were given up') > 0;
		}
		for (const epoch of epochs) {
			const upTo = this.#file.get<{ seq: number | null }>(
				'SELECT max(seq) AS seq FROM (SELECT seq FROM rows WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?)',
				...[epoch.id, epoch.acked, stepRows],
			)?.seq;
			if (!upTo) continue;
			this.#drop(epoch, upTo, 'the queue was full: the oldest rows were dropped', said);
			return true;
		}
		return false;
	}

	#drop(epoch: EpochLine, upTo: number, what: string, said: string[]): void {
		const groups = this.#file.sumsOf(epoch.id, epoch.acked, upTo);
		if (groups.length === 0) return;
		this.#store.transaction(() => {
			let lost = { up: 0, down: 0 };
			for (const group of groups) {
				this.#file.move(group.kind, 'queued', 'dropped', group);
				if (group.kind > kindNo.unattributed) continue;
				lost = { up: lost.up + group.up, down: lost.down + group.down };
			}
			this.#file.removeRows(epoch.id, epoch.acked, upTo);
			this.#file.run(
				'UPDATE records SET first = 0 WHERE epoch = ? AND first > ? AND first <= ?',
				epoch.id,
				epoch.acked,
				upTo,
			);
			this.#file.records.removeEnded(epoch.id, upTo, { lent: false });
			const from = Math.min(...groups.map(({ oldest }) => oldest));
			addGap(this.#file, { from, to: Math.max(...groups.map(({ newest }) => newest)), what, lost }, this.gapsGiven);
		});
		said.push(what);
	}
}
