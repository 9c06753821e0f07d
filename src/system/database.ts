// An SQLite database in a real file: unmodified sql.js whose system calls are answered by a `Disk`, so pages, journal
// and fsync are SQLite's own. docs/database.md tells how, what it promises and what it does not.
import { basename, dirname } from 'node:path';
import { type Disk, exists, nodeDisk } from './disk.ts';
import { checkHeader, createDatabase, type Damaged, damaged, removeTemporaries } from './sqlite/check.ts';
import { Connection } from './sqlite/connection.ts';
import { DatabaseError, damageCodes, resultError } from './sqlite/error.ts';
import { Locks, localLocks } from './sqlite/locks.ts';
import { type SqlValue, Statement } from './sqlite/statement.ts';
import { Syscalls } from './sqlite/syscalls.ts';

export type { Damaged } from './sqlite/check.ts';
export { loadSqlite } from './sqlite/engine.ts';
export { DatabaseError } from './sqlite/error.ts';
export { newLocks, releaseLocks } from './sqlite/locks.ts';
export { quarantine } from './sqlite/quarantine.ts';
export type { SqlValue, Statement } from './sqlite/statement.ts';

export interface DatabaseOptions {
	readonly disk?: Disk;
	/** Marks the file as ours (32 bits). null: any SQLite file will do, but none is made. */
	readonly applicationId: number | null;
	/** `schema[n]` brings a file from version n to n + 1 (`user_version`); a new file goes through all. */
	readonly schema: readonly string[];
	/** Pages of 4 kB kept in memory: the bound of what SQLite uses, whatever the file's size. */
	readonly cachePages?: number;
	/** `wal`: one connection alone. `rollback`: as many as share `locks`. */
	readonly journal?: 'wal' | 'rollback';
	/** The file never has more pages of 4 kB; what would need more fails with SQLITE_FULL. */
	readonly maxPages?: number;
	/** Nothing is written, migrated or made. */
	readonly readonly?: boolean;
	/** `whole` reads every page at open; `header` leaves damage to be found by whoever reads the page. */
	readonly check?: 'whole' | 'header';
	/** From `newLocks()`: shared with all who open this file, in any thread. Without, the file is opened alone. */
	readonly locks?: SharedArrayBuffer;
}

const defaultCachePages = 256;
/** The WAL goes back into the file at this size, and stays so long on disk: 1 MB. */
const walPages = 256;

/**
 * Opens the database at `path`, making it where there is none, and brings its schema up to date. A file that is
 * damaged, foreign or newer is a value, and nothing has been written to it but what SQLite recovers from its journal.
 * Rejects with a `DatabaseError` for everything else (the disk, rights, a file that is open already).
 */
export async function openDatabase(path: string, options: DatabaseOptions): Promise<Database | Damaged> {
	const { disk = nodeDisk, applicationId, locks: sharedLocks, journal = 'wal' } = options;
	const file = basename(path);
	if (journal === 'wal' && sharedLocks) throw misuse(`${file}: a WAL is for one connection`);
	const readonly = options.readonly ?? false;
	const found = onDisk(path, () => {
		if (applicationId !== null && !readonly && !exists(disk, path)) createDatabase(disk, path, applicationId);
		if (!readonly && !sharedLocks) removeTemporaries(disk, path);
		const header = checkHeader(disk, path, applicationId);
		return 'damaged' in header ? header : { header, withoutWal: readonly && !exists(disk, `${path}-wal`) };
	});
	if ('damaged' in found) return found;
	const locks = Locks.claim(sharedLocks ?? localLocks(disk, path));
	if (!locks) throw new DatabaseError('SQLITE_BUSY', `${file}: too many connections`);
	const syscalls = new Syscalls({ disk, folder: dirname(path), name: file, ...found, readonly, locks });
	let connection: Connection | undefined;
	try {
		connection = await Connection.open(file, syscalls);
		const database = new Database(connection, locks);
		const bad = prepareFile(database, connection, options);
		if (bad === null) return database;
		database.close();
		return bad;
	} catch (error) {
		quietly(() => connection?.close());
		locks.release();
		if (error instanceof DatabaseError && damageCodes.has(error.code)) return damaged(error.message);
		throw error;
	}
}

