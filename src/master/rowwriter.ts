// Rows into one table, many with one statement: the way into the wasm costs as much as a row.
import type { Database, SqlValue, Statement } from '../system/database.ts';

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
	#values: SqlValue[] = [];

	constructor(database: Database, { table, columns, onConflict = '' }: RowTarget) {
		const row = `(${Array(columns).fill('?').join(', ')})`;
		const sql = (rows: number) => `INSERT INTO ${table} VALUES ${Array(rows).fill(row).join(', ')} ${onConflict}`;
		this.#columns = columns;
		this.#one = database.prepare(sql(1));
		this.#many = database.prepare(sql(rowsAtOnce));
	}

	/** Goes out with the next ones, at `flush` at the latest. */
	add(...row: SqlValue[]): void {
		for (const value of row) this.#values.push(value);
		if (this.#values.length < rowsAtOnce * this.#columns) return;
		const values = this.#values;
		this.#values = [];
		this.#many.run(...values);
	}

	flush(): void {
		const values = this.#values;
		this.#values = [];
		for (let at = 0; at < values.length; at += this.#columns) this.#one.run(...values.slice(at, at + this.#columns));
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#values = [];
	}
}
