// Keeps the queue within its bounds: what was acknowledged leaves first; then rows that were never sent are folded, by
// connection and hour, then by hour, class, device and node; only then is the oldest dropped. Each step is counted.

import type { Clock } from '../system/clock.ts';
import { placeOf, storedFold } from './connectionrecord.ts';
import type { QueueFile } from './queuefile.ts';
import { addGap } from './queuegaps.ts';
import { type EpochLine, firstFoldNo, kindNo, type RowLine } from './queueschema.ts';
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

const hourSeconds = 3_600;
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
	/** Synthetic records by epoch, device and node. */
	readonly #folds = new Map<string, number>();
	/** A master that adds up nothing by itself would count a folded connection twice. */
	keepsRecords = false;
	/** The highest gap that was given to the sync. */
	gapsGiven = 0;

	constructor(store: QueueStore, bounds: Bounds, clock: Clock) {
		this.#store = store;
		this.#file = store.file;
		this.#bounds = bounds;
		this.#clock = clock;
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

	/** The file is full: something has to go, now. */
	makeRoom(): void {
		const said: string[] = [];
		this.#release();
		for (let step = 0; step < 5; step += 1) this.#step(said);
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
			this.#file.removeEndedRecords(epoch.id, upTo, { lent: true });
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
			if (this.#foldHours(epoch)) return said.push('rows that wait were folded to hours') > 0;
		}
		for (const epoch of this.keepsRecords ? [] : epochs) {
			if (this.#foldPlaces(epoch)) return said.push('hosts of rows that wait were given up') > 0;
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
			this.#file.removeEndedRecords(epoch.id, upTo, { lent: false });
			const from = Math.min(...groups.map(({ oldest }) => oldest));
			addGap(this.#file, { from, to: Math.max(...groups.map(({ newest }) => newest)), what, lost }, this.gapsGiven);
		});
		said.push(what);
	}

	/** Never sent, never folded that way, and of hours that are over. */
	#foldable(epoch: EpochLine, from: number, upTo: number): RowLine[] {
		const hour = Math.floor(this.#clock.wall() / 1000 / hourSeconds) * hourSeconds;
		const rows = this.#file.all<RowLine>(
			'SELECT * FROM rows WHERE epoch = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?',
			...[epoch.id, Math.max(from, epoch.lent, epoch.acked), upTo, stepRows],
		);
		const young = rows.findIndex(({ bucket }) => bucket >= hour);
		const old = young < 0 ? rows : rows.slice(0, young);
		// Whole hours, where a step holds one.
		const hourOf = ({ bucket }: RowLine) => Math.floor(bucket / hourSeconds);
		const last = old.at(-1);
		const whole = old.length === stepRows && last ? old.filter((row) => hourOf(row) < hourOf(last)) : old;
		return whole.length > 0 ? whole : old;
	}

	#foldHours(epoch: EpochLine): boolean {
		const rows = this.#foldable(epoch, epoch.folded1, Number.MAX_SAFE_INTEGER);
		if (rows.length === 0) return false;
		this.#store.transaction(() => {
			this.#replace(epoch, rows, (row) => row.record);
			this.#file.setEpoch(epoch.id, 'folded1', rows.at(-1)!.seq);
		});
		return true;
	}

	#foldPlaces(epoch: EpochLine): boolean {
		const rows = this.#foldable(epoch, epoch.folded2, epoch.folded1);
		if (rows.length === 0) return false;
		// What a step that failed has learned is not in the file.
		this.#folds.clear();
		this.#store.transaction(() => {
			const places = new Map<number, number>();
			this.#replace(epoch, rows, ({ record }) => {
				if (record === null || record >= firstFoldNo) return record;
				let no = places.get(record);
				if (no === undefined) {
					no = this.#placeNo(epoch, record);
					places.set(record, no);
				}
				return no;
			});
			const upTo = rows.at(-1)!.seq;
			this.#file.setEpoch(epoch.id, 'folded2', upTo);
			this.#file.removeEndedRecords(epoch.id, upTo, { lent: false });
			this.#file.removeUnusedShapes();
		});
		return true;
	}

	/** Rows of one hour that agree in all else become one, under the highest of their numbers. */
	#replace(epoch: EpochLine, rows: readonly RowLine[], recordOf: (row: RowLine) => number | null): void {
		const groups = new Map<string, { -readonly [Key in keyof RowLine]: RowLine[Key] }>();
		for (const row of rows) {
			const record = recordOf(row);
			const bucket = row.bucket - (row.bucket % hourSeconds);
			const key = `${row.kind} ${bucket} ${row.class} ${record} ${row.since === null ? '' : 'since'} ${row.device}`;
			const group = groups.get(key);
			if (!group) {
				groups.set(key, { ...row, bucket, record });
				continue;
			}
			group.seq = Math.max(group.seq, row.seq);
			group.up += row.up;
			group.down += row.down;
			if (row.since !== null && group.since !== null) group.since = Math.min(group.since, row.since);
		}
		this.#file.removeRows(epoch.id, rows[0]!.seq - 1, rows.at(-1)!.seq);
		for (const { seq, kind, bucket, since, class: class_, record, device, up, down } of groups.values()) {
			this.#file.run(
				'INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
				...[epoch.id, seq, kind, bucket, since, class_, record, device, up, down],
			);
			if (record === null || record < firstFoldNo) continue;
			this.#file.run(
				'UPDATE records SET last = max(last, ?), updated = ? WHERE epoch = ? AND no = ?',
				seq,
				bucket,
				epoch.id,
				record,
			);
		}
	}

	/** The record that stands for all connections of that device through that node. */
	#placeNo(epoch: EpochLine, record: number): number {
		const place = placeOf(this.#file.record(epoch.id, record)?.shape ?? '{}');
		const id = `folded ${place.source} ${place.chains}`;
		const key = `${epoch.id} ${id}`;
		let no = this.#folds.get(key);
		const stored = storedFold(`netmon-${epoch.name}-${id}`, place);
		no ??= this.#file.get<{ no: number }>(
			'SELECT no FROM records WHERE epoch = ? AND no >= ? AND own = ?',
			...[epoch.id, firstFoldNo, stored.own],
		)?.no;
		if (no === undefined) {
			const highest = this.#file.get<{ no: number | null }>(
				'SELECT max(no) AS no FROM records WHERE epoch = ? AND no >= ?',
				...[epoch.id, firstFoldNo],
			)!.no;
			no = (highest ?? firstFoldNo) + 1;
			this.#file.addRecord(epoch.id, no, stored, { up: 0, down: 0, updated: 0 });
		}
		if (this.#folds.size > 10_000) this.#folds.clear();
		this.#folds.set(key, no);
		return no;
	}
}
