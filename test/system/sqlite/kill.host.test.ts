import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../../src/system/database.ts';
import { killWriters, sqlite3 } from './kill.ts';
import { applicationId, open, schema, scratchFolder } from './scratch.ts';

for (const journal of ['wal', 'rollback'] as const) {
	test(`it keeps what was committed through kill -9, and sqlite3 says ok (${journal}, a share of kill.soak)`, async (t) => {
		if (sqlite3(':memory:', 'SELECT 1') === null) return t.skip('no sqlite3: to look at the files from outside');
		assert.ok((await killWriters(scratchFolder(t), journal, { rounds: 10, seed: 1 })) >= 5);
	});

	test(`it leaves a file that sqlite3 calls ok and reads alike (${journal})`, async (t) => {
		if (sqlite3(':memory:', 'SELECT 1') === null) return t.skip('no sqlite3: to look at the file from outside');
		const path = join(scratchFolder(t), 'a.db');
		const database = await open(path, { journal });
		const insert = database.prepare<[number, number, string]>('INSERT INTO t(id, number, text) VALUES (?, ?, ?)');
		database.transaction(() => {
			for (let id = 0; id < 5_000; id += 1) insert.run(id, 2 ** 53 - 1 - id, `row ${id}`);
		});
		database.exec('DELETE FROM t WHERE id % 3 = 0');
		database.close();
		assert.equal(sqlite3(path, 'PRAGMA integrity_check'), 'ok');
		assert.equal(
			sqlite3(path, 'SELECT count(*), max(number), typeof(max(number)) FROM t'),
			'3333|9007199254740990|integer',
		);
	});
}

test('it tells a file that another program has written to, and takes it after a VACUUM', async (t) => {
	if (sqlite3(':memory:', 'SELECT 1') === null) return t.skip('no sqlite3: to write to the file from outside');
	const path = join(scratchFolder(t), 'a.db');
	(await open(path)).close();
	sqlite3(path, "INSERT INTO t(text) VALUES ('foreign')");
	assert.ok('damaged' in (await openDatabase(path, { applicationId, schema })));
	sqlite3(path, 'VACUUM');
	const database = await open(path);
	assert.equal(database.value('SELECT text FROM t'), 'foreign');
	database.close();
});
