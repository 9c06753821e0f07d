import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DatabaseError, openDatabase } from '../../src/system/database.ts';
import { FakeDisk } from '../fakes/disk.ts';
import { applicationId, code, open, scratchFolder } from './sqlite/scratch.ts';

interface Row {
	readonly id: number;
	readonly number: number | null;
	readonly real: number | null;
	readonly text: string | null;
	readonly blob: Uint8Array | null;
}
type Params = [number, number | null, number | null, string | null, Uint8Array | null];

test('it gives back every kind of value as it was put', async (t) => {
	const path = join(scratchFolder(t), 'a.db');
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
	const database = await open(join(scratchFolder(t), 'a.db'));
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
	const database = await open(join(scratchFolder(t), 'a.db'));
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
	const database = await open(join(scratchFolder(t), 'a.db'));
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
	const database = await open(join(scratchFolder(t), 'a.db'));
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
	const path = join(scratchFolder(t), 'a.db');
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
	const database = await open(join(scratchFolder(t), 'a.db'), { maxPages: 40 });
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

test('it commits nothing of a transaction that SQLite has given up, even if the work goes on', async (t) => {
	const database = await open(join(scratchFolder(t), 'a.db'), { maxPages: 20 });
	const insert = database.prepare<[Uint8Array]>('INSERT INTO t(blob) VALUES (?)');
	insert.run(new Uint8Array(3_000));
	let failures = 0;
	const stubborn = () => {
		for (let row = 0; row < 40; row += 1) {
			try {
				insert.run(new Uint8Array(row < 30 ? 3_000 : 1));
			} catch {
				failures += 1;
			}
		}
	};
	assert.throws(() => database.transaction(stubborn), code('SQLITE_FULL'));
	assert.ok(failures > 20, `${failures} refused`);
	assert.equal(database.value('SELECT count(*) FROM t'), 1);
	assert.equal(
		database.transaction(() => insert.run(new Uint8Array(3_000))),
		1,
	);
	assert.equal(database.value('SELECT count(*) FROM t'), 2);
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
