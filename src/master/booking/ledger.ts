// What flowed, added to every sum that is kept of it: per cell by 5 minutes and hours, per dimension by hours and of all
// times, per agent and class by hours.
import type { Database, Statement } from '../../system/database.ts';
import type { CellPlace, Cells } from './cells.ts';
import {
	type CellColumn,
	cellColumns,
	classNames,
	type DimensionName,
	dimensions,
	geoipTags,
	hasHourly,
} from './dimension.ts';
import { agentHourKey, bucketsAnHour, cellLimit, hourlyKey, totalKey } from './schema.ts';
import { Sheet } from './sheet.ts';
import { SumTable } from './sumtable.ts';
import type { Texts } from './texts.ts';

const at = (column: CellColumn) => cellColumns.indexOf(column);
const classAt = at('class');
const agentAt = at('agent');
const geoipAt = at('geoip');
const [networkAt, ruleTypeAt] = [at('network'), at('rule_type')];
const summed = Object.values(dimensions)
	.filter(({ name }) => name !== 'all' && name !== 'geoip')
	.map(({ code, name }) => ({ code, column: at(name as CellColumn) }));
/** By code of the dimension. */
const hasHours = Object.values(dimensions).map(({ name }) => hasHourly(name as DimensionName));
/** Wider than cells are many in memory, and codes in the store: a key is a number times that, plus one of those. */
const [cellsWide, codesWide] = [2 ** 26, 2 ** 28];
const dimensionsWide = 16;

type SlotPlace = readonly [agent: number, network: number, ruleType: number, className: number];

export interface LedgerOptions {
	readonly texts: Texts;
	readonly cells: Cells;
	/** Names of what is not the core's. */
	readonly otherClasses: readonly string[];
}

export class Ledger {
	readonly #texts: Texts;
	readonly #cells: Cells;
	readonly #usage: Sheet;
	readonly #hour: Sheet;
	readonly #total: Sheet;
	readonly #hourly: Sheet;
	readonly #agentHour: Sheet;
	readonly #findSlot: Statement<[...SlotPlace], { id: number }>;
	readonly #insertSlot: Statement<[...SlotPlace]>;
	readonly #otherClasses: ReadonlySet<number>;
	/** By number of the text: the place in `classNames`. */
	readonly #classAt: ReadonlyMap<number, number>;
	/** By bucket and cell, as they are in memory; and by hour. */
	readonly #flows = new SumTable();
	readonly #hours = new SumTable();
	/** By group of cells that have their slots in common, dimension and code. */
	readonly #groups = new SumTable();
	#slots = new Map<string, number>();
	#tags = new Map<number, readonly number[]>();

