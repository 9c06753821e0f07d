import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase, quarantine } from '../../../src/system/database.ts';
import { FakeDisk } from '../../fakes/disk.ts';
import { flipBits, judge, wholeFile } from './damage.ts';
import { applicationId, open, path, schema } from './history.ts';

const wall = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

test('it finds a whole file whole', async () => {
	assert.equal(await judge(await wholeFile()), null);
});

test('it tells every file that is cut off (each 512 bytes)', async () => {
	const content = await wholeFile();
	for (let length = 0; length < content.length; length += 512) {
		assert.notEqual(await judge(content.subarray(0, length)), null, `cut at ${length}`);
	}
});

test('it tells every flipped bit (a share of damage.soak)', async () => {
	const content = await wholeFile();
	let told = 0;
	const seeds = 150;
	for (let seed = 1; seed <= seeds; seed += 1) {
		const judged = await judge(flipBits(content, seed)).catch((error: Error) => {
			throw new Error(`seed ${seed}: ${error.stack}`);
		});
		if (judged !== null) told += 1;
	}
	assert.equal(told, seeds);
});

test('it names what is wrong', async () => {
	const content = await wholeFile();
	const at = 4 * 4096 + 2_000;
	const flipped = content.slice();
	flipped[at] = flipped[at]! ^ 1;
	assert.equal(await judge(flipped), 'page 5 of /state/queue.db is not as it was written');
	assert.equal(await judge(new Uint8Array(0)), 'is empty');
	assert.equal(await judge(Buffer.from('#!/bin/sh\n'.repeat(1000))), 'has no SQLite header');
	const foreign = content.slice();
	foreign.fill(9, 68, 72);
	assert.equal(await judge(foreign), 'is the database of another program');
});

test('it sets a damaged file aside with its WAL, keeps two, and starts anew', async () => {
	const disk = new FakeDisk();
	for (let time = 0; time < 5; time += 1) {
		disk.put(path, Uint8Array.of(time));
		disk.put(`${path}-wal`, Uint8Array.of(time, time));
		const found = await openDatabase(path, { disk, applicationId, schema });
		assert.ok('damaged' in found);
		// A clock that runs back must not make the newest the first to go.
		const target = quarantine(path, { wall: wall - time * 86_400_000, disk });
		assert.equal(target, `/state/queue.db.damaged-20260102T030405${678 + time}Z`);
		assert.deepEqual(disk.content(`${target}-wal`), Uint8Array.of(time, time));
		(await open(disk, 'wal')).close();
	}
	assert.deepEqual(
		disk
			.list('/state')
			.filter((name) => name.includes('damaged'))
			.map((name) => disk.content(`/state/${name}`)[0])
			.sort(),
		[3, 3, 4, 4],
	);
});

test('it takes no journal of a lost file for one of a new one', async () => {
	const disk = new FakeDisk();
	const lost = await open(disk, 'wal');
	lost.exec("INSERT INTO rows VALUES (1, 0, x'')");
	const killed = disk.afterKill();
	killed.unlink(path);
	const anew = await open(killed, 'wal');
	assert.equal(anew.value('SELECT count(*) FROM rows'), 0);
	assert.equal(anew.value('PRAGMA integrity_check'), 'ok');
	anew.close();
});
