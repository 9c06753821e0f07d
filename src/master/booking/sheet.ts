// Sums that are gathered in memory and then added to a table in the order of its keys: thousands of rows touch each
// page once.
import type { Database } from '../../system/database.ts';
import { RowWriter } from './rowwriter.ts';

/** Connections, bytes up, bytes down. */
export type Sums = [n: number, up: number, down: number];

export function addTo<K>(map: Map<K, Sums>, key: K, n: number, up: number, down: number): void {
	const sums = map.get(key);
	if (!sums) map.set(key, [n, up, down]);
	else {
		sums[0] += n;
		sums[1] += up;
		sums[2] += down;
	}
}

/** A table `(k, n, u, d)` whose key is a group and a number below `width` within it. */
export class Sheet {
	readonly #rows: RowWriter;
	readonly #width: number;
	#groups = new Map<number, Map<number, Sums>>();

	constructor(database: Database, table: string, width: number) {
		const onConflict = 'ON CONFLICT DO UPDATE SET n = n + excluded.n, u = u + excluded.u, d = d + excluded.d';
		this.#rows = new RowWriter(database, { table, columns: 4, onConflict });
		this.#width = width;
	}

	/** The sums of a group, to add to. */
	group(group: number): Map<number, Sums> {
		let sums = this.#groups.get(group);
		if (!sums) {
			sums = new Map();
			this.#groups.set(group, sums);
		}
		return sums;
	}

	/** Writes sums of a group, in the order of their numbers. */
	write(group: number, sums: Iterable<readonly [number, Sums]>): void {
		for (const [number, [n, up, down]] of sums) this.#rows.add(group * this.#width + number, n, up, down);
	}

	/** Writes what is left, and what was gathered. */
	flush(): void {
		for (const group of ascending(this.#groups.keys())) {
			const sums = this.#groups.get(group)!;
			for (const code of ascending(sums.keys())) {
				const [n, up, down] = sums.get(code)!;
				this.#rows.add(group * this.#width + code, n, up, down);
			}
		}
		this.#rows.flush();
		this.#groups = new Map();
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#rows.forget();
		this.#groups = new Map();
	}
}

export function ascending(numbers: Iterable<number>): Float64Array {
	return Float64Array.from(numbers).sort();
}