	constructor(database: Database, { texts, cells, otherClasses }: LedgerOptions) {
		this.#texts = texts;
		this.#cells = cells;
		this.#otherClasses = new Set(otherClasses.map((name) => texts.number(name)));
		this.#classAt = new Map(classNames.map((name, place) => [texts.number(name), place]));
		this.#usage = new Sheet(database, 'usage');
		this.#hour = new Sheet(database, 'hour');
		this.#total = new Sheet(database, 'total');
		this.#hourly = new Sheet(database, 'hourly');
		this.#agentHour = new Sheet(database, 'agenthour');
		this.#findSlot = database.prepare(
			'SELECT id FROM slot WHERE agent = ? AND network = ? AND rule_type = ? AND class = ?',
		);
		this.#insertSlot = database.prepare('INSERT INTO slot(agent, network, rule_type, class) VALUES (?, ?, ?, ?)');
	}

	/** `bucket` counts 5 minutes since the Unix epoch; `n` connections (signed: one may move on to a later bucket). */
	add(cell: CellPlace, bucket: number, n: number, up: number, down: number): void {
		this.#flows.add(bucket * cellsWide + cell, n, up, down);
	}

	/** Writes all that was added, within the transaction that is open. The cells have their numbers. */
	flush(): void {
		const cells = this.#cells;
		this.#flows.each((key, n, up, down) => {
			const bucket = Math.floor(key / cellsWide);
			const cell = key - bucket * cellsWide;
			this.#usage.add(bucket * cellLimit + cells.id(cell), n, up, down);
			this.#hours.add(Math.floor(bucket / bucketsAnHour) * cellsWide + cell, n, up, down);
			cells.add(cell, n, up, down);
		});
		this.#flows.clear();
		this.#hours.each((key, n, up, down) => {
			const hour = Math.floor(key / cellsWide);
			const cell = key - hour * cellsWide;
			this.#hour.add(hour * cellLimit + cells.id(cell), n, up, down);
			const className = this.#classAt.get(cells.code(cell, classAt))!;
			this.#agentHour.add(agentHourKey(cells.code(cell, agentAt), className, hour), n, up, down);
			this.#spread(cell, (dimension, code) => {
				if (hasHours[dimension]) this.#hourly.add(hourlyKey(dimension, hour, code), n, up, down);
			});
		});
		this.#hours.clear();
		this.#addTotals();
		for (const sheet of this.#sheets()) sheet.flush();
	}

	/** After a transaction that was taken back. */
	forget(): void {
		for (const sheet of this.#sheets()) sheet.forget();
		for (const sums of [this.#flows, this.#hours, this.#groups]) sums.clear();
		this.#slots.clear();
		this.#tags.clear();
	}

	#sheets(): readonly Sheet[] {
		return [this.#usage, this.#hour, this.#total, this.#hourly, this.#agentHour];
	}

	/** Cells of the same slots first among themselves: most of their dimensions have few values. */
	#addTotals(): void {
		const slots: (readonly number[])[] = [];
		const places = new Map<string, number>();
		this.#cells.eachChanged((cell, n, up, down) => {
			if (n === 0 && up === 0 && down === 0) return;
			const way = [agentAt, networkAt, ruleTypeAt, classAt].map((column) => this.#cells.code(cell, column));
			const key = way.join();
			let group = places.get(key);
			if (group === undefined) {
				group = slots.push(this.#slotsOf(way as unknown as SlotPlace)) - 1;
				places.set(key, group);
			}
			const from = group * dimensionsWide;
			this.#spread(cell, (dimension, code) => this.#groups.add((from + dimension) * codesWide + code, n, up, down));
		});
		this.#groups.each((key, n, up, down) => {
			const place = Math.floor(key / codesWide);
			const [group, dimension] = [Math.floor(place / dimensionsWide), place % dimensionsWide];
			for (const slot of slots[group]!)
				this.#total.add(totalKey(slot, dimension, key - place * codesWide), n, up, down);
		});
		this.#groups.clear();
	}

	/** Where a cell's bytes belong to. What is not the core's counts by agent and class alone. */
	#spread(cell: CellPlace, to: (dimension: number, code: number) => void): void {
		const cells = this.#cells;
		const className = cells.code(cell, classAt);
		if (this.#otherClasses.has(className)) return to(dimensions.class.code, className);
		to(dimensions.all.code, 0);
		for (const { code, column } of summed) to(code, cells.code(cell, column));
		for (const tag of this.#tagsOf(cells.code(cell, geoipAt))) to(dimensions.geoip.code, tag);
	}

	#tagsOf(geoip: number): readonly number[] {
		let tags = this.#tags.get(geoip);
		if (!tags) {
			tags = geoipTags(this.#texts.text(geoip)).map((tag) => this.#texts.number(tag));
			this.#tags.set(geoip, tags);
		}
		return tags;
	}

	/** 0, the agent's, and that of network, rule type and class together: see `slotsOf` (scope.ts). */
	#slotsOf([agent, ...way]: SlotPlace): readonly number[] {
		return [0, this.#slot([agent, 0, 0, 0]), this.#slot([0, ...way])];
	}

	#slot(place: SlotPlace): number {
		const key = place.join();
		let id = this.#slots.get(key);
		if (id === undefined) {
			id = this.#findSlot.get(...place)?.id;
			if (id === undefined) {
				this.#insertSlot.run(...place);
				id = this.#findSlot.get(...place)!.id;
			}
			this.#slots.set(key, id);
		}
		return id;
	}
}
