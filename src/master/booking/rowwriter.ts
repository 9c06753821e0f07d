// Rows into one table, many with one statement: the way into the wasm costs as much as a row.
import type { Database, SqlValue, Statement } from '../../system/database.ts';

const rowsAtOnce = 16;

export interface RowTarget {
	readonly table: string;
	readonly columns: number;
	/** `ON CONFLICT ...`; without one, a row that is there already is an error. */
	readonly onConflict?: string;
}

export class RowWriter {
	readonly #one: Statement<SqlValue[]>;
	readonly #many: Statement<SqlValue[]>;
	readonly #columns: number;
	readonly #values: SqlValue[];
	#filled = 0;

	constructor(database: Database, { table, columns, onConflict = '' }: RowTarget) {
		const row = `(${Array(columns).fill('?').join(', ')})`;
		// An error ends the transaction anyway. Told so, SQLite keeps no copy of each page to take back half a statement by.
		const sql = (rows: number) =>
			`INSERT OR ROLLBACK INTO ${table} VALUES ${Array(rows).fill(row).join(', ')} ${onConflict}`;
		this.#columns = columns;
		this.#values = Array<SqlValue>(columns * rowsAtOnce).fill(null);
		this.#one = database.prepare(sql(1));
		this.#many = database.prepare(sql(rowsAtOnce));
	}

	/** Goes out with the next ones, at `flush` at the latest. The list may be used again. */
	add(row: readonly SqlValue[]): void {
		for (let at = 0; at < row.length; at += 1) this.#values[this.#filled + at] = row[at]!;
		this.#filled += this.#columns;
		if (this.#filled < this.#values.length) return;
		this.#filled = 0;
		this.#many.runWith(this.#values);
	}

	flush(): void {
		const filled = this.#filled;
		this.#filled = 0;
		for (let at = 0; at < filled; at += this.#columns) this.#one.run(...this.#values.slice(at, at + this.#columns));
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#filled = 0;
	}
}
