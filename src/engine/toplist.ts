// Who moved most, of very many, in little memory: some hundred counters. A name that is not among them takes the place of
// the smallest and its bytes go to `others`, so the sum of all is exact and the largest are never far off. Pure.
import type { Bytes } from '../record.ts';

/** As it is kept: name, up, down. */
export type TopLine = readonly [name: string, up: number, down: number];

export class TopList {
	readonly #most: number;
	readonly #counters = new Map<string, { up: number; down: number }>();
	readonly #others = { up: 0, down: 0 };

	/** @param most names that are kept between two calls of `trim` times two */
	constructor(most: number, lines: readonly TopLine[] = [], others: Bytes = { up: 0, down: 0 }) {
		this.#most = most;
		for (const [name, up, down] of lines) this.#counters.set(name, { up, down });
		this.#others = { ...others };
	}

	add(name: string, { up, down }: Bytes): void {
		const counter = this.#counters.get(name);
		if (counter) {
			counter.up += up;
			counter.down += down;
			return;
		}
		this.#counters.set(name, { up, down });
		if (this.#counters.size >= this.#most * 2) this.#trim();
	}

	/** The largest first, at most `count`. */
	top(count: number): TopLine[] {
		return [...this.#counters]
			.map(([name, { up, down }]): TopLine => [name, up, down])
			.sort((a, b) => b[1] + b[2] - a[1] - a[2] || (a[0] < b[0] ? -1 : 1))
			.slice(0, count);
	}

	/** Bytes of all names that are not among the lines of `state`. */
	state(): { readonly lines: readonly TopLine[]; readonly others: Bytes } {
		this.#trim();
		return { lines: this.top(this.#most), others: { ...this.#others } };
	}

	#trim(): void {
		for (const [name, up, down] of this.top(this.#counters.size).slice(this.#most)) {
			this.#counters.delete(name);
			this.#others.up += up;
			this.#others.down += down;
		}
	}
}
