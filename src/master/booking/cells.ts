// Cells: one number for each combination of what sums are asked by, with the sums of all times. In memory each has a
// place in columns of numbers; they are written at a transaction's end. A combination that was not met for long gets
// another number: sums are the same over two, new cells lie side by side, and no index must tell which there are.
import type { Database, Statement } from '../../system/database.ts';
import { type CellColumn, type CellTexts, cellColumns, columnAt } from './dimension.ts';
import { hashOf } from './hash.ts';
import { enlarged, keptSize, Places } from './places.ts';
import { RowWriter } from './rowwriter.ts';
import type { Texts } from './texts.ts';

/** Where a cell is in memory, until the transaction ends. */
export type CellPlace = number;

type StoredCell = Record<CellColumn | 'id', number>;

const width = cellColumns.length;
const firstSize = 512;
/** Beyond so many (7 MB) those are let go at a transaction's end that were asked for but once. */
const rememberedCells = 48_000;
/** A row in the store, a row to be, or one with more in it. */
const [clean, made, touched] = [0, 1, 2];

export class Cells {
	readonly #database: Database;
	readonly #texts: Texts;
	readonly #read: Statement<[number], StoredCell>;
	readonly #update: Statement<[number, number, number, number]>;
	readonly #rows: RowWriter;
	/** By hash; of those that share one, the second is at the next: they may be the same, too. */
	readonly #places = new Places();
	#byId = new Map<number, CellPlace>();
	/** Numbers of texts, in the order of `cellColumns`. */
	#codes = new Int32Array(width * firstSize);
	/** The cell's number, and what this transaction adds: n, up, down. */
	#sums = new Float64Array(4 * firstSize);
	#states = new Int32Array(firstSize);
	/** How often it was asked for, halved now and then. */
	#uses = new Int32Array(firstSize);
	#made: CellPlace[] = [];
	#touched: CellPlace[] = [];
	#next = 0;
	readonly #wanted = new Int32Array(width);
	readonly #row = Array<number>(width + 4).fill(0);

	constructor(database: Database, texts: Texts) {
		this.#database = database;
		this.#texts = texts;
		const columns = ['id', ...cellColumns].map((column) => `cell.${column}`).join(', ');
		this.#read = database.prepare(`SELECT ${columns} FROM cell WHERE id = ?`);
		this.#update = database.prepare('UPDATE cell SET n = n + ?, u = u + ?, d = d + ? WHERE id = ?');
		this.#rows = new RowWriter(database, { table: 'cell', columns: width + 4 });
		this.forget();
	}

	/** `codes`: numbers of texts in the order of `cellColumns`. */
	of(codes: ArrayLike<number>): CellPlace {
		const place = this.#placeOf(codes, 0);
		this.#uses[place]! += 1;
		if (this.id(place) === 0) {
			this.#sums[place * 4] = this.#next++;
			this.#states[place] = made;
			this.#made.push(place);
		}
		return place;
	}

	ofTexts(texts: CellTexts): CellPlace {
		return this.of(cellColumns.map((column) => this.#texts.number(texts[column])));
	}

	byId(id: number): CellPlace {
		let place = this.#byId.get(id);
		if (place === undefined) {
			const row = this.#read.get(id);
			if (!row) throw new Error(`there is no cell ${id}`);
			place = this.#placeOf(codesOf(row), id);
			this.#byId.set(id, place);
		}
		this.#uses[place]! += 1;
		return place;
	}

	/** The same but for one column. */
	with(place: CellPlace, column: CellColumn, text: string): CellPlace {
		const [code, changed] = [this.#texts.number(text), columnAt(column)];
		if (this.code(place, changed) === code) return place;
		this.#wanted.set(this.#codesAt(place));
		this.#wanted[changed] = code;
		return this.of(this.#wanted);
	}

	/** The number of the text in a column (its place in `cellColumns`). */
	code(place: CellPlace, column: number): number {
		return this.#codes[place * width + column]!;
	}

	/** The cell's number in the store. */
	id(place: CellPlace): number {
		return this.#sums[place * 4]!;
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
		for (const place of this.#made) this.#rows.add(this.#rowOf(place));
		this.#rows.flush();
		for (const place of this.#touched.sort((a, b) => this.id(a) - this.id(b))) {
			this.#update.run(...this.#added(place), this.id(place));
		}
		for (const list of [this.#made, this.#touched]) for (const place of list) this.#reset(place);
		this.#made = [];
		this.#touched = [];
		if (this.#places.size > rememberedCells) this.#letGo();
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#rows.forget();
		this.#clear();
		this.#next = Number(this.#database.value('SELECT coalesce(max(id), 0) + 1 FROM cell'));
	}

	/** Of the cell with that number; 0: of any with these codes, or one that has no number yet. */
	#placeOf(codes: ArrayLike<number>, id: number): CellPlace {
		for (let hash = hashOf(codes); ; hash += 1) {
			const before = this.#places.size;
			const place = this.#places.of(hash);
			if (place === before) {
				if (place === this.#states.length) {
					this.#codes = enlarged(this.#codes);
					this.#sums = enlarged(this.#sums);
					this.#states = enlarged(this.#states);
					this.#uses = enlarged(this.#uses);
				}
				this.#codes.set(codes, place * width);
				this.#sums[place * 4] = id;
				this.#uses[place] = 0;
				this.#reset(place);
				return place;
			}
			if ((id === 0 || this.id(place) === id) && this.#isOf(place, codes)) return place;
		}
	}

	/** Few are asked for again and again; the others make room. */
	#letGo(): void {
		const often: { readonly codes: Int32Array; readonly id: number; readonly uses: number }[] = [];
		for (let place = 0; place < this.#places.size; place += 1) {
			const uses = this.#uses[place]!;
			if (uses > 1) often.push({ codes: this.#codesAt(place).slice(), id: this.id(place), uses: uses >> 1 });
		}
		this.#clear();
		for (const { codes, id, uses } of often) this.#uses[this.#placeOf(codes, id)] = uses;
	}

	/** As the table has it; the same list each time. */
	#rowOf(place: CellPlace): readonly number[] {
		const row = this.#row;
		row[0] = this.id(place);
		for (let at = 0; at < width; at += 1) row[1 + at] = this.#codes[place * width + at]!;
		for (let at = 0; at < 3; at += 1) row[1 + width + at] = this.#sums[place * 4 + 1 + at]!;
		return row;
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
			this.#uses = new Int32Array(firstSize);
		}
		this.#places.clear();
		this.#byId = new Map();
		this.#made = [];
		this.#touched = [];
	}
}

function codesOf(row: StoredCell): number[] {
	return cellColumns.map((column) => row[column]);
}
