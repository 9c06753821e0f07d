// A table `(k, n, u, d)` of sums: what is added is gathered in memory and then written in the order of the keys, so that
// thousands of rows touch each page once.
import type { Database } from '../../system/database.ts';
import { RowWriter } from './rowwriter.ts';
import { SumTable } from './sumtable.ts';

export class Sheet {
	readonly #rows: RowWriter;
	readonly #sums = new SumTable();
	readonly #write: (key: number, n: number, up: number, down: number) => void;

	constructor(database: Database, table: string) {
		const onConflict = 'ON CONFLICT DO UPDATE SET n = n + excluded.n, u = u + excluded.u, d = d + excluded.d';
		this.#rows = new RowWriter(database, { table, columns: 4, onConflict });
		this.#write = (key, n, up, down) => this.#rows.add([key, n, up, down]);
	}

	/** `key`: as schema.ts packs it. */
	add(key: number, n: number, up: number, down: number): void {
		this.#sums.add(key, n, up, down);
	}

	/** Writes what was gathered. */
	flush(): void {
		this.#sums.eachAscending(this.#write);
		this.#rows.flush();
		this.#sums.clear();
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#rows.forget();
		this.#sums.clear();
	}
}
