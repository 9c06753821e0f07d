// Sums of one transaction, gathered in memory and then added to the tables in the order of their keys: thousands of
// rows touch each page once.
import type { Database, SqlValue, Statement } from '../system/database.ts';
import type { Cell } from './cells.ts';
import { type CellColumn, cellColumns, dimensions, filteredDimensions, geoipTags } from './dimension.ts';
import { bucketsAnHour, hourKey, hourlyKey, totalKey, usageKey } from './schema.ts';
import type { Texts } from './texts.ts';

/** Connections, bytes up, bytes down. */
type Sums = [n: number, up: number, down: number];

/** Rows of one statement: the way into the wasm costs as much as a row. */
const rowsAtOnce = 16;

const at = (column: CellColumn) => cellColumns.indexOf(column);
const classAt = at('class');
const agentAt = at('agent');
const geoipAt = at('geoip');
const summed = Object.values(dimensions)
	.filter(({ name }) => name !== 'all' && name !== 'geoip')
	.map(({ code, name }) => ({ code, column: at(name as CellColumn) }));
const filtered = filteredDimensions.map((name) => ({ code: dimensions[name].code, column: at(name) }));

export class Ledger {
	readonly #texts: Texts;
	readonly #upserts: Readonly<Record<Table, Upsert>>;
	readonly #addToCell: Statement<[number, number, number, number]>;
	readonly #findSlot: Statement<[number, number], { id: number }>;
	readonly #insertSlot: Statement<[number, number]>;
	readonly #usage = new Map<number, Map<Cell, Sums>>();
	readonly #otherClasses: ReadonlySet<number>;
	#slots = new Map<number, number>();
	#tags = new Map<number, readonly number[]>();

	constructor(database: Database, texts: Texts, otherClasses: readonly string[]) {
		this.#texts = texts;
		this.#otherClasses = new Set(otherClasses.map((name) => texts.number(name)));
		this.#upserts = {
			usage: new Upsert(database, 'usage'),
			hour: new Upsert(database, 'hour'),
			total: new Upsert(database, 'total'),
			hourly: new Upsert(database, 'hourly'),
		};
		this.#addToCell = database.prepare('UPDATE cell SET n = n + ?, u = u + ?, d = d + ? WHERE id = ?');
		this.#findSlot = database.prepare('SELECT id FROM slot WHERE dimension = ? AND code = ?');
		this.#insertSlot = database.prepare('INSERT INTO slot(dimension, code) VALUES (?, ?)');
	}

	/** `bucket` counts 5 minutes since the Unix epoch; `n` connections (signed: one may move on to a later bucket). */
	add(cell: Cell, bucket: number, n: number, up: number, down: number): void {
		let cells = this.#usage.get(bucket);
		if (!cells) {
			cells = new Map();
			this.#usage.set(bucket, cells);
		}
		const sums = cells.get(cell);
		if (!sums) cells.set(cell, [n, up, down]);
		else {
			sums[0] += n;
			sums[1] += up;
			sums[2] += down;
		}
	}

	/** Writes all that was added, within the transaction that is open. */
	flush(): void {
		const sums = { usage: new Sheet(), hour: new Sheet(), total: new Sheet(), hourly: new Sheet() };
		const cells = new Map<Cell, Sums>();
		for (const [bucket, perCell] of this.#usage) {
			const hour = Math.floor(bucket / bucketsAnHour);
			for (const [cell, one] of perCell) {
				sums.usage.add(usageKey(bucket, cell.id), one);
				sums.hour.add(hourKey(hour, cell.id), one);
				for (const [dimension, code] of this.#places(cell)) sums.hourly.add(hourlyKey(dimension, hour, code), one);
				const total = cells.get(cell);
				if (total) for (let i = 0; i < 3; i += 1) total[i]! += one[i]!;
				else cells.set(cell, [...one]);
			}
		}
		for (const [cell, one] of cells) {
			this.#addToCell.run(...one, cell.id);
			const places = this.#places(cell);
			for (const slot of this.#slotsOf(cell)) {
				for (const [dimension, code] of places) sums.total.add(totalKey(slot, dimension, code), one);
			}
		}
		for (const table of tables) this.#upserts[table].run(sums[table]);
		this.#usage.clear();
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#usage.clear();
		this.#slots.clear();
		this.#tags.clear();
	}

	/** The (dimension, code) that a cell's bytes belong to. What is not the core's counts by agent and class alone. */
	#places(cell: Cell): (readonly [dimension: number, code: number])[] {
		const { codes } = cell;
		if (this.#otherClasses.has(codes[classAt]!)) return [[dimensions.class.code, codes[classAt]!]];
		const places: (readonly [number, number])[] = [[dimensions.all.code, 0]];
		for (const { code, column } of summed) places.push([code, codes[column]!]);
		for (const tag of this.#tagsOf(codes[geoipAt]!)) places.push([dimensions.geoip.code, tag]);
		return places;
	}

	#tagsOf(geoip: number): readonly number[] {
		let tags = this.#tags.get(geoip);
		if (!tags) {
			tags = geoipTags(this.#texts.text(geoip)).map((tag) => this.#texts.number(tag));
			this.#tags.set(geoip, tags);
		}
		return tags;
	}

	#slotsOf({ codes }: Cell): number[] {
		const others = this.#otherClasses.has(codes[classAt]!);
		const columns = others ? filtered.filter(({ column }) => column === agentAt) : filtered;
		return [0, ...columns.map(({ code, column }) => this.#slot(code, codes[column]!))];
	}

	#slot(dimension: number, code: number): number {
		const key = dimension * 2 ** 32 + code;
		let id = this.#slots.get(key);
		if (id === undefined) {
			id = this.#findSlot.get(dimension, code)?.id;
			if (id === undefined) {
				this.#insertSlot.run(dimension, code);
				id = this.#findSlot.get(dimension, code)!.id;
			}
			this.#slots.set(key, id);
		}
		return id;
	}
}

const tables = ['usage', 'hour', 'total', 'hourly'] as const;
type Table = (typeof tables)[number];

/** Sums by key. */
class Sheet {
	readonly rows = new Map<number, Sums>();

	add(key: number, [n, up, down]: Sums): void {
		const row = this.rows.get(key);
		if (!row) this.rows.set(key, [n, up, down]);
		else {
			row[0] += n;
			row[1] += up;
			row[2] += down;
		}
	}
}

class Upsert {
	readonly #one: Statement<SqlValue[]>;
	readonly #many: Statement<SqlValue[]>;

	constructor(database: Database, table: Table) {
		const sql = (rows: number) =>
			`INSERT INTO ${table} VALUES ${Array(rows).fill('(?, ?, ?, ?)').join(', ')}
			ON CONFLICT DO UPDATE SET n = n + excluded.n, u = u + excluded.u, d = d + excluded.d`;
		this.#one = database.prepare(sql(1));
		this.#many = database.prepare(sql(rowsAtOnce));
	}

	run({ rows }: Sheet): void {
		const keys = Float64Array.from(rows.keys()).sort();
		let first = 0;
		for (; first + rowsAtOnce <= keys.length; first += rowsAtOnce) {
			const values: number[] = [];
			for (const key of keys.subarray(first, first + rowsAtOnce)) values.push(key, ...rows.get(key)!);
			this.#many.run(...values);
		}
		for (const key of keys.subarray(first)) this.#one.run(key, ...rows.get(key)!);
	}
}