/** Settings, check and migrations, in the order that SQLite wants them. */
function prepareFile(database: Database, connection: Connection, options: DatabaseOptions): Damaged | null {
	const { schema, readonly = false, journal = 'wal', maxPages, cachePages = defaultCachePages } = options;
	if (!options.locks) database.exec('PRAGMA locking_mode=exclusive');
	database.exec(`PRAGMA cache_size=${cachePages}; PRAGMA trusted_schema=off; PRAGMA cell_size_check=on`);
	if (readonly) database.exec('PRAGMA query_only=on');
	else {
		const mode = journal === 'wal' ? 'wal' : 'persist';
		const now = database.value(`PRAGMA journal_mode=${mode}`);
		if (now !== mode) throw misuse(`${database.file}: the journal stays ${now}`);
		database.exec(`PRAGMA synchronous=full; PRAGMA wal_autocheckpoint=${walPages}`);
		database.exec(`PRAGMA journal_size_limit=${walPages * 4096}`);
		if (maxPages !== undefined) database.exec(`PRAGMA max_page_count=${maxPages}`);
	}
	if (options.check !== 'header') {
		connection.takeFault();
		const said = database.value('PRAGMA quick_check(1)');
		const fault = connection.takeFault();
		// A page that could not be read now is not a damaged one.
		if (fault && fault.code !== 'checksum') {
			throw new DatabaseError('SQLITE_IOERR', `${database.file}: cannot be checked`, fault);
		}
		if (said !== 'ok') return damaged(fault ? `${fault.what} is not as it was written` : String(said));
	}
	const version = Number(database.value('PRAGMA user_version'));
	if (version > schema.length && schema.length > 0) {
		return { damaged: `has schema ${version}, this program knows ${schema.length}`, why: 'newer' };
	}
	if (readonly && version < schema.length) {
		throw new DatabaseError('SQLITE_READONLY', `${database.file}: has the older schema ${version}`);
	}
	for (let at = version; at < schema.length; at += 1) {
		database.transaction(() => database.exec(`${schema[at]!};\nPRAGMA user_version=${at + 1}`));
	}
	return null;
}

/** An open database. All calls block until the disk has answered; after `transaction` returns its rows are on disk. */
export class Database {
	readonly file: string;
	/** Names this connection to `releaseLocks`, for whoever ends its thread. */
	readonly lockSlot: number;
	#connection: Connection;
	#locks: Locks;
	#statements = new Set<Statement<never>>();
	#inTransaction = false;
	#closed = false;

	/** Made by `openDatabase`. */
	constructor(connection: Connection, locks: Locks) {
		this.#connection = connection;
		this.#locks = locks;
		this.file = connection.file;
		this.lockSlot = locks.slot;
	}

	/** Runs any number of statements, ignoring their rows. Not for values: those go through `prepare`. */
	exec(sql: string): void {
		this.#connection.exec(sql);
	}

	/** Compiles one statement. `Params` are its question marks in order, `Row` the columns by name; nobody checks them. */
	prepare<Params extends readonly SqlValue[] = [], Row = unknown>(sql: string): Statement<Params, Row> {
		const forget = (statement: Statement<never>) => this.#statements.delete(statement);
		const statement = new Statement<Params, Row>(this.#connection, sql, forget);
		this.#statements.add(statement as unknown as Statement<never>);
		return statement;
	}

	/** The first column of the first row of a statement that is used once. */
	value(sql: string): SqlValue | undefined {
		const statement = this.prepare<[], Record<string, SqlValue>>(sql);
		try {
			return Object.values(statement.get() ?? {})[0];
		} finally {
			statement.free();
		}
	}

	/**
	 * Runs `work` as one transaction: all of it is on disk when this returns, or none of it when this throws (what `work`
	 * threw, or why it could not be committed). Not nested, not asynchronous. After a failure of the disk or SQLITE_FULL
	 * inside `work` nothing more of it is done, even if `work` goes on.
	 */
	transaction<T>(work: () => T extends PromiseLike<unknown> ? never : T): T {
		if (this.#inTransaction) throw misuse(`${this.file}: a transaction within a transaction`);
		this.exec('BEGIN IMMEDIATE');
		this.#inTransaction = true;
		this.#connection.markTransaction('begun');
		try {
			const result = work();
			this.exec('COMMIT');
			return result;
		} catch (error) {
			this.#connection.markTransaction('over');
			// Where the disk failed SQLite has rolled back by itself, and says that there is nothing to roll back.
			quietly(() => this.exec('ROLLBACK'));
			throw error;
		} finally {
			this.#connection.markTransaction('over');
			this.#inTransaction = false;
		}
	}

	/** Pages in the file, free ones among them, and the bytes of one. */
	size(): { readonly pages: number; readonly freePages: number; readonly pageBytes: number } {
		return {
			pages: Number(this.value('PRAGMA page_count')),
			freePages: Number(this.value('PRAGMA freelist_count')),
			pageBytes: Number(this.value('PRAGMA page_size')),
		};
	}

	/** Frees all statements, brings the WAL into the file, closes it. Again: nothing. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		try {
			for (const statement of this.#statements) statement.free();
			this.#connection.close();
		} finally {
			this.#locks.release();
		}
	}
}

/** For what cleans up after an error that tells more than its own would. */
function quietly(clean: () => void): void {
	try {
		clean();
	} catch {
		// The first error is the one to tell.
	}
}

/** What Node throws before SQLite has the file, in SQLite's terms. */
function onDisk<T>(path: string, call: () => T): T {
	try {
		return call();
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
		const cantOpen = 14;
		const full = 13;
		throw resultError(code === 'ENOSPC' ? full : cantOpen, {
			file: basename(path),
			sentence: code === 'ENOSPC' ? 'disk is full' : 'unable to open database file',
			fault: { code, what: `open ${path}` },
		});
	}
}

function misuse(sentence: string): DatabaseError {
	return new DatabaseError('SQLITE_MISUSE', sentence);
}
