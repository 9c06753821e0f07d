// A compiled statement with typed parameters and rows. It is reset after every use, so it never holds a lock or a
// transaction open by itself, and freed with its database at the latest.
import type { Connection } from './connection.ts';
import { DatabaseError } from './error.ts';

/**
 * Integers are numbers and exact up to 2^53 - 1 in both directions; a larger one is refused with SQLITE_RANGE, going
 * in and coming out. Texts are UTF-8 and may hold zero characters.
 */
export type SqlValue = null | number | string | Uint8Array;

const rowResult = 100;
const doneResult = 101;
const rangeResult = 25;
const copyNow = -1;
const [integer, float, text, blob] = [1, 2, 3, 4];

export class Statement<Params extends readonly SqlValue[] = [], Row = unknown> {
	#connection: Connection;
	#pointer: number;
	#parameters: number;
	#columns: string[] = [];
	#busy = false;
	#params: readonly SqlValue[] = [];
	readonly #bindAll = (): void => {
		const params = this.#params;
		for (let at = 0; at < params.length; at += 1) this.#bind(at + 1, params[at]!);
	};
	#onFree: (statement: Statement<never>) => void;

	/** Made by `Database.prepare`. */
	constructor(connection: Connection, sql: string, onFree: (statement: Statement<never>) => void) {
		this.#connection = connection;
		this.#pointer = connection.prepare(sql);
		this.#onFree = onFree;
		this.#parameters = connection.guard(() => {
			let count = 0;
			// What sql.js exports can count parameters in no other way.
			while (connection.call.sqlite3_bind_int(this.#pointer, count + 1, 0) !== rangeResult) count += 1;
			return count;
		});
	}

	/** Runs it to its end; answers how many rows it changed (0 for what changes none). */
	run(...params: Params): number {
		return this.runWith(params);
	}

	/** The same for parameters that are a list already. */
	runWith(params: Params): number {
		return this.#use(params, this.#runSteps);
	}

	/** The first row, if there is one. */
	get(...params: Params): Row | undefined {
		return this.#use(params, () => (this.#step() ? this.#row() : undefined));
	}

	all(...params: Params): Row[] {
		return this.#use(params, () => {
			const rows: Row[] = [];
			while (this.#step()) rows.push(this.#row());
			return rows;
		});
	}

	/** Row by row, for results that should not be in memory at once; leaving the loop early is fine. */
	*iterate(...params: Params): Generator<Row, void, void> {
		this.#start(params);
		try {
			for (;;) {
				const row = this.#connection.guard(() => (this.#step() ? { is: this.#row() } : null));
				if (row === null) return;
				yield row.is;
			}
		} finally {
			this.#finish();
		}
	}

	/** Gives its memory back; any use afterwards is refused. */
	free(): void {
		if (this.#pointer === 0) return;
		const pointer = this.#pointer;
		this.#pointer = 0;
		this.#onFree(this as unknown as Statement<never>);
		this.#connection.release(() => this.#connection.call.sqlite3_finalize(pointer));
	}

	readonly #runSteps = (): number => {
		while (this.#step());
		return this.#connection.changes();
	};

	#use<T>(params: Params, steps: () => T): T {
		this.#start(params);
		try {
			return this.#connection.guard(steps);
		} finally {
			this.#finish();
		}
	}

	#start(params: Params): void {
		const { file } = this.#connection;
		if (this.#pointer === 0) throw new DatabaseError('SQLITE_MISUSE', `${file}: the statement has been freed`);
		if (this.#busy) throw new DatabaseError('SQLITE_MISUSE', `${file}: the statement is being iterated`);
		if (params.length !== this.#parameters) {
			const sentence = `${file}: the statement takes ${this.#parameters} parameters, not ${params.length}`;
			throw new DatabaseError('SQLITE_RANGE', sentence);
		}
		this.#params = params;
		this.#connection.guard(this.#bindAll);
		this.#busy = true;
	}

	/** Its result is that of the last step, which has been told already. */
	#finish(): void {
		this.#busy = false;
		if (this.#pointer !== 0) this.#connection.release(() => this.#connection.call.sqlite3_reset(this.#pointer));
	}

	#step(): boolean {
		const result = this.#connection.call.sqlite3_step(this.#pointer);
		if (result === rowResult) return true;
		if (result === doneResult) return false;
		throw this.#connection.error(result);
	}

	#bind(at: number, value: SqlValue): void {
		const connection = this.#connection;
		const { call } = connection;
		if (value === null) {
			// A blob without memory is NULL to SQLite.
			connection.check(call.sqlite3_bind_blob(this.#pointer, at, 0, 0, 0));
		} else if (typeof value === 'number') {
			if (value === (value | 0)) {
				connection.check(call.sqlite3_bind_int(this.#pointer, at, value));
			} else if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
				throw this.#unsafe(`parameter ${at}`);
			} else {
				connection.check(call.sqlite3_bind_double(this.#pointer, at, value));
			}
		} else if (typeof value === 'string') {
			const pointer = connection.scratch(value.length * 3 + 1);
			const length = connection.putText(value, pointer);
			connection.check(call.sqlite3_bind_text(this.#pointer, at, pointer, length, copyNow));
		} else {
			const pointer = connection.scratch(value.byteLength + 1);
			connection.bytes(pointer, value.byteLength).set(value);
			connection.check(call.sqlite3_bind_blob(this.#pointer, at, pointer, value.byteLength, copyNow));
		}
	}

	#row(): Row {
		const { call } = this.#connection;
		const count = call.sqlite3_column_count(this.#pointer);
		if (count !== this.#columns.length) this.#columns = Array.from({ length: count }, (_, at) => this.#column(at));
		const row: Record<string, SqlValue> = {};
		for (let at = 0; at < count; at += 1) row[this.#columns[at]!] = this.#value(at);
		return row as Row;
	}

	#column(at: number): string {
		const name = this.#connection.call.sqlite3_column_name(this.#pointer, at);
		return this.#connection.textTo0(name);
	}

	#value(at: number): SqlValue {
		const connection = this.#connection;
		const { call } = connection;
		switch (call.sqlite3_column_type(this.#pointer, at)) {
			case integer: {
				const value = call.sqlite3_column_double(this.#pointer, at);
				if (!Number.isSafeInteger(value)) throw this.#unsafe(`column ${this.#columns[at]}`);
				return value;
			}
			case float:
				return call.sqlite3_column_double(this.#pointer, at);
			case text: {
				const pointer = call.sqlite3_column_text(this.#pointer, at);
				return connection.text(pointer, call.sqlite3_column_bytes(this.#pointer, at));
			}
			case blob: {
				const pointer = call.sqlite3_column_blob(this.#pointer, at);
				return connection.bytes(pointer, call.sqlite3_column_bytes(this.#pointer, at)).slice();
			}
			default:
				return null;
		}
	}

	#unsafe(what: string): DatabaseError {
		const sentence = `${this.#connection.file}: ${what} is no integer within 2^53 - 1 and no finite number`;
		return new DatabaseError('SQLITE_RANGE', sentence);
	}
}
