// Rows found by a hash. New keys gather in a small table first, and go to the large one a part of all hashes at a time:
// keys are random, and a page of the large table is written for many of them together.
import type { Database, Statement } from '../../system/database.ts';
import { hashLimit } from './hash.ts';
import { RowWriter } from './rowwriter.ts';

/** So many new keys wait, some 2 MB of them. */
const waitingKeys = 100_000;
const parts = 32;

export class KeyTable {
	readonly #find: Statement<[number], { id: number }>;
	readonly #rows: RowWriter;
	readonly #merge: Statement<[number, number]>;
	readonly #clear: Statement<[number, number]>;
	readonly #database: Database;
	readonly #table: string;
	readonly #most: number;
	#waiting = 0;
	#part = 0;

	/** `table` has the columns `h` and another, the number of a row; what waits is in `new_...`, at `most` so many. */
	constructor(database: Database, table: 'connection_key' | 'cell_key', most = waitingKeys) {
		this.#database = database;
		this.#table = table;
		this.#most = most;
		this.#find = database.prepare(`SELECT id FROM ${table}_all WHERE h = ?`);
		this.#rows = new RowWriter(database, { table: `new_${table}`, columns: 2 });
		const part = 'h >= ? AND h < ?';
		this.#merge = database.prepare(
			`INSERT OR ROLLBACK INTO ${table} SELECT * FROM new_${table} WHERE ${part} ORDER BY h`,
		);
		this.#clear = database.prepare(`DELETE FROM new_${table} WHERE ${part}`);
		this.forget();
	}

	/** undefined: the key is free. */
	find(key: number): number | undefined {
		return this.#find.get(key)?.id;
	}

	/** To be called in the order of the keys. */
	add(key: number, id: number): void {
		this.#rows.add(key, id);
		this.#waiting += 1;
	}

	flush(): void {
		this.#rows.flush();
		for (let merged = 0; this.#waiting > this.#most; merged += 1) {
			const [from, to] = [this.#part, this.#part + 1].map((part) => (part / parts) * hashLimit) as [number, number];
			this.#merge.run(from, to);
			this.#waiting -= this.#clear.run(from, to);
			this.#part = (this.#part + 1) % parts;
			// Some may have been erased meanwhile; after all parts none waits.
			if (merged === parts) this.#waiting = 0;
		}
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#rows.forget();
		this.#waiting = Number(this.#database.value(`SELECT count(*) FROM new_${this.#table}`));
	}
}
