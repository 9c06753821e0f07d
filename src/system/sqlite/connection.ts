// One open database as SQLite's C functions see it: texts in and out of its memory, result codes made errors, and
// the end of everything when the wasm itself has failed.
import { textAt } from './abi.ts';
import { type Engine, type SqliteFunctions, startEngine } from './engine.ts';
import { DatabaseError, type DiskFault, resultError } from './error.ts';
import type { Syscalls } from './syscalls.ts';

const scratchBytes = 1024;
const okResult = 0;
/** Errors after which SQLite has rolled back, or may have (https://sqlite.org/lang_transaction.html). */
const endsTransaction = new Set(['SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_NOMEM', 'SQLITE_CORRUPT', 'SQLITE_INTERRUPT']);

export class Connection {
	readonly file: string;
	readonly call: SqliteFunctions;
	#memory: Engine['memory'];
	#syscalls: Syscalls;
	#database = 0;
	#scratch = 0;
	#scratchBytes = 0;
	#failed: DatabaseError | null = null;
	#inTransaction = false;
	#lost: DatabaseError | null = null;

	private constructor(file: string, syscalls: Syscalls, engine: Engine) {
		this.file = file;
		this.call = engine.call;
		this.#memory = engine.memory;
		this.#syscalls = syscalls;
	}

	/** Starts an instance and opens the file in it. `file` is its name in errors. */
	static async open(file: string, syscalls: Syscalls): Promise<Connection> {
		const connection = new Connection(file, syscalls, await startEngine(syscalls));
		connection.guard(() => {
			const pointer = connection.scratch(8 + syscalls.virtualPath.length * 4);
			const length = connection.putText(syscalls.virtualPath, pointer + 8);
			connection.bytes(pointer + 8 + length, 1)[0] = 0;
			const result = connection.call.sqlite3_open(pointer + 8, pointer);
			connection.#database = connection.pointerAt(pointer);
			connection.check(result);
		});
		return connection;
	}

	/** Closes the file and gives the memory back; whatever happens, nothing stays open. */
	close(): void {
		if (this.#database === 0) return;
		this.markTransaction('over');
		try {
			if (!this.#failed) this.guard(() => this.check(this.call.sqlite3_close_v2(this.#database)));
		} finally {
			this.#database = 0;
			this.#failed = new DatabaseError('SQLITE_MISUSE', `${this.file}: is closed`);
			this.#syscalls.closeAll();
		}
	}

	exec(sql: string): void {
		this.guard(() => {
			const pointer = this.scratch(sql.length * 3 + 1);
			const length = this.putText(sql, pointer);
			this.bytes(pointer + length, 1)[0] = 0;
			this.check(this.call.sqlite3_exec(this.#database, pointer, 0, 0, 0));
		});
	}

	/** A pointer to a compiled statement. */
	prepare(sql: string): number {
		return this.guard(() => {
			const pointer = this.scratch(8 + sql.length * 3 + 1);
			const length = this.putText(sql, pointer + 8);
			this.bytes(pointer + 8 + length, 1)[0] = 0;
			this.check(this.call.sqlite3_prepare_v2(this.#database, pointer + 8, length + 1, pointer, pointer + 4));
			const statement = this.pointerAt(pointer);
			const rest = this.text(this.pointerAt(pointer + 4), pointer + 8 + length - this.pointerAt(pointer + 4));
			if (statement !== 0 && rest.trim() === '') return statement;
			if (statement !== 0) this.call.sqlite3_finalize(statement);
			throw new DatabaseError('SQLITE_MISUSE', `${this.file}: prepare takes exactly one statement`);
		});
	}

	/** Rows changed by the last statement. */
	changes(): number {
		return this.call.sqlite3_changes(this.#database);
	}

	/**
	 * Runs calls into the wasm. One that ends it (out of memory in the wrong place, a bug) leaves it in no known state:
	 * from then on every use of this connection fails, and the file is as after a kill.
	 */
	guard<T>(calls: () => T): T {
		if (this.#failed) throw this.#failed;
		if (this.#lost) throw this.#lost;
		this.#syscalls.fault = null;
		try {
			return calls();
		} catch (error) {
			if (!(error instanceof DatabaseError)) throw this.#end(error);
			if (this.#inTransaction && endsTransaction.has(error.code)) this.#lost = error;
			throw error;
		}
	}

	/** For calls that give something back: they are made even where a transaction is lost, and never throw. */
	release(calls: () => void): void {
		if (this.#failed) return;
		try {
			calls();
		} catch (error) {
			this.#end(error);
		}
	}

	/**
	 * Marks the calls from `BEGIN` to `COMMIT`. SQLite may have rolled back by itself where one of them failed with the
	 * disk; whoever goes on nevertheless would commit what follows row by row, so it is refused until the end.
	 */
	markTransaction(state: 'begun' | 'over'): void {
		this.#inTransaction = state === 'begun';
		this.#lost = null;
	}

	#end(error: unknown): DatabaseError {
		const said = error instanceof Error ? error.message : String(error);
		this.#failed = new DatabaseError(
			'SQLITE_INTERNAL',
			`${this.file}: the SQLite engine stopped, open the file again: ${said}`,
		);
		return this.#failed;
	}

	/** Throws what a result code other than OK means. */
	check(result: number): void {
		if (result !== okResult) throw this.error(result);
	}

	error(result: number): DatabaseError {
		const sentence = this.textTo0(this.call.sqlite3_errmsg(this.#database));
		return resultError(result, { file: this.file, sentence, fault: this.#syscalls.fault });
	}

	/** What the disk last refused since this was last asked, for answers that hide it (`quick_check` does). */
	takeFault(): DiskFault | null {
		const fault = this.#syscalls.lastFault;
		this.#syscalls.lastFault = null;
		return fault;
	}

	/** Memory for what goes into one call; the next call may use it again. */
	scratch(bytes: number): number {
		if (bytes > this.#scratchBytes) {
			if (this.#scratch !== 0) this.call.free(this.#scratch);
			this.#scratchBytes = 0;
			this.#scratch = this.call.malloc(Math.max(bytes, scratchBytes));
			if (this.#scratch === 0) throw new DatabaseError('SQLITE_NOMEM', `${this.file}: out of memory`);
			this.#scratchBytes = Math.max(bytes, scratchBytes);
		}
		return this.#scratch;
	}

	bytes(pointer: number, length: number): Uint8Array {
		return new Uint8Array(this.#memory.buffer, pointer, length);
	}

	text(pointer: number, length: number): string {
		return Buffer.from(this.#memory.buffer, pointer, length).toString('utf8');
	}

	/** The text that ends at the first zero byte. */
	textTo0(pointer: number): string {
		return textAt(this.#memory, pointer);
	}

	/** Writes UTF-8; answers its length. There must be room for three bytes per UTF-16 unit. */
	putText(text: string, pointer: number): number {
		return Buffer.from(this.#memory.buffer).write(text, pointer);
	}

	pointerAt(pointer: number): number {
		return new DataView(this.#memory.buffer).getUint32(pointer, true);
	}
}
