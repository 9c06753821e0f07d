// Connections in the queue's file: each under its number in its epoch, what many share (device, rule, chain) stored once as
// a shape. Whoever calls holds the transaction. Throws `DatabaseError`.
import type { Bytes } from '../record.ts';
import type { StoredRecord } from './connectionrecord.ts';
import type { QueueFile } from './queuefile.ts';

export interface RecordLine extends StoredRecord {
	readonly epoch: number;
	readonly no: number;
	readonly up: number;
	readonly down: number;
	readonly updated: number;
	readonly first: number;
	readonly last: number;
	readonly change: number;
}

const mostShapesKnown = 4_000;

const recordColumns = `r.epoch, r.no, r.own, s.text AS shape, r.up, r.down, r.updated, r.first, r.last, r.change`;

export class QueueRecords {
	readonly #file: QueueFile;
	readonly #shapes = new Map<string, number>();

	constructor(file: QueueFile) {
		this.#file = file;
	}

	/** After a transaction that was rolled back: what was learned in it is not so. */
	forget(): void {
		this.#shapes.clear();
	}

	add(epoch: number, no: number, { shape, own }: StoredRecord, { up, down, updated }: Bytes & { updated: number }) {
		this.#file.run(
			'INSERT INTO records (epoch, no, shape, own, up, down, updated) VALUES (?, ?, ?, ?, ?, ?, ?)',
			...[epoch, no, this.#shapeNo(shape), own, up, down, updated],
		);
	}

	/** A row has added to the record's totals. */
	grow(epoch: number, no: number, row: Bytes & { seq: number; updated: number; change: number }): void {
		this.#file.run(
			'UPDATE records SET up = up + ?, down = down + ?, updated = ?, last = ?, change = ? WHERE epoch = ? AND no = ?',
			...[row.up, row.down, row.updated, row.seq, row.change, epoch, no],
		);
	}

	set(epoch: number, no: number, { shape, own }: StoredRecord): void {
		this.#file.run(
			'UPDATE records SET shape = ?, own = ? WHERE epoch = ? AND no = ?',
			this.#shapeNo(shape),
			own,
			epoch,
			no,
		);
	}

	get(epoch: number, no: number): RecordLine | undefined {
		return this.#file.get<RecordLine>(
			`SELECT ${recordColumns} FROM records r JOIN shapes s ON s.no = r.shape WHERE r.epoch = ? AND r.no = ?`,
			...[epoch, no],
		);
	}

	/** In order of change. */
	changed(after: number, upTo: number, limit: number): RecordLine[] {
		return this.#file.all<RecordLine>(
			`SELECT ${recordColumns} FROM records r JOIN shapes s ON s.no = r.shape
			WHERE r.change > ? AND r.change <= ? ORDER BY r.change LIMIT ?`,
			...[after, upTo, limit],
		);
	}

	end(epoch: number, no: number): void {
		this.#file.run('UPDATE records SET ended = 1 WHERE epoch = ? AND no = ?', epoch, no);
	}

	/** Records of connections that have ended and of which no row is left, where rows up to `upTo` are gone. */
	removeEnded(epoch: number, upTo: number, { lent }: { readonly lent: boolean }): void {
		this.#file.run(
			`DELETE FROM records WHERE epoch = ? AND ended = 1 AND last <= ? ${lent ? '' : 'AND first = 0'}`,
			...[epoch, upTo],
		);
	}

	/** Shapes that no record uses any more. */
	removeUnusedShapes(): void {
		this.#file.run('DELETE FROM shapes WHERE no NOT IN (SELECT shape FROM records)');
		this.#shapes.clear();
	}

	#shapeNo(text: string): number {
		let no = this.#shapes.get(text);
		if (no !== undefined) return no;
		const known = this.#file.get<{ no: number }>('SELECT no FROM shapes WHERE text = ?', text);
		no = known?.no ?? this.#file.get<{ no: number }>('INSERT INTO shapes (text) VALUES (?) RETURNING no', text)!.no;
		if (this.#shapes.size >= mostShapesKnown) this.#shapes.clear();
		this.#shapes.set(text, no);
		return no;
	}
}
