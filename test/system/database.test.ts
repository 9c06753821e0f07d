import assert from 'node:assert/strict';
import {
	copyFileSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Database, DatabaseError, type DatabaseOptions, openDatabase } from '../../src/system/database.ts';
import { nodeDisk } from '../../src/system/disk.ts';
import { sealPage } from '../../src/system/sqlite/pages.ts';
import { FakeDisk } from '../fakes/disk.ts';

const applicationId = 0x6e6d_7473;
const schema = ['CREATE TABLE t (id INTEGER PRIMARY KEY, number INTEGER, real REAL, text TEXT, blob BLOB)'];
interface Row {
	readonly id: number;
	readonly number: number | null;
	readonly real: number | null;
	readonly text: string | null;
	readonly blob: Uint8Array | null;
}
type Params = [number, number | null, number | null, string | null, Uint8Array | null];

function folder(t: { after(run: () => void): void }): string {
	const path = mkdtempSync(join(tmpdir(), 'netmon-database-'));
	t.after(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

async function open(path: string, options: Partial<DatabaseOptions> = {}): Promise<Database> {
	const database = await openDatabase(path, { applicationId, schema, ...options });
	assert.ok(database instanceof Object && !('damaged' in database), JSON.stringify(database));
	return database;
}

const code = (expected: string) => (error: unknown) => error instanceof DatabaseError && error.code === expected;

test('it gives back every kind of value as it was put', async (t) => {
	const path = join(folder(t), 'a.db');
	let database = await open(path);
	const rows: Row[] = [
		{
			id: 1,
			number: Number.MAX_SAFE_INTEGER,
			real: 0.1,
			text: 'päth \u{1f310} with\0zero',
			blob: Uint8Array.of(0, 255),
		},
		{ id: 2, number: Number.MIN_SAFE_INTEGER, real: -1.5e-300, text: '', blob: new Uint8Array(0) },
		{ id: 3, number: 2 ** 31, real: 5e-324, text: 'x'.repeat(100_000), blob: new Uint8Array(100_000).fill(7) },
		{ id: 4, number: -(2 ** 31), real: null, text: null, blob: null },
		{ id: 5, number: null, real: 2 ** 40 + 0.5, text: '\ufeff\u0001', blob: Uint8Array.of(1) },
	];
	const insert = database.prepare<Params>('INSERT INTO t VALUES (?, ?, ?, ?, ?)');
	for (const { id, number, real, text, blob } of rows) assert.equal(insert.run(id, number, real, text, blob), 1);
	const all = () => database.prepare<[], Row>('SELECT * FROM t ORDER BY id').all();
	assert.deepEqual(all(), rows);
	database.close();
	database = await open(path);
	assert.deepEqual(all(), rows);
	assert.equal(database.value("SELECT count(*) FROM t WHERE typeof(number) = 'integer'"), 4);
	database.close();
});

test('it refuses integers that a number cannot hold, in both directions', async (t) => {
	const database = await open(join(folder(t), 'a.db'));
	const insert = database.prepare<Params>('INSERT INTO t VALUES (?, ?, ?, ?, ?)');
	for (const bad of [2 ** 53, -(2 ** 53), 1e300, Number.NaN, Number.POSITIVE_INFINITY]) {
		assert.throws(() => insert.run(1, bad, null, null, null), code('SQLITE_RANGE'));
	}
	for (const bad of ['9007199254740992', '9007199254740993', '-9007199254740992', '9223372036854775807']) {
		assert.throws(() => database.value(`SELECT ${bad}`), code('SQLITE_RANGE'));
	}
	assert.equal(database.value('SELECT 9007199254740991'), Number.MAX_SAFE_INTEGER);
	assert.equal(database.value('SELECT count(*) FROM t'), 0);
	database.close();
});

test('it refuses the wrong number of parameters, two statements, and what is freed or being iterated', async (t) => {
	const database = await open(join(folder(t), 'a.db'));
	const statement = database.prepare<number[], { value: number }>('SELECT ? + ? AS value');
	assert.deepEqual(statement.get(1, 2), { value: 3 });
	for (const params of [[], [1], [1, 2, 3]]) assert.throws(() => statement.get(...params), code('SQLITE_RANGE'));
	for (const sql of ['SELECT 1; SELECT 2', '', '-- nothing']) {
		assert.throws(() => database.prepare(sql), code('SQLITE_MISUSE'));
	}
	assert.throws(() => database.prepare('SELECT nonsense'), /a\.db: no such column: nonsense/);
	for (const _ of statement.iterate(1, 2)) assert.throws(() => statement.get(1, 2), code('SQLITE_MISUSE'));
	assert.deepEqual(statement.all(1, 2), [{ value: 3 }]);
	statement.free();
	statement.free();
	assert.throws(() => statement.get(1, 2), code('SQLITE_MISUSE'));
	database.close();
	database.close();
	assert.throws(() => database.exec('SELECT 1'), code('SQLITE_MISUSE'));
});

test('it leaves an iteration early without holding anything', async (t) => {
	const database = await open(join(folder(t), 'a.db'));
	database.exec(
		'WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t(id) SELECT i FROM n',
	);
	const seen: number[] = [];
	const rows = database.prepare<[], { id: number }>('SELECT id FROM t ORDER BY id');
	for (const { id } of rows.iterate()) {
		if (id > 3) break;
		seen.push(id);
	}
	assert.deepEqual(seen, [1, 2, 3]);
	database.exec('DROP TABLE t');
	database.close();
});

test('it does a transaction whole or not at all', async (t) => {
	const database = await open(join(folder(t), 'a.db'));
	const add = (id: number) => database.exec(`INSERT INTO t(id) VALUES (${id})`);
	assert.equal(
		database.transaction(() => {
			add(1);
			return 'done';
		}),
		'done',
	);
	assert.throws(
		() =>
			database.transaction(() => {
				add(2);
				throw new Error('mine');
			}),
		/^Error: mine$/,
	);
	assert.throws(
		() =>
			database.transaction(() => {
				add(3);
				add(1);
			}),
		code('SQLITE_CONSTRAINT'),
	);
	assert.throws(() => database.transaction(() => database.transaction(() => add(4))), code('SQLITE_MISUSE'));
	database.transaction(() => add(5));
	assert.deepEqual(database.prepare('SELECT id FROM t').all(), [{ id: 1 }, { id: 5 }]);
	database.close();
});

test('it brings an older schema up to date, step by step, and leaves a newer one alone', async (t) => {
	const path = join(folder(t), 'a.db');
	const steps = [
		'CREATE TABLE a (x)',
		'ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (1, 2)',
		'CREATE INDEX i ON a (y)',
	];
	(await open(path, { schema: steps.slice(0, 1) })).close();
	const database = await open(path, { schema: steps });
	assert.equal(database.value('PRAGMA user_version'), 3);
	assert.deepEqual(database.prepare('SELECT * FROM a').all(), [{ x: 1, y: 2 }]);
	database.close();
	const before = readFileSync(path);
	const refused = await openDatabase(path, { applicationId, schema: steps.slice(0, 2) });
	assert.deepEqual(refused, { damaged: 'has schema 3, this program knows 2', why: 'newer' });
	assert.deepEqual(readFileSync(path), before);
	await assert.rejects(
		openDatabase(path, { applicationId, schema: [...steps, 'CREATE nonsense'] }),
		code('SQLITE_ERROR'),
	);
	const after = await open(path, { schema: steps });
	assert.equal(after.value('PRAGMA user_version'), 3);
	after.close();
});

test('it keeps under maxPages and works again after a delete', async (t) => {
	const database = await open(join(folder(t), 'a.db'), { maxPages: 40 });
	const insert = database.prepare<[Uint8Array]>('INSERT INTO t(blob) VALUES (?)');
	const fill = () => {
		for (;;) insert.run(new Uint8Array(3_000));
	};
	assert.throws(fill, code('SQLITE_FULL'));
	assert.equal(database.size().pages, 40);
	assert.ok(Number(database.value('SELECT count(*) FROM t')) > 30);
	database.exec('DELETE FROM t WHERE id % 2');
	assert.ok(database.size().freePages > 10);
	insert.run(new Uint8Array(3_000));
	assert.throws(fill, code('SQLITE_FULL'));
	assert.equal(database.size().pages, 40);
	database.close();
});

test('it goes on after the disk was full and is not any more', async () => {
	const disk = new FakeDisk();
	const database = await open('/state/a.db', { disk });
	const insert = database.prepare<[Uint8Array]>('INSERT INTO t(blob) VALUES (?)');
	insert.run(new Uint8Array(3_000));
	disk.roomBytes = 100_000;
	const full = (error: unknown) => error instanceof DatabaseError && /^SQLITE_(FULL|IOERR)$/.test(error.code);
	let rows = 1;
	assert.throws(() => {
		for (;;) {
			insert.run(new Uint8Array(3_000));
			rows += 1;
		}
	}, full);
	for (let tick = 0; tick < 50; tick += 1) assert.throws(() => insert.run(new Uint8Array(20_000)), full);
	disk.roomBytes = Number.POSITIVE_INFINITY;
	insert.run(new Uint8Array(3_000));
	assert.equal(database.value('SELECT count(*) FROM t'), rows + 1);
	assert.equal(database.value('PRAGMA integrity_check'), 'ok');
	database.close();
});

test('it opens read-only what is there, and writes nothing', async (t) => {
	const dir = folder(t);
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
	const path = join(folder(t), 'a.db');
	const database = await open(path);
	await assert.rejects(openDatabase(path, { applicationId, schema }), code('SQLITE_BUSY'));
	database.close();
	(await open(path)).close();
});

test('it makes files that only their owner can read, and follows no link', async (t) => {
	const dir = folder(t);
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
	const dir = folder(t);
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
	const path = join(folder(t), 'a.db');
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
