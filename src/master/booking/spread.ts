// What a cell's bytes count for: each dimension that sums are asked by, and its value there.
import type { CellPlace, Cells } from './cells.ts';
import { type CellColumn, columnAt, dimensions, geoipTags } from './dimension.ts';
import type { Texts } from './texts.ts';

const [classAt, geoipAt] = [columnAt('class'), columnAt('geoip')];
const summed = Object.values(dimensions)
	.filter(({ name }) => name !== 'all' && name !== 'geoip')
	.map(({ code, name }) => ({ code, column: columnAt(name as CellColumn) }));

export interface SpreadOptions {
	readonly texts: Texts;
	readonly cells: Cells;
	/** Names of what is not the core's. */
	readonly otherClasses: readonly string[];
}

export class Spread {
	readonly #texts: Texts;
	readonly #cells: Cells;
	readonly #otherClasses: ReadonlySet<number>;
	#tags = new Map<number, readonly number[]>();

	constructor({ texts, cells, otherClasses }: SpreadOptions) {
		this.#texts = texts;
		this.#cells = cells;
		this.#otherClasses = new Set(otherClasses.map((name) => texts.number(name)));
	}

	/** Dimensions by their code, values by the number of their text. What is not the core's counts by its class alone. */
	each(cell: CellPlace, to: (dimension: number, value: number) => void): void {
		const cells = this.#cells;
		const className = cells.code(cell, classAt);
		if (this.#otherClasses.has(className)) return to(dimensions.class.code, className);
		to(dimensions.all.code, 0);
		for (const { code, column } of summed) to(code, cells.code(cell, column));
		for (const tag of this.#tagsOf(cells.code(cell, geoipAt))) to(dimensions.geoip.code, tag);
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#tags.clear();
	}

	#tagsOf(geoip: number): readonly number[] {
		let tags = this.#tags.get(geoip);
		if (!tags) {
			tags = geoipTags(this.#texts.text(geoip)).map((tag) => this.#texts.number(tag));
			this.#tags.set(geoip, tags);
		}
		return tags;
	}
}
