// What flowed, added to every sum that is kept of it: per cell by 5 minutes and hours, per dimension by hours and of all
// times, per agent and class by hours.
import type { Database } from '../../system/database.ts';
import type { CellPlace, Cells } from './cells.ts';
import { classNames, columnAt, type DimensionName, dimensions, hasHourly } from './dimension.ts';
import { agentHourKey, bucketsAnHour, cellLimit, hourlyKey } from './schema.ts';
import { Sheet } from './sheet.ts';
import { Spread, type SpreadOptions } from './spread.ts';
import { SumTable } from './sumtable.ts';
import { Totals } from './totals.ts';

const [classAt, agentAt] = [columnAt('class'), columnAt('agent')];
/** By code of the dimension. */
const hasHours = Object.values(dimensions).map(({ name }) => hasHourly(name as DimensionName));
/** Wider than cells are many in memory: a key is a number times that, plus a cell. */
const cellsWide = 2 ** 26;

export class Ledger {
	readonly totals: Totals;
	readonly #cells: Cells;
	readonly #spread: Spread;
	readonly #usage: Sheet;
	readonly #hour: Sheet;
	readonly #hourly: Sheet;
	readonly #agentHour: Sheet;
	/** By number of the text: the place in `classNames`. */
	readonly #classAt: ReadonlyMap<number, number>;
	/** By bucket and cell, as they are in memory; and by hour. */
	readonly #flows = new SumTable();
	readonly #hours = new SumTable();

	constructor(database: Database, options: SpreadOptions) {
		this.#cells = options.cells;
		this.#spread = new Spread(options);
		this.totals = new Totals(database, { cells: options.cells, spread: this.#spread });
		this.#classAt = new Map(classNames.map((name, place) => [options.texts.number(name), place]));
		this.#usage = new Sheet(database, 'usage');
		this.#hour = new Sheet(database, 'hour');
		this.#hourly = new Sheet(database, 'hourly');
		this.#agentHour = new Sheet(database, 'agenthour');
	}

	/** `bucket` counts 5 minutes since the Unix epoch; `n` connections (signed: one may move on to a later bucket). */
	add(cell: CellPlace, bucket: number, n: number, up: number, down: number): void {
		this.#flows.add(bucket * cellsWide + cell, n, up, down);
	}

	/** Writes all that was added, within the transaction that is open. */
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
			this.#spread.each(cell, (dimension, code) => {
				if (hasHours[dimension]) this.#hourly.add(hourlyKey(dimension, hour, code), n, up, down);
			});
		});
		this.#hours.clear();
		for (const sheet of this.#sheets()) sheet.flush();
		cells.eachChanged((cell, n, up, down) => this.totals.add(cell, n, up, down));
		this.totals.flush();
	}

	/** After a transaction that was taken back. */
	forget(): void {
		for (const sheet of this.#sheets()) sheet.forget();
		for (const sums of [this.#flows, this.#hours]) sums.clear();
		this.#spread.forget();
		this.totals.forget();
	}

	#sheets(): readonly Sheet[] {
		return [this.#usage, this.#hour, this.#hourly, this.#agentHour];
	}
}
