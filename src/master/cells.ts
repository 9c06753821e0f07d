// Cells: one number for each combination of what sums are asked by. Found by a hash of the texts' numbers; two that
// share a hash get neighbouring ones.
import type { Database, SqlValue, Statement } from '../system/database.ts';
import { type CellColumn, type CellTexts, cellColumns } from './dimension.ts';
import type { Texts } from './texts.ts';

export interface Cell {
	readonly id: number;
	/** Numbers of texts in the order of `cellColumns`. */
	readonly codes: readonly number[];
}

const rememberedCells = 16_000;

export class Cells {
	readonly #database: Database;
	readonly #texts: Texts;
	readonly #byHash: Statement<[number], Record<CellColumn | 'id', number>>;
	readonly #byId: Statement<[number], Record<CellColumn | 'id', number>>;
	readonly #insert: Statement<SqlValue[]>;
	#cells = new Map<string, Cell>();
	#ids = new Map<number, Cell>();
	#next = 0;

	constructor(database: Database, texts: Texts) {
		this.#database = database;
		this.#texts = texts;
		const columns = ['id', ...cellColumns].join(', ');
		this.#byHash = database.prepare(`SELECT ${columns} FROM cell WHERE hash = ?`);
		this.#byId = database.prepare(`SELECT ${columns} FROM cell WHERE id = ?`);
		const marks = cellColumns.map(() => '?').join(', ');
		this.#insert = database.prepare(`INSERT INTO cell VALUES (?, ?, ${marks}, 0, 0, 0)`);
		this.forget();
	}

	of(texts: CellTexts): Cell {
		return this.#find(cellColumns.map((column) => this.#texts.number(texts[column])));
	}

	byId(id: number): Cell {
		const known = this.#ids.get(id);
		if (known) return known;
		const row = this.#byId.get(id);
		if (!row) throw new Error(`there is no cell ${id}`);
		return this.#remember({ id, codes: cellColumns.map((column) => row[column]) });
	}

	/** The same but for one column. */
	with(cell: Cell, column: CellColumn, text: string): Cell {
		const [code, changed] = [this.#texts.number(text), cellColumns.indexOf(column)];
		return cell.codes[changed] === code ? cell : this.#find(cell.codes.map((one, at) => (at === changed ? code : one)));
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#cells.clear();
		this.#ids.clear();
		this.#next = Number(this.#database.value('SELECT coalesce(max(id), 0) + 1 FROM cell'));
	}

	#find(codes: readonly number[]): Cell {
		const key = codes.join();
		const known = this.#cells.get(key);
		if (known) return known;
		for (let hash = hashOf(codes); ; hash += 1) {
			const row = this.#byHash.get(hash);
			if (row && cellColumns.some((column, at) => row[column] !== codes[at])) continue;
			const id = row?.id ?? this.#next++;
			if (!row) this.#insert.run(id, hash, ...codes);
			return this.#remember({ id, codes });
		}
	}

	#remember(cell: Cell): Cell {
		if (this.#cells.size >= rememberedCells) {
			this.#cells.clear();
			this.#ids.clear();
		}
		this.#cells.set(cell.codes.join(), cell);
		this.#ids.set(cell.id, cell);
		return cell;
	}
}

/** 52 bits, by two multiplicative hashes of 26. */
function hashOf(codes: readonly number[]): number {
	let high = 0x9e3779b1;
	let low = 0x85ebca6b;
	for (const code of codes) {
		high = Math.imul(high ^ code, 0x2c1b3c6d);
		high ^= high >>> 15;
		low = Math.imul(low ^ code, 0x297a2d39);
		low ^= low >>> 13;
	}
	return (high >>> 6) * 2 ** 26 + (low >>> 6);
}
