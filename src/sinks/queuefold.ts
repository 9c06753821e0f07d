// Folding: rows that were never sent become fewer, by connection and hour, then by hour, class, device and node. Sums stay
// exact; a fold has the highest number of what it replaces. Throws `DatabaseError`.
import type { Clock } from '../system/clock.ts';
import { placeOf, storedFold } from './connectionrecord.ts';
import type { QueueFile } from './queuefile.ts';
import { type EpochLine, firstFoldNo, type RowLine } from './queueschema.ts';
import type { QueueStore } from './queuestore.ts';

const hourSeconds = 3_600;
/** Rows in one step: what a transaction holds in memory and in the WAL stays small. */
const stepRows = 10_000;

export class QueueFold {
	readonly #store: QueueStore;
	readonly #file: QueueFile;
	readonly #clock: Clock;
	/** Synthetic records by epoch, device and node. */
	readonly #places = new Map<string, number>();

	constructor(store: QueueStore, clock: Clock) {
		this.#store = store;
		this.#file = store.file;
		this.#clock = clock;
	}

	/** One step by connection and hour; false: nothing is left to be folded so. */
	hours(epoch: EpochLine): boolean {
		const rows = this.#foldable(epoch, epoch.folded1, Number.MAX_SAFE_INTEGER);
		if (rows.length === 0) return false;
		this.#store.transaction(() => {
			this.#replace(epoch, rows, (row) => row.record);
			this.#file.setEpoch(epoch.id, 'folded1', rows.at(-1)!.seq);
		});
		return true;
	}

	/** One step further, by hour, class, device and node: hosts are given up; false: nothing is left. */
	places(epoch: EpochLine): boolean {
		const rows = this.#foldable(epoch, epoch.folded2, epoch.folded1);
		if (rows.length === 0) return false;
		// What a step that failed has learned is not in the file.
		this.#places.clear();
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
			this.#file.records.removeEnded(epoch.id, upTo, { lent: false });
			this.#file.records.removeUnusedShapes();
		});
		return true;
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
		const place = placeOf(this.#file.records.get(epoch.id, record)?.shape ?? '{}');
		const id = `folded ${place.source} ${place.chains}`;
		const key = `${epoch.id} ${id}`;
		let no = this.#places.get(key);
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
			this.#file.records.add(epoch.id, no, stored, { up: 0, down: 0, updated: 0 });
		}
		if (this.#places.size > 10_000) this.#places.clear();
		this.#places.set(key, no);
		return no;
	}
}
