// Cells: one number for each combination of what sums are asked by, with the sums of all times. In memory each has a
// place in columns of numbers; they are looked up in the order of their hashes, and written at a transaction's end.
import type { Database, Statement } from '../../system/database.ts';
import { type CellColumn, type CellTexts, cellColumns } from './dimension.ts';
import { hashOf } from './hash.ts';
import { KeyTable } from './keytable.ts';
import { enlarged, keptSize, Places } from './places.ts';
import { RowWriter } from './rowwriter.ts';
import type { Texts } from './texts.ts';

/** Where a cell is in memory, until the transaction ends. */
export type CellPlace = number;

type StoredCell = Record<CellColumn | 'id', number>;

const width = cellColumns.length;
const firstSize = 512;
/** Beyond so many (7 MB) all are let go at a transaction's end; what is used again is read again. */
const rememberedCells = 48_000;
/** A row in the store, a row to be, or one with more in it. */
const [clean, made, touched] = [0, 1, 2];

export class Cells {
	readonly #database: Database;
	readonly #texts: Texts;
	readonly #read: Statement<[number], StoredCell>;
	readonly #update: Statement<[number, number, number, number]>;
	readonly #rows: RowWriter;
	readonly #keys: KeyTable;
	/** By hash; of those that share one, the second is at the next. */
	readonly #places = new Places();
	readonly #byId = new Map<number, CellPlace>();
	/** Numbers of texts, in the order of `cellColumns`. */
	#codes = new Int32Array(width * firstSize);
	/** The cell's number (0 before `settle`), and what this transaction adds: n, up, down. */
	#sums = new Float64Array(4 * firstSize);
	#states = new Int32Array(firstSize);
	#unsettled: CellPlace[] = [];
	#made: CellPlace[] = [];
	/** Where those that are made will be found, in the same order. */
	readonly #newKeys = new Places();
	#touched: CellPlace[] = [];
	#next = 0;
	readonly #wanted = new Int32Array(width);

	constructor(database: Database, texts: Texts) {
		this.#database = database;
		this.#texts = texts;
		const columns = ['id', ...cellColumns].map((column) => `cell.${column}`).join(', ');
		this.#read = database.prepare(`SELECT ${columns} FROM cell WHERE id = ?`);
		this.#update = database.prepare('UPDATE cell SET n = n + ?, u = u + ?, d = d + ? WHERE id = ?');
		this.#rows = new RowWriter(database, { table: 'cell', columns: width + 4 });
		this.#keys = new KeyTable(database, 'cell_key');
		this.forget();
	}

	/** `codes`: numbers of texts in the order of `cellColumns`. Its own number is told after `settle`. */
	of(codes: ArrayLike<number>): CellPlace {
		const before = this.#places.size;
		const place = this.#placeOf(codes);
		if (place === before) this.#unsettled.push(place);
		return place;
	}

