// Sums of single dimensions of all times (`total`). Their rows lie all over a large table, so what a transaction adds is
// noted as one row (`owed`: cells, and what they gained) and gathered in memory. It is brought to the table when
// somebody asks, when nothing else is to be done, or when much has come together.
import { endianness } from 'node:os';
import type { Database, Statement } from '../../system/database.ts';
import type { CellPlace, Cells } from './cells.ts';
import { totalKey } from './schema.ts';
import { Sheet } from './sheet.ts';
import { Slots, wayOf } from './slots.ts';
import type { Spread } from './spread.ts';
import { SumTable } from './sumtable.ts';

/** Wider than codes in the store are many. */
const codesWide = 2 ** 28;
const dimensionsWide = 16;
/** Sums in memory: some 6 MB; and cells in notes: 4 MB, which the next start reads. */
const manyGathered = 120_000;
/** Bytes in memory: no sum of them is beyond what a number holds. */
const exactly = 2 ** 52;
/** Numbers of a cell in a note: its own, n, up, down. */
const noteWidth = 4;

export interface TotalsOptions {
	readonly cells: Cells;
	readonly spread: Spread;
}

export class Totals {
	readonly #cells: Cells;
	readonly #spread: Spread;
	readonly #total: Sheet;
	readonly #slots: Slots;
	readonly #readNotes: Statement<[], { cells: Uint8Array }>;
	readonly #writeNote: Statement<[Uint8Array]>;
	readonly #removeNotes: Statement;
	/** By group of cells that have their slots in common, dimension and code: most dimensions have few values. */
	readonly #gathered = new SumTable();
	#groups = new Map<string, number>();
	#ways: ReturnType<typeof wayOf>[] = [];
	/** Bytes of all that is gathered. */
	#flowed = 0;
	/** Cells in the notes of it; some may be in all of them. */
	#noted = 0;
	#changed: CellPlace[] = [];
	#note: number[] = [];
	/** What is owed from before is gathered. */
	#isRead = false;

	constructor(database: Database, { cells, spread }: TotalsOptions) {
		this.#cells = cells;
		this.#spread = spread;
		this.#total = new Sheet(database, 'total');
		this.#slots = new Slots(database);
		this.#readNotes = database.prepare('SELECT cells FROM owed ORDER BY id');
		this.#writeNote = database.prepare('INSERT INTO owed(cells) VALUES (?)');
		this.#removeNotes = database.prepare('DELETE FROM owed');
	}

	/** What a cell gained in this transaction. */
	add(cell: CellPlace, n: number, up: number, down: number): void {
		if (n === 0 && up === 0 && down === 0) return;
		this.#changed.push(cell);
		this.#note.push(this.#cells.id(cell), n, up, down);
	}

	/** Notes what was added. */
	flush(): void {
		this.#read();
		const [changed, note] = [this.#changed, this.#note];
		this.#changed = [];
		this.#note = [];
		const flowed = note.reduce((sum, value, at) => (at % noteWidth < 2 ? sum : sum + Math.abs(value)), 0);
		if (this.#flowed + flowed > exactly) this.settle();
		for (const [at, cell] of changed.entries()) {
			const from = at * noteWidth;
			this.#gather(cell, note[from + 1]!, note[from + 2]!, note[from + 3]!);
		}
		if (flowed > exactly) this.settle();
		else if (note.length > 0) this.#writeNote.run(bytesOf(note));
	}

	/** So much that it should not become more. */
	get areMany(): boolean {
		return Math.max(this.#gathered.size, this.#noted) > manyGathered;
	}

	/** The table lacks nothing. */
	get areSettled(): boolean {
		this.#read();
		return this.#gathered.size === 0;
	}

	/** Brings to the table what it lacks, within the transaction that is open. */
	settle(): void {
		if (this.areSettled) return;
		const slots = this.#ways.map((way) => this.#slots.of(way));
		// One kind of slot after the other: a third of the memory.
		for (const kind of [0, 1, 2] as const) {
			this.#gathered.each((key, n, up, down) => {
				const place = Math.floor(key / codesWide);
				const [group, dimension] = [Math.floor(place / dimensionsWide), place % dimensionsWide];
				this.#total.add(totalKey(slots[group]![kind], dimension, key - place * codesWide), n, up, down);
			});
			this.#total.flush();
		}
		this.#removeNotes.run();
		this.#clear();
	}

	/** After a transaction that was taken back, and when cells have changed. */
	forget(): void {
		this.#total.forget();
		this.#changed = [];
		this.#note = [];
		this.#slots.forget();
		this.#clear();
		this.#isRead = false;
	}

	#clear(): void {
		this.#gathered.clear();
		this.#groups.clear();
		this.#ways = [];
		this.#flowed = 0;
		this.#noted = 0;
	}

	#read(): void {
		if (this.#isRead) return;
		// The last time may have failed half way.
		this.#clear();
		for (const { cells } of this.#readNotes.all()) {
			const numbers = numbersOf(cells);
			for (let at = 0; at < numbers.length; at += noteWidth) {
				const [id, n, up, down] = numbers.subarray(at, at + noteWidth) as unknown as [number, number, number, number];
				this.#gather(this.#cells.byId(id), n, up, down);
			}
		}
		this.#isRead = true;
	}

	#gather(cell: CellPlace, n: number, up: number, down: number): void {
		const from = this.#groupOf(cell) * dimensionsWide;
		this.#flowed += Math.abs(up) + Math.abs(down);
		this.#noted += 1;
		this.#spread.each(cell, (dimension, code) =>
			this.#gathered.add((from + dimension) * codesWide + code, n, up, down),
		);
	}

	#groupOf(cell: CellPlace): number {
		const way = wayOf(this.#cells, cell);
		const key = way.join();
		let group = this.#groups.get(key);
		if (group === undefined) {
			group = this.#ways.push(way) - 1;
			this.#groups.set(key, group);
		}
		return group;
	}
}

/** Doubles, little-endian: a file may go to another machine. */
function bytesOf(numbers: readonly number[]): Uint8Array {
	return swapped(Buffer.from(Float64Array.from(numbers).buffer));
}

function numbersOf(bytes: Uint8Array): Float64Array {
	const own = swapped(Buffer.from(bytes.slice().buffer));
	return new Float64Array(own.buffer, 0, own.byteLength / 8);
}

function swapped(doubles: Buffer): Buffer {
	return endianness() === 'BE' ? doubles.swap64() : doubles;
}
