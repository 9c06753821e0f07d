// Files damaged in every way: each must be told as a value, or open with all that it holds, and never give a wrong row.
import assert from 'node:assert/strict';
import { DatabaseError, openDatabase } from '../../../src/system/database.ts';
import { FakeDisk } from '../../fakes/disk.ts';
import { randomFrom } from '../../fakes/random.ts';
import { applicationId, held, path, run, schema, transact } from './history.ts';

const transactions = 12;

/** The bytes of a closed database with twelve transactions in it. */
export async function wholeFile(): Promise<Uint8Array> {
	const disk = new FakeDisk();
	await run(disk, 'wal', { from: 0, to: transactions });
	return disk.content(path);
}

/** Opens `content`; answers what is wrong with it, or null after having found it whole. */
export async function judge(content: Uint8Array): Promise<string | null> {
	const disk = new FakeDisk();
	disk.put(path, content);
	const found = await openDatabase(path, { disk, applicationId, schema, cachePages: 10 });
	if ('damaged' in found) {
		assert.equal(disk.openFiles, 0);
		assert.ok(Buffer.from(content).equals(disk.content(path)), 'a damaged file has been written to');
		return found.damaged;
	}
	try {
		assert.equal(held(found).length, transactions);
		transact(found, transactions);
		assert.equal(held(found).length, transactions + 1);
	} catch (error) {
		// Found later than at open, but found.
		if (error instanceof DatabaseError && error.code === 'SQLITE_CORRUPT') return error.message;
		throw error;
	} finally {
		found.close();
	}
	return null;
}

/** Flips some bits of some bytes. */
export function flipBits(content: Uint8Array, seed: number): Uint8Array {
	const random = randomFrom(seed);
	const copy = content.slice();
	for (let flips = 1 + Math.floor(random() * 4); flips > 0; flips -= 1) {
		const at = Math.floor(random() * copy.length);
		copy[at] = copy[at]! ^ (1 << Math.floor(random() * 8));
	}
	return copy;
}
