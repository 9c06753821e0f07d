// A folder that goes with the test, and a small database in it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, DatabaseError, type DatabaseOptions, openDatabase } from '../../../src/system/database.ts';

export const applicationId = 0x6e6d_7473;
export const schema = ['CREATE TABLE t (id INTEGER PRIMARY KEY, number INTEGER, real REAL, text TEXT, blob BLOB)'];

export function scratchFolder(t: { after(run: () => void): void }): string {
	const path = mkdtempSync(join(tmpdir(), 'netmon-database-'));
	t.after(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

export async function open(path: string, options: Partial<DatabaseOptions> = {}): Promise<Database> {
	const database = await openDatabase(path, { applicationId, schema, ...options });
	if ('damaged' in database) assert.fail(database.damaged);
	return database;
}

/** For `assert.throws` and `assert.rejects`. */
export const code = (expected: string) => (error: unknown) => error instanceof DatabaseError && error.code === expected;
