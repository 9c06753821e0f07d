import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { diskErrorCode, exists, nodeDisk, readFile, writeFileAtomic } from '../../src/system/disk.ts';
import { FakeDisk } from '../fakes/disk.ts';
import { randomFrom } from '../fakes/random.ts';
import { scratchFolder } from './sqlite/scratch.ts';

const path = '/state/status.json';
const older = new Uint8Array(3_000).fill(1);
const newer = new Uint8Array(5_000).fill(2);

test('it puts a file in place of another, readable by its owner only', (t) => {
	const folder = scratchFolder(t);
	const file = join(folder, 'status.json');
	assert.equal(exists(nodeDisk, file), false);
	writeFileAtomic(nodeDisk, file, older);
	writeFileAtomic(nodeDisk, file, newer.subarray(0, 10));
	assert.deepEqual(new Uint8Array(readFileSync(file)), newer.slice(0, 10));
	assert.equal(statSync(file).mode & 0o777, 0o600);
	assert.deepEqual(readdirSync(folder), ['status.json']);
	assert.deepEqual(readFile(nodeDisk, file, 1_000_000), newer.slice(0, 10));
	assert.deepEqual(readFile(nodeDisk, file, 4), newer.slice(0, 4));
	assert.equal(exists(nodeDisk, file), true);
});

test('it leaves the older or the newer whole, whichever call fails', () => {
	for (const forever of [false, true]) {
		for (let call = 1; ; call += 1) {
			const disk = new FakeDisk();
			disk.put(path, older);
			disk.fault = { call, code: 'EIO', forever };
			let failed = false;
			try {
				writeFileAtomic(disk, path, newer);
			} catch (error) {
				assert.equal(diskErrorCode(error), 'EIO');
				failed = true;
			}
			assert.equal(disk.openFiles, 0);
			if (!failed) break;
			const content = disk.content(path);
			assert.ok(Buffer.from(content).equals(older) || Buffer.from(content).equals(newer), `call ${call}`);
		}
	}
});

test('it leaves the older or the newer whole after a power cut, and the newer once it has returned', () => {
	for (let seed = 1; seed <= 300; seed += 1) {
		const random = randomFrom(seed);
		const disk = new FakeDisk();
		disk.put(path, older);
		disk.fault = { call: 1 + Math.floor(random() * 14), code: 'EIO', forever: true };
		let done = true;
		try {
			writeFileAtomic(disk, path, newer);
		} catch {
			done = false;
		}
		const content = Buffer.from(disk.afterPowerCut(random).content(path));
		assert.ok(content.equals(newer) || (!done && content.equals(older)), `seed ${seed}`);
	}
});

test('it starts over the rest of a write that was cut off', () => {
	const disk = new FakeDisk();
	disk.put(`${path}.new`, new Uint8Array(9_000).fill(9));
	writeFileAtomic(disk, path, newer);
	assert.deepEqual(disk.content(path), newer);
	assert.deepEqual(disk.list('/state'), ['status.json']);
});

test('it takes short writes for what they are', () => {
	const disk = new FakeDisk();
	const write = disk.write.bind(disk);
	disk.write = (file, from, position) => write(file, from.subarray(0, 700), position);
	writeFileAtomic(disk, path, newer);
	assert.deepEqual(disk.content(path), newer);
	disk.write = () => 0;
	assert.throws(() => writeFileAtomic(disk, path, older), { code: 'ENOSPC' });
	assert.deepEqual(disk.content(path), newer);
});
