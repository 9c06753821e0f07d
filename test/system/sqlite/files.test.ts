import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../../src/system/database.ts';
import { nodeDisk } from '../../../src/system/disk.ts';
import { sealPage } from '../../../src/system/sqlite/pages.ts';
import { FakeDisk } from '../../fakes/disk.ts';
import { applicationId, code, open, schema, scratchFolder } from './scratch.ts';

test('it opens read-only what is there, and writes nothing', async (t) => {
	const dir = scratchFolder(t);
	const path = join(dir, 'a.db');
	await assert.rejects(openDatabase(path, { applicationId, schema, readonly: true }), code('SQLITE_CANTOPEN'));
	const writer = await open(path);
	writer.exec("INSERT INTO t(text) VALUES ('here')");
	// As after a kill: the row is in the WAL alone.
	const killed = join(dir, 'killed.db');
	for (const end of ['', '-wal']) copyFileSync(path + end, killed + end);
	writer.close();
	const content = () => readdirSync(dir).map((name) => [name, readFileSync(join(dir, name))]);
	const before = content();
	for (const file of [path, killed]) {
		const reader = await open(file, { readonly: true });
		assert.equal(reader.value('SELECT text FROM t'), 'here', file);
		assert.throws(() => reader.exec('DELETE FROM t'), code('SQLITE_READONLY'));
		reader.close();
	}
	assert.deepEqual(content(), before);
});

test('it opens a file once, unless locks are shared', async (t) => {
	const path = join(scratchFolder(t), 'a.db');
	const database = await open(path);
	await assert.rejects(openDatabase(path, { applicationId, schema }), code('SQLITE_BUSY'));
	database.close();
	(await open(path)).close();
});

test('it makes files that only their owner can read, and follows no link', async (t) => {
	const dir = scratchFolder(t);
	const path = join(dir, 'a.db');
	const database = await open(path);
	database.exec('INSERT INTO t(id) VALUES (1)');
	for (const name of readdirSync(dir)) assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600, name);
	assert.deepEqual(readdirSync(dir).sort(), ['a.db', 'a.db-wal']);
	database.close();
	symlinkSync(path, join(dir, 'link.db'));
	await assert.rejects(openDatabase(join(dir, 'link.db'), { applicationId, schema }), code('SQLITE_CANTOPEN'));
});

test('it reaches no file but its own', async (t) => {
	const dir = scratchFolder(t);
	const disk = new FakeDisk();
	const database = await open('/state/a.db', { disk });
	const insert = database.prepare<[number, string]>('INSERT INTO t(id, text) VALUES (?, ?)');
	database.transaction(() => {
		for (let id = 0; id < 20_000; id += 1) insert.run(id, `${(id * 7919) % 20_011} padded to be longer`);
	});
	database.exec('CREATE TEMP TABLE s AS SELECT * FROM t ORDER BY text; CREATE INDEX i ON t (text); VACUUM');
	writeFileSync(join(dir, 'other.db'), 'secret');
	for (const other of [join(dir, 'other.db'), '/etc/passwd', '/d/other.db', '/d/../etc/passwd', 'file:/etc/passwd']) {
		assert.throws(
			() => database.exec(`ATTACH '${other}' AS o; SELECT * FROM o.sqlite_schema`),
			code('SQLITE_CANTOPEN'),
		);
		assert.throws(() => database.exec(`VACUUM INTO '${other}'`), code('SQLITE_CANTOPEN'));
	}
	assert.equal(database.value('PRAGMA integrity_check'), 'ok');
	database.close();
	const paths = [...disk.paths].map((path) => path.replace(/etilqs_\w+$/, '*'));
	assert.deepEqual([...new Set(paths)].sort(), [
		'/state',
		'/state/a.db',
		'/state/a.db-journal',
		'/state/a.db-temp-*',
		'/state/a.db-wal',
		'/state/a.db.new',
	]);
	assert.deepEqual(disk.list('/state'), ['a.db']);
});

test('it reads and writes past 2 and 4 GiB', async (t) => {
	const path = join(scratchFolder(t), 'a.db');
	const small = await open(path, { journal: 'rollback' });
	small.close();
	for (const gibibytes of [2, 4]) {
		// A hole, declared as pages of the file: what comes next is put behind it.
		const pages = (gibibytes * 2 ** 30) / 4096 + 1;
		truncateSync(path, pages * 4096);
		const file = nodeDisk.open(path, 'write');
		const first = new Uint8Array(4096);
		nodeDisk.read(file, first, 0);
		new DataView(first.buffer).setUint32(28, pages);
		sealPage(first, 1);
		nodeDisk.write(file, first, 0);
		nodeDisk.close(file);
		const database = await open(path, { check: 'header', journal: gibibytes === 2 ? 'rollback' : 'wal' });
		const grow = database.prepare<[number, Uint8Array]>('INSERT INTO t(id, blob) VALUES (?, ?)');
		grow.run(gibibytes, new Uint8Array(50_000).fill(gibibytes));
		database.close();
		assert.ok(statSync(path).size >= pages * 4096 + 12 * 4096);
	}
	const database = await open(path, { check: 'header' });
	const rows = database.prepare<[], { id: number; blob: Uint8Array }>('SELECT id, blob FROM t').all();
	assert.deepEqual(
		rows,
		[2, 4].map((id) => ({ id, blob: new Uint8Array(50_000).fill(id) })),
	);
	database.close();
});

test('it removes temporary files that a killed process has left', async () => {
	const disk = new FakeDisk();
	(await open('/state/a.db', { disk })).close();
	disk.put('/state/a.db-temp-etilqs_1234', new Uint8Array(9));
	disk.put('/state/b.db', new Uint8Array(9));
	(await open('/state/a.db', { disk })).close();
	assert.deepEqual(disk.list('/state').sort(), ['a.db', 'b.db']);
});