	ofTexts(texts: CellTexts): CellPlace {
		return this.of(cellColumns.map((column) => this.#texts.number(texts[column])));
	}

	byId(id: number): CellPlace {
		const known = this.#byId.get(id);
		if (known !== undefined) return known;
		const row = this.#read.get(id);
		if (!row) throw new Error(`there is no cell ${id}`);
		const place = this.#placeOf(codesOf(row));
		this.#sums[place * 4] = id;
		this.#byId.set(id, place);
		return place;
	}

	/** The same but for one column. */
	with(place: CellPlace, column: CellColumn, text: string): CellPlace {
		const [code, changed] = [this.#texts.number(text), cellColumns.indexOf(column)];
		if (this.code(place, changed) === code) return place;
		this.#wanted.set(this.#codesAt(place));
		this.#wanted[changed] = code;
		return this.of(this.#wanted);
	}

	/** The number of the text in a column (its place in `cellColumns`). */
	code(place: CellPlace, column: number): number {
		return this.#codes[place * width + column]!;
	}

	/** The cell's number in the store, after `settle`. */
	id(place: CellPlace): number {
		return this.#sums[place * 4]!;
	}

	/** Gives numbers to all that were asked for, in the order of the index. */
	settle(): void {
		for (const place of this.#unsettled.sort((a, b) => this.#places.key(a) - this.#places.key(b))) {
			for (let key = hashOf(this.#codesAt(place)); ; key += 1) {
				const id = this.#keys.find(key);
				if (id === undefined ? this.#newKeys.find(key) >= 0 : !this.#isOf(place, codesOf(this.#read.get(id)!)))
					continue;
				this.#sums[place * 4] = id ?? this.#make(place, key);
				break;
			}
		}
		this.#unsettled = [];
	}

	add(place: CellPlace, n: number, up: number, down: number): void {
		const at = place * 4;
		this.#sums[at + 1]! += n;
		this.#sums[at + 2]! += up;
		this.#sums[at + 3]! += down;
		if (this.#states[place] !== clean) return;
		this.#states[place] = touched;
		this.#touched.push(place);
	}

	/** Each with what this transaction adds to it. */
	eachChanged(visit: (place: CellPlace, n: number, up: number, down: number) => void): void {
		for (const list of [this.#made, this.#touched]) for (const place of list) visit(place, ...this.#added(place));
	}

	/** Writes what is new and what was added. */
	flush(): void {
		for (const place of this.#made) this.#rows.add(this.id(place), ...this.#codesAt(place), ...this.#added(place));
		this.#rows.flush();
		for (const key of this.#newKeys.sorted()) this.#keys.add(key, this.id(this.#made[this.#newKeys.find(key)]!));
		this.#keys.flush();
		for (const place of this.#touched.sort((a, b) => this.id(a) - this.id(b))) {
			this.#update.run(...this.#added(place), this.id(place));
		}
		if (this.#places.size > rememberedCells) this.#clear();
		else {
			for (const place of [...this.#made, ...this.#touched]) this.#reset(place);
			this.#made = [];
			this.#newKeys.clear();
			this.#touched = [];
		}
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#rows.forget();
		this.#keys.forget();
		this.#clear();
		this.#next = Number(this.#database.value('SELECT coalesce(max(id), 0) + 1 FROM cell'));
	}

	#placeOf(codes: ArrayLike<number>): CellPlace {
		for (let hash = hashOf(codes); ; hash += 1) {
			const before = this.#places.size;
			const place = this.#places.of(hash);
			if (place === before) {
				if (place === this.#states.length) {
					this.#codes = enlarged(this.#codes);
					this.#sums = enlarged(this.#sums);
					this.#states = enlarged(this.#states);
				}
				this.#codes.set(codes, place * width);
				this.#sums[place * 4] = 0;
				this.#reset(place);
				return place;
			}
			if (this.#isOf(place, codes)) return place;
		}
	}

	#make(place: CellPlace, key: number): number {
		this.#made.push(place);
		this.#newKeys.of(key);
		this.#states[place] = made;
		return this.#next++;
	}

	#isOf(place: CellPlace, codes: ArrayLike<number>): boolean {
		const from = place * width;
		for (let at = 0; at < width; at += 1) if (this.#codes[from + at] !== codes[at]) return false;
		return true;
	}

	#codesAt(place: CellPlace): Int32Array {
		return this.#codes.subarray(place * width, (place + 1) * width);
	}

	/** n, up, down. */
	#added(place: CellPlace): [number, number, number] {
		const at = place * 4;
		return [this.#sums[at + 1]!, this.#sums[at + 2]!, this.#sums[at + 3]!];
	}

	#reset(place: CellPlace): void {
		this.#sums.fill(0, place * 4 + 1, place * 4 + 4);
		this.#states[place] = clean;
	}

	#clear(): void {
		if (this.#states.length > keptSize) {
			this.#codes = new Int32Array(width * firstSize);
			this.#sums = new Float64Array(4 * firstSize);
			this.#states = new Int32Array(firstSize);
		}
		this.#places.clear();
		this.#byId.clear();
		this.#unsettled = [];
		this.#made = [];
		this.#newKeys.clear();
		this.#touched = [];
	}
}

function codesOf(row: StoredCell): number[] {
	return cellColumns.map((column) => row[column]);
}
