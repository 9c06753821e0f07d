import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { newLocks, openDatabase, releaseLocks } from '../../../src/system/database.ts';
import { Locks } from '../../../src/system/sqlite/locks.ts';
import { applicationId, code, open, schema, scratchFolder } from './scratch.ts';

const pending = 0x4000_0000;
const reserved = pending + 1;
const shared = pending + 2;

test('it lets readers share, one writer reserve, and nobody in beside an exclusive one', () => {
	const memory = newLocks();
	const [one, two, three] = [Locks.claim(memory)!, Locks.claim(memory)!, Locks.claim(memory)!];
	assert.deepEqual([one.slot, two.slot, three.slot], [0, 1, 2]);
	assert.ok(one.set('read', shared, 510));
	assert.ok(two.set('read', shared, 510));
	assert.ok(one.set('write', reserved, 1));
	assert.ok(!two.set('write', reserved, 1));
	assert.ok(two.reservedByOther() && !one.reservedByOther());
	assert.ok(one.set('write', pending, 1));
	assert.ok(!three.set('read', pending, 1), 'a new reader waits for the writer');
	assert.ok(!one.set('write', shared, 510), 'the writer waits for the old reader');
	assert.ok(two.set('unlock', 0, 0));
	assert.ok(one.set('write', shared, 510));
	assert.ok(!three.set('read', shared, 510));
	assert.ok(one.set('read', shared, 510), 'back to reading');
	assert.ok(one.set('unlock', pending, 2));
	assert.ok(three.set('read', pending, 1) && three.set('read', shared, 510));
	assert.ok(three.set('write', reserved, 1));
	releaseLocks(memory, three.slot);
	assert.ok(one.set('write', reserved, 1));
});

test('it has eight places', () => {
	const memory = newLocks();
	const all = Array.from({ length: 8 }, () => Locks.claim(memory)!);
	assert.equal(Locks.claim(memory), null);
	assert.ok(all[7]!.set('write', shared, 510));
	assert.ok(!all[0]!.set('read', shared, 510));
	all[7]!.release();
	assert.ok(all[0]!.set('read', shared, 510));
	assert.equal(Locks.claim(memory)?.slot, 7);
});

test('it shows one connection what another has committed, and makes them wait for one another', async (t) => {
	const path = join(scratchFolder(t), 'a.db');
	const options = { journal: 'rollback', locks: newLocks() } as const;
	const [one, two] = [await open(path, options), await open(path, options)];
	assert.notEqual(one.lockSlot, two.lockSlot);
	one.exec('INSERT INTO t(id) VALUES (1)');
	assert.equal(two.value('SELECT count(*) FROM t'), 1);
	two.exec('INSERT INTO t(id) VALUES (2)');
	const rows = one.prepare<[], { id: number }>('SELECT id FROM t').iterate();
	assert.deepEqual(rows.next().value, { id: 1 });
	assert.throws(() => two.exec('INSERT INTO t(id) VALUES (3)'), code('SQLITE_BUSY'), 'while somebody reads');
	assert.deepEqual(rows.next().value, { id: 2 });
	rows.return();
	two.exec('INSERT INTO t(id) VALUES (3)');
	assert.throws(
		() =>
			one.transaction(() => {
				one.exec('INSERT INTO t(id) VALUES (4)');
				assert.equal(two.value('SELECT count(*) FROM t'), 3);
				two.exec('INSERT INTO t(id) VALUES (5)');
			}),
		code('SQLITE_BUSY'),
	);
	assert.equal(one.value('SELECT count(*) FROM t'), 3);
	await assert.rejects(openDatabase(path, { applicationId, schema, locks: options.locks }), code('SQLITE_MISUSE'));
	one.close();
	two.close();
});

test('it keeps worker threads that write at once from losing anything, and outlives one that is ended', async (t) => {
	const path = join(scratchFolder(t), 'a.db');
	const locks = newLocks();
	const database = await open(path, { journal: 'rollback', locks });
	const start = (first: number, hold: boolean) =>
		new Worker('./build/test/system/sqlite/adder.program.js', { workerData: { path, locks, first, hold } });
	const added = [0, 100]
		.map((first) => start(first, false))
		.map((worker) => {
			return new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
		});
	assert.deepEqual(await Promise.all(added), [50, 50]);
	assert.equal(database.value('SELECT count(*) FROM t'), 100);
	assert.equal(database.value('PRAGMA integrity_check'), 'ok');

	const holder = start(200, true);
	const slot = await new Promise<number>((resolve) => holder.once('message', resolve));
	assert.throws(() => database.exec('INSERT INTO t(id) VALUES (300)'), code('SQLITE_BUSY'));
	await holder.terminate();
	releaseLocks(locks, slot);
	database.exec('INSERT INTO t(id) VALUES (300)');
	// What the ended thread had not committed is gone.
	assert.equal(database.value('SELECT count(*) FROM t'), 101);
	assert.equal(database.value('PRAGMA integrity_check'), 'ok');
	database.close();
});
