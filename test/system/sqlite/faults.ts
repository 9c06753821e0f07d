// SQLite's own loop: the N-th call of the disk fails, once and for ever, with each error, until the script ends.
import assert from 'node:assert/strict';
import { FakeDisk } from '../../fakes/disk.ts';
import { held, type Journal, open, path, run } from './history.ts';

const errors = ['EIO', 'ENOSPC', 'EROFS', 'EMFILE', 'EACCES'] as const;
const older = 4;
const all = 9;
/** The first of a journal that is to be played back (https://sqlite.org/fileformat.html#the_rollback_journal). */
const hotJournalByte = 0xd9;

/** `closed`: in order. `killed`: in the middle of a commit, so that opening it begins with a recovery. */
export type Start = 'closed' | 'killed';

async function olderFile(journal: Journal, start: Start): Promise<FakeDisk> {
	const disk = new FakeDisk();
	const { committed } = await run(disk, journal, { from: 0, to: older });
	assert.equal(committed.length, older);
	if (start === 'closed') return disk.afterKill();
	for await (const found of killedAtEachCall(disk, journal)) if (await needsRecovery(found)) return found;
	throw new Error('no moment leaves anything to recover');
}

/** What is found when nothing is written any more from a call on, as by a process that is gone. */
async function* killedAtEachCall(disk: FakeDisk, journal: Journal): AsyncGenerator<FakeDisk> {
	for (let call = 1; ; call += 1) {
		const killed = disk.afterKill();
		killed.fault = { call, code: 'EIO', forever: true };
		await run(killed, journal, { from: older, to: older + 1 });
		if (killed.calls < call) return;
		yield killed.afterKill();
	}
}

export const journalIsHot = (disk: FakeDisk) =>
	disk.list('/state').includes('queue.db-journal') && disk.content(`${path}-journal`)[0] === hotJournalByte;

/** Every state with a journal to be played back. */
export async function hotFiles(): Promise<FakeDisk[]> {
	const hot: FakeDisk[] = [];
	const start = await olderFile('rollback', 'closed');
	for await (const found of killedAtEachCall(start, 'rollback')) if (journalIsHot(found)) hot.push(found);
	return hot;
}

/** Whether the file without its journal and WAL would be torn, or lack what was committed. */
async function needsRecovery(disk: FakeDisk): Promise<boolean> {
	const without = new FakeDisk();
	without.put(path, disk.content(path));
	try {
		const database = await open(without, 'wal', { check: 'header' });
		return held(database).length !== older;
	} catch {
		return true;
	}
}

interface Loop {
	readonly start: Start;
	readonly first: number;
	readonly step: number;
}

/** Runs the loop for every `step`-th N from `first`; answers how many cases were run. */
export async function failEveryCall(journal: Journal, { start: how, first, step }: Loop): Promise<number> {
	const start = await olderFile(journal, how);
	let cases = 0;
	for (let call = first; ; call += step) {
		let reached = false;
		for (const code of errors) {
			for (const forever of [false, true]) {
				const where = `call ${call} ${code} ${forever ? 'for ever' : 'once'} ${journal} ${how}`;
				const disk = start.afterKill();
				disk.fault = { call, code, forever };
				const { committed } = await run(disk, journal, { from: older + 1, to: all }).catch((error: Error) => {
					throw new Error(`${where}: ${error.stack}`);
				});
				reached ||= disk.calls >= call;
				if (!forever) assert.equal(disk.openFiles, 0, `${where}: files left open`);
				const after = await open(disk.afterKill(), journal).catch((error: Error) => {
					throw new Error(`${where}: ${error.message}`);
				});
				const found = held(after);
				after.close();
				for (let number = 0; number < older; number += 1) assert.ok(found.includes(number), `${where}: ${number} lost`);
				for (const number of committed) assert.ok(found.includes(number), `${where}: ${number} lost`);
				assert.deepEqual(
					[...disk.paths].filter((used) => used !== '/state' && !used.startsWith(path)),
					[],
				);
				cases += 1;
			}
		}
		if (!reached) break;
	}
	return cases;
}
