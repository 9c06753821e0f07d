// A small history of transactions on a database, and the sums that say afterwards which of them a file holds. Used
// by the tests that take the disk away in the middle.
import assert from 'node:assert/strict';
import { type Database, DatabaseError, type DatabaseOptions, openDatabase } from '../../../src/system/database.ts';
import type { Disk } from '../../../src/system/disk.ts';

export const path = '/state/queue.db';
export const applicationId = 0x6e6d_7473;

export const schema = [
	'CREATE TABLE rows (number INTEGER, part INTEGER, bytes BLOB, PRIMARY KEY (number, part)) WITHOUT ROWID',
	'CREATE TABLE sums (id INTEGER PRIMARY KEY, transactions INTEGER, parts INTEGER); INSERT INTO sums VALUES (1, 0, 0)',
] as const;

export type Journal = NonNullable<DatabaseOptions['journal']>;

/** Opens with a cache so small that a transaction spills into the file before it is committed. */
export async function open(disk: Disk, journal: Journal, options: Partial<DatabaseOptions> = {}): Promise<Database> {
	const database = await openDatabase(path, { disk, applicationId, schema, journal, cachePages: 10, ...options });
	if ('damaged' in database) throw new Error(`damaged: ${database.damaged}`);
	return database;
}

/** Transaction `number`: parts of different length, so that pages are made, filled and freed. */
export function transact(database: Database, number: number): void {
	const parts = 3 + ((number * 7) % 12);
	const insert = database.prepare<[number, number, Uint8Array]>('INSERT INTO rows VALUES (?, ?, ?)');
	const count = database.prepare<[number]>('UPDATE sums SET transactions = transactions + 1, parts = parts + ?');
	try {
		database.transaction(() => {
			for (let part = 0; part < parts; part += 1) insert.run(number, part, bytesOf(number, part));
			count.run(parts);
		});
	} finally {
		insert.free();
		count.free();
	}
}

/** The numbers of the transactions in the file; fails unless each is there whole and the sums agree. */
export function held(database: Database): number[] {
	const rows = database.prepare<[], { number: number; part: number; bytes: Uint8Array }>(
		'SELECT number, part, bytes FROM rows ORDER BY number, part',
	);
	const parts = new Map<number, number>();
	for (const { number, part, bytes } of rows.iterate()) {
		assert.deepEqual(bytes, bytesOf(number, part));
		assert.equal(part, parts.get(number) ?? 0);
		parts.set(number, part + 1);
	}
	rows.free();
	for (const [number, count] of parts) assert.equal(count, 3 + ((number * 7) % 12), `transaction ${number} is torn`);
	const sums = database
		.prepare<[], { transactions: number; parts: number }>('SELECT transactions, parts FROM sums')
		.get();
	assert.equal(sums?.transactions, parts.size);
	assert.equal(
		sums.parts,
		[...parts.values()].reduce((sum, count) => sum + count, 0),
	);
	return [...parts.keys()];
}

function bytesOf(number: number, part: number): Uint8Array {
	return new Uint8Array((number * 131 + part * 977) % 3_000).fill(number * 16 + part);
}

export interface Run {
	/** Transactions whose commit returned. */
	readonly committed: readonly number[];
	/** What was refused, as "CODE disk code". */
	readonly refused: readonly string[];
}

/**
 * Opens, adds transactions `from` to `to` - 1, deletes nothing, closes. Whatever the disk does, every error must be a
 * `DatabaseError`, and the connection must go on where it can.
 */
export async function run(disk: Disk, journal: Journal, { from, to }: { from: number; to: number }): Promise<Run> {
	const committed: number[] = [];
	const refused: string[] = [];
	const tried = (call: () => void) => {
		try {
			call();
			return true;
		} catch (error) {
			if (!(error instanceof DatabaseError)) throw error;
			assert.notEqual(error.code, 'SQLITE_INTERNAL', error.message);
			refused.push(`${error.code} ${error.disk}`);
			return false;
		}
	};
	let database: Database;
	try {
		database = await open(disk, journal);
	} catch (error) {
		if (!(error instanceof DatabaseError)) throw error;
		return { committed, refused: [`${error.code} ${error.disk}`] };
	}
	for (let number = from; number < to; number += 1) {
		if (tried(() => transact(database, number))) committed.push(number);
	}
	tried(() => database.close());
	return { committed, refused };
}
