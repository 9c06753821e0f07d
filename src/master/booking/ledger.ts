// What flowed, added to every sum that is kept of it: per cell by 5 minutes and hours, per dimension by hours and of all
// times, per agent and class by hours.
import type { Database, Statement } from '../../system/database.ts';
import type { Cell, Cells } from './cells.ts';
import {
	type CellColumn,
	cellColumns,
	classNames,
	type DimensionName,
	dimensions,
	geoipTags,
	hasHourly,
} from './dimension.ts';
import { agentHourGroup, bucketsAnHour, hourlyGroup, tableWidths, totalGroup } from './schema.ts';
import { addTo, ascending, Sheet, type Sums } from './sheet.ts';
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
const perDimension = () => hasHours.map(() => new Map<number, Sums>());

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
	readonly #sheets: Readonly<Record<keyof typeof tableWidths, Sheet>>;
	readonly #findSlot: Statement<[...SlotPlace], { id: number }>;
	readonly #insertSlot: Statement<[...SlotPlace]>;
	readonly #otherClasses: ReadonlySet<number>;
	/** By number of the text: the place in `classNames`. */
	readonly #classAt: ReadonlyMap<number, number>;
	#buckets = new Map<number, Map<Cell, Sums>>();
	#slots = new Map<string, number>();
	#tags = new Map<number, readonly number[]>();

	constructor(database: Database, { texts, cells, otherClasses }: LedgerOptions) {
		this.#texts = texts;
		this.#cells = cells;
		this.#otherClasses = new Set(otherClasses.map((name) => texts.number(name)));
		this.#classAt = new Map(classNames.map((name, place) => [texts.number(name), place]));
		const sheet = (table: keyof typeof tableWidths) => new Sheet(database, table, tableWidths[table]);
		this.#sheets = {
			usage: sheet('usage'),
			hour: sheet('hour'),
			total: sheet('total'),
			hourly: sheet('hourly'),
			agenthour: sheet('agenthour'),
		};
		this.#findSlot = database.prepare(
			'SELECT id FROM slot WHERE agent = ? AND network = ? AND rule_type = ? AND class = ?',
		);
		this.#insertSlot = database.prepare('INSERT INTO slot(agent, network, rule_type, class) VALUES (?, ?, ?, ?)');
	}

	/** `bucket` counts 5 minutes since the Unix epoch; `n` connections (signed: one may move on to a later bucket). */
	add(cell: Cell, bucket: number, n: number, up: number, down: number): void {
		let cells = this.#buckets.get(bucket);
		if (!cells) {
			cells = new Map();
			this.#buckets.set(bucket, cells);
		}
		addTo(cells, cell, n, up, down);
	}

	/** Writes all that was added, within the transaction that is open. The cells have their numbers. */
	flush(): void {
		const hours = new Map<number, Map<Cell, Sums>>();
		for (const bucket of ascending(this.#buckets.keys())) {
			const cells = this.#buckets.get(bucket)!;
			this.#sheets.usage.write(bucket, byNumber(cells));
			const hour = Math.floor(bucket / bucketsAnHour);
			const inHour = hours.get(hour);
			// As the bucket's they are not needed any more.
			if (!inHour) hours.set(hour, cells);
			else for (const [cell, [n, up, down]] of cells) addTo(inHour, cell, n, up, down);
		}
		const touched = new Set<Cell>();
		for (const [hour, cells] of hours) {
			this.#sheets.hour.write(hour, byNumber(cells));
			this.#addHour(hour, cells);
			for (const [cell, [n, up, down]] of cells) {
				this.#cells.add(cell, n, up, down);
				touched.add(cell);
			}
		}
		this.#addTotals(touched);
		for (const sheet of Object.values(this.#sheets)) sheet.flush();
		this.#buckets = new Map();
	}

	/** After a transaction that was taken back. */
	forget(): void {
		for (const sheet of Object.values(this.#sheets)) sheet.forget();
		this.#buckets = new Map();
		this.#slots.clear();
		this.#tags.clear();
	}

	#addHour(hour: number, cells: ReadonlyMap<Cell, Sums>): void {
		const { hourly, agenthour } = this.#sheets;
		const places = hasHours.map((has, dimension) => (has ? hourly.group(hourlyGroup(dimension, hour)) : null));
		for (const [{ codes }, [n, up, down]] of cells) {
			const place = this.#classAt.get(codes[classAt]!)!;
			addTo(agenthour.group(agentHourGroup(codes[agentAt]!, place)), hour, n, up, down);
			this.#spread(codes, (dimension, code) => {
				const sums = places[dimension];
				if (sums) addTo(sums, code, n, up, down);
			});
		}
	}

	/** Cells of the same slots first among themselves: most of their dimensions have few values. */
	#addTotals(cells: ReadonlySet<Cell>): void {
		const perSlots = new Map<string, { readonly slots: readonly number[]; readonly sums: Map<number, Sums>[] }>();
		for (const { codes, n, up, down } of cells) {
			const key = `${codes[agentAt]} ${codes[networkAt]} ${codes[ruleTypeAt]} ${codes[classAt]}`;
			let group = perSlots.get(key);
			if (!group) {
				group = { slots: this.#slotsOf(codes), sums: perDimension() };
				perSlots.set(key, group);
			}
			const { sums } = group;
			this.#spread(codes, (dimension, code) => addTo(sums[dimension]!, code, n, up, down));
		}
		for (const { slots, sums } of perSlots.values()) {
			for (const slot of slots) {
				for (const [dimension, codes] of sums.entries()) {
					if (codes.size === 0) continue;
					const group = this.#sheets.total.group(totalGroup(slot, dimension));
					for (const [code, [n, up, down]] of codes) addTo(group, code, n, up, down);
				}
			}
		}
	}

	/** Where a cell's bytes belong to. What is not the core's counts by agent and class alone. */
	#spread(codes: readonly number[], to: (dimension: number, code: number) => void): void {
		if (this.#otherClasses.has(codes[classAt]!)) return to(dimensions.class.code, codes[classAt]!);
		to(dimensions.all.code, 0);
		for (const { code, column } of summed) to(code, codes[column]!);
		for (const tag of this.#tagsOf(codes[geoipAt]!)) to(dimensions.geoip.code, tag);
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
	#slotsOf(codes: readonly number[]): readonly number[] {
		const way = [0, codes[networkAt]!, codes[ruleTypeAt]!, codes[classAt]!] as const;
		return [0, this.#slot([codes[agentAt]!, 0, 0, 0]), this.#slot(way)];
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

function byNumber(cells: ReadonlyMap<Cell, Sums>): (readonly [number, Sums])[] {
	return Array.from(cells, ([cell, sums]) => [cell.id, sums] as const).sort(([a], [b]) => a - b);
}
