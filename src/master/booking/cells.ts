// Cells: one number for each combination of what sums are asked by, with the sums of all times. Looked up in the order
// of their hashes, and written once, at the end of a transaction.
import type { Database, Statement } from '../../system/database.ts';
import { type CellColumn, type CellTexts, cellColumns } from './dimension.ts';
import { hashOf } from './hash.ts';
import { RowWriter } from './rowwriter.ts';
import type { Texts } from './texts.ts';

export class Cell {
	/** Numbers of texts in the order of `cellColumns`. */
	readonly codes: readonly number[];
	/** Where it is found in `cell_key`, or will be. */
	key: number;
	/** 0: it has none before `settle`. */
	id = 0;
	isNew = false;
	/** What this transaction adds. */
	n = 0;
	up = 0;
	down = 0;

	constructor(codes: readonly number[], key: number) {
		this.codes = codes;
		this.key = key;
	}
}

type StoredCell = Record<CellColumn | 'id', number>;

const rememberedCells = 16_000;

export class Cells {
	readonly #database: Database;
	readonly #texts: Texts;
	readonly #find: Statement<[number], StoredCell>;
	readonly #read: Statement<[number], StoredCell>;
	readonly #update: Statement<[number, number, number, number]>;
	readonly #rows: RowWriter;
	readonly #keys: RowWriter;
	/** By hash; of those that share one, the second is at the next. The newest; and those before them, of which the used ones move up. */
	#cells = new Map<number, Cell>();
	#older = new Map<number, Cell>();
	#byNumber = new Map<number, Cell>();
	#unsettled: Cell[] = [];
	#made: Cell[] = [];
	#touched = new Set<Cell>();
	#next = 0;

	constructor(database: Database, texts: Texts) {
		this.#database = database;
		this.#texts = texts;
		const columns = ['id', ...cellColumns].map((column) => `cell.${column}`).join(', ');
		this.#find = database.prepare(
			`SELECT ${columns} FROM cell_key JOIN cell ON cell.id = cell_key.cell WHERE cell_key.h = ?`,
		);
		this.#read = database.prepare(`SELECT ${columns} FROM cell WHERE id = ?`);
		this.#update = database.prepare('UPDATE cell SET n = n + ?, u = u + ?, d = d + ? WHERE id = ?');
		this.#rows = new RowWriter(database, { table: 'cell', columns: cellColumns.length + 4 });
		this.#keys = new RowWriter(database, { table: 'cell_key', columns: 2 });
		this.forget();
	}

	/** Its number is told by `settle`. */
	of(codes: readonly number[]): Cell {
		for (let hash = hashOf(codes); ; hash += 1) {
			const newer = this.#cells.get(hash);
			const known = newer ?? this.#older.get(hash);
			if (known && !sameCodes(known.codes, codes)) continue;
			if (newer) return newer;
			const cell = known ?? new Cell([...codes], hash);
			if (!known) this.#unsettled.push(cell);
			this.#cells.set(hash, cell);
			return cell;
		}
	}

	ofTexts(texts: CellTexts): Cell {
		return this.of(cellColumns.map((column) => this.#texts.number(texts[column])));
	}

	byId(id: number): Cell {
		const known = this.#byNumber.get(id);
		if (known) return known;
		const row = this.#read.get(id);
		if (!row) throw new Error(`there is no cell ${id}`);
		const cell = new Cell(codesOf(row), 0);
		cell.id = id;
		this.#byNumber.set(id, cell);
		return cell;
	}

	/** The same but for one column. */
	with(cell: Cell, column: CellColumn, text: string): Cell {
		const [code, changed] = [this.#texts.number(text), cellColumns.indexOf(column)];
		return cell.codes[changed] === code ? cell : this.of(cell.codes.map((one, at) => (at === changed ? code : one)));
	}

	/** Gives numbers to all that were asked for, in the order of the index. */
	settle(): void {
		let free = 0;
		for (const cell of this.#unsettled.sort((a, b) => a.key - b.key)) {
			for (; ; cell.key += 1) {
				const row = this.#find.get(cell.key);
				if (row ? !sameCodes(codesOf(row), cell.codes) : cell.key < free) continue;
				cell.id = row?.id ?? this.#next++;
				if (row) break;
				free = cell.key + 1;
				cell.isNew = true;
				this.#made.push(cell);
				break;
			}
		}
		this.#unsettled = [];
	}

	add(cell: Cell, n: number, up: number, down: number): void {
		cell.n += n;
		cell.up += up;
		cell.down += down;
		if (!cell.isNew) this.#touched.add(cell);
	}

	/** Writes what is new and what was added. */
	flush(): void {
		for (const cell of this.#made) {
			this.#rows.add(cell.id, ...cell.codes, cell.n, cell.up, cell.down);
			settled(cell);
		}
		this.#rows.flush();
		for (const { key, id } of this.#made.sort((a, b) => a.key - b.key)) this.#keys.add(key, id);
		this.#keys.flush();
		for (const cell of [...this.#touched].sort((a, b) => a.id - b.id)) {
			this.#update.run(cell.n, cell.up, cell.down, cell.id);
			settled(cell);
		}
		this.#made = [];
		this.#touched = new Set();
		this.#byNumber = new Map();
		if (this.#cells.size < rememberedCells) return;
		this.#older = this.#cells;
		this.#cells = new Map();
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#rows.forget();
		this.#keys.forget();
		for (const map of [this.#cells, this.#older, this.#byNumber, this.#touched]) map.clear();
		this.#unsettled = [];
		this.#made = [];
		this.#next = Number(this.#database.value('SELECT coalesce(max(id), 0) + 1 FROM cell'));
	}
}

function settled(cell: Cell): void {
	Object.assign(cell, { isNew: false, n: 0, up: 0, down: 0 });
}

function codesOf(row: StoredCell): number[] {
	return cellColumns.map((column) => row[column]);
}

function sameCodes(a: readonly number[], b: readonly number[]): boolean {
	for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
	return true;
}
