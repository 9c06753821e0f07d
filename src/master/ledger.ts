// Sums of one transaction, gathered in memory and then added to the tables in the order of their keys: thousands of
// rows touch each page once.
import type { Database, SqlValue, Statement } from '../system/database.ts';
import type { Cell } from './cells.ts';
import {
	type CellColumn,
	cellColumns,
	classNames,
	type DimensionName,
	dimensions,
	filteredDimensions,
	geoipTags,
	hasHourly,
} from './dimension.ts';
import { agentHourKey, bucketsAnHour, hourKey, hourlyKey, totalKey, usageKey } from './schema.ts';
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
/** By code of the dimension. */
const hasHours = Object.values(dimensions).map(({ name }) => hasHourly(name as DimensionName));
const filtered = filteredDimensions.map((name) => ({ code: dimensions[name].code, column: at(name) }));

export class Ledger {
	readonly #texts: Texts;
	readonly #upserts: Readonly<Record<Table, Upsert>>;
	readonly #addToCell: Statement<[number, number, number, number]>;
	readonly #findSlot: Statement<[number, number], { id: number }>;
	readonly #insertSlot: Statement<[number, number]>;
	readonly #usage = new Map<number, Map<Cell, Sums>>();
	readonly #otherClasses: ReadonlySet<number>;
	/** By number of the text: the place in `classNames`. */
	readonly #classAt: ReadonlyMap<number, number>;
	#slots = new Map<number, number>();
	#tags = new Map<number, readonly number[]>();

	constructor(database: Database, texts: Texts, otherClasses: readonly string[]) {
		this.#texts = texts;
		this.#otherClasses = new Set(otherClasses.map((name) => texts.number(name)));
		this.#classAt = new Map(classNames.map((name, place) => [texts.number(name), place]));
		this.#upserts = {
			usage: new Upsert(database, 'usage'),
			hour: new Upsert(database, 'hour'),
			total: new Upsert(database, 'total'),
			hourly: new Upsert(database, 'hourly'),
			agenthour: new Upsert(database, 'agenthour'),
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
		addTo(cells, cell, [n, up, down]);
	}

	/** Writes all that was added, within the transaction that is open. */
	flush(): void {
		const sums = {
			usage: new Sheet(),
			hour: new Sheet(),
			total: new Sheet(),
			hourly: new Sheet(),
			agenthour: new Sheet(),
		};
		const cells = new Map<Cell, Sums>();
		for (const [bucket, perCell] of this.#usage) {
			const hour = Math.floor(bucket / bucketsAnHour);
			for (const [cell, one] of perCell) {
				sums.usage.add(usageKey(bucket, cell.id), one);
				sums.hour.add(hourKey(hour, cell.id), one);
				const place = this.#classAt.get(cell.codes[classAt]!)!;
				sums.agenthour.add(agentHourKey(cell.codes[agentAt]!, place, hour), one);
				for (const [dimension, code] of this.#places(cell)) {
					if (hasHours[dimension]) sums.hourly.add(hourlyKey(dimension, hour, code), one);
				}
				addTo(cells, cell, one);
			}
		}
		// Cells of the same slots first among themselves: most of their dimensions have few values.
		const perSlots = new Map<string, { readonly slots: readonly number[]; readonly dimensions: Map<number, Sums>[] }>();
		for (const [cell, one] of cells) {
			this.#addToCell.run(...one, cell.id);
			const slots = this.#slotsOf(cell);
			const key = slots.join();
			let group = perSlots.get(key);
			if (!group) {
				group = { slots, dimensions: Object.values(dimensions).map(() => new Map()) };
				perSlots.set(key, group);
			}
			for (const [dimension, code] of this.#places(cell)) addTo(group.dimensions[dimension]!, code, one);
		}
		for (const { slots, dimensions: perDimension } of perSlots.values()) {
			for (const [dimension, codes] of perDimension.entries()) {
				for (const [code, one] of codes) {
					for (const slot of slots) sums.total.add(totalKey(slot, dimension, code), one);
				}
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

const tables = ['usage', 'hour', 'total', 'hourly', 'agenthour'] as const;
type Table = (typeof tables)[number];

function addTo<K>(map: Map<K, Sums>, key: K, [n, up, down]: Sums): void {
	const sums = map.get(key);
	if (!sums) map.set(key, [n, up, down]);
	else {
		sums[0] += n;
		sums[1] += up;
		sums[2] += down;
	}
}

/** Sums by key, three numbers in a row for each. */
class Sheet {
	readonly at = new Map<number, number>();
	sums = new Float64Array(3 * 1024);

	add(key: number, [n, up, down]: Sums): void {
		let at = this.at.get(key);
		if (at === undefined) {
			at = this.at.size * 3;
			if (at === this.sums.length) {
				const larger = new Float64Array(2 * at);
				larger.set(this.sums);
				this.sums = larger;
			}
			this.at.set(key, at);
		}
		this.sums[at]! += n;
		this.sums[at + 1]! += up;
		this.sums[at + 2]! += down;
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

	run({ at, sums }: Sheet): void {
		const keys = Float64Array.from(at.keys()).sort();
		const whole = keys.length - (keys.length % rowsAtOnce);
		const values = new Array<number>(rowsAtOnce * 4);
		for (let first = 0; first < whole; first += rowsAtOnce) {
			for (let row = 0; row < rowsAtOnce; row += 1) put(values, row, keys[first + row]!, at, sums);
			this.#many.run(...values);
		}
		const single = new Array<number>(4);
		for (const key of keys.subarray(whole)) {
			put(single, 0, key, at, sums);
			this.#one.run(...single);
		}
	}
}

function put(values: number[], row: number, key: number, at: ReadonlyMap<number, number>, sums: Float64Array): void {
	const from = at.get(key)!;
	values[row * 4] = key;
	values[row * 4 + 1] = sums[from]!;
	values[row * 4 + 2] = sums[from + 1]!;
	values[row * 4 + 3] = sums[from + 2]!;
}
