// What a frame of the copy holds: rows of one epoch with the records that they name; made from the queue's file, and put
// back into one. Rows of a frame replace whatever stood under their numbers before.
import { packRows, unpackRows } from '../rowgroups.ts';
import type { QueueFile } from './queuefile.ts';
import { rowOf } from './queuefile.ts';
import type { RecordLine } from './queuerecords.ts';
import { type EpochLine, kindNo, type RowLine } from './queueschema.ts';

interface Frame {
	readonly epoch: string;
	readonly acked: number;
	/** The rows in (after, upTo]. */
	readonly after: number;
	readonly upTo: number;
	readonly rows: readonly object[];
	readonly shapes: readonly string[];
	/** Totals are those before the first row on flash: the rows add to them again. */
	readonly records: readonly (readonly [
		no: number,
		shape: number,
		own: string,
		up: number,
		down: number,
		at: number,
	])[];
}

/** Numbers of records, one bit each; those of folds go by name. */
export class NumberSet {
	#bits = new Uint8Array(1024);
	readonly #large = new Set<number>();

	has(no: number): boolean {
		return no > 0xffff_ffff ? this.#large.has(no) : ((this.#bits[no >>> 3] ?? 0) & (1 << (no & 7))) !== 0;
	}

	add(no: number): void {
		if (no > 0xffff_ffff) {
			this.#large.add(no);
			return;
		}
		if (no >>> 3 >= this.#bits.byteLength) {
			const grown = new Uint8Array((no >>> 3) * 2);
			grown.set(this.#bits);
			this.#bits = grown;
		}
		this.#bits[no >>> 3]! |= 1 << (no & 7);
	}
}

/** At most `mostRows` after `after`; null: there are none. `known`: records that are on flash already. */
export function makeFrame(
	file: QueueFile,
	epoch: EpochLine,
	{ after, mostRows, known }: { readonly after: number; readonly mostRows: number; readonly known: NumberSet },
): { readonly frame: Frame; readonly fresh: readonly number[]; readonly rows: number } | null {
	const rows = file.all<RowLine>(
		'SELECT * FROM rows WHERE epoch = ? AND seq > ? ORDER BY seq LIMIT ?',
		...[epoch.id, after, mostRows],
	);
	if (rows.length === 0) return null;
	const upTo = rows.at(-1)!.seq;
	const fresh = [...new Set(rows.map(({ record }) => record))].filter(
		(no) => no !== null && !known.has(no),
	) as number[];
	const grown = new Map(
		file
			.all<{ record: number; up: number; down: number }>(
				`SELECT record, sum(up) AS up, sum(down) AS down FROM rows
				WHERE epoch = ? AND seq > ? AND kind = ${kindNo.usage} GROUP BY record`,
				...[epoch.id, after],
			)
			.map((sum) => [sum.record, sum]),
	);
	const shapes = new Map<string, number>();
	const records = fresh
		.map((no) => file.records.get(epoch.id, no))
		.filter((record): record is RecordLine => record !== undefined)
		.map(({ no, shape, own, up, down, updated }) => {
			if (!shapes.has(shape)) shapes.set(shape, shapes.size);
			const since = grown.get(no) ?? { up: 0, down: 0 };
			const before = [Math.max(0, up - since.up), Math.max(0, down - since.down)] as const;
			return [no, shapes.get(shape)!, own, ...before, updated] as const;
		});
	const packed = packRows(rows.map(rowOf));
	const frame = {
		epoch: epoch.name,
		acked: epoch.acked,
		after,
		upTo,
		rows: packed,
		shapes: [...shapes.keys()],
		records,
	};
	return { frame, fresh, rows: rows.length };
}

/** Puts a frame back; false: it is not one. */
export function restoreFrame(file: QueueFile, value: unknown): boolean {
	const frame = parse(value);
	const rows = frame && unpackRows(frame.rows);
	if (!frame || !rows) return false;
	const known = file.get<EpochLine>('SELECT * FROM epochs WHERE name = ?', frame.epoch);
	const { id, sealed, acked } = known ?? file.addEpoch(frame.epoch);
	for (const [no, shape, own, up, down, updated] of frame.records) {
		if (file.records.get(id, no)) continue;
		file.records.add(id, no, { shape: frame.shapes[shape] ?? '{}', own }, { up, down, updated });
	}
	// What was folded after it was copied comes again under the same numbers.
	for (const { kind, up, down } of file.sumsOf(id, frame.after, frame.upTo)) {
		for (const name of ['sealed', 'queued'] as const) file.addSum(kind, name, { up: -up, down: -down });
	}
	file.removeRows(id, frame.after, frame.upTo);
	for (const row of rows) {
		file.addRow(id, row.seq, row);
		for (const name of ['sealed', 'queued'] as const) file.addSum(kindNo[row.kind], name, row);
		if (row.record === null) continue;
		const change = Number(file.kept('change') ?? 0) + 1;
		file.keep('change', change);
		file.records.grow(id, row.record, { up: row.up, down: row.down, seq: row.seq, updated: row.bucket, change });
	}
	const highest = Math.max(sealed, frame.upTo);
	// Any of them may have been sent: none is to be folded.
	file.run(
		'UPDATE epochs SET sealed = ?, lent = ?, acked = ?, gone = ? WHERE id = ?',
		...[highest, highest, Math.max(acked, frame.acked), Math.max(acked, frame.acked), id],
	);
	file.run('UPDATE records SET ended = 1 WHERE epoch = ?', id);
	return true;
}

function parse(value: unknown): Frame | null {
	const frame = value as Partial<Frame> | null;
	if (typeof frame !== 'object' || frame === null) return null;
	const { epoch, acked, after, upTo, rows, shapes, records } = frame;
	const numbers = [acked, after, upTo].every((number) => Number.isSafeInteger(number) && (number as number) >= 0);
	if (typeof epoch !== 'string' || !numbers || ![rows, shapes, records].every(Array.isArray)) return null;
	return frame as Frame;
}
