// SQLite's own loop: the N-th call of the disk fails, once and for ever, with each error, until the script ends.
import assert from 'node:assert/strict';
import { FakeDisk } from '../../fakes/disk.ts';
import { held, type Journal, open, path, run } from './history.ts';

const errors = ['EIO', 'ENOSPC', 'EROFS', 'EMFILE', 'EACCES'] as const;
const older = 4;
const all = 9;

/** `closed`: in order. `killed`: in the middle of a commit, so that opening it begins with a recovery. */
export type Start = 'closed' | 'killed';

async function olderFile(journal: Journal, start: Start): Promise<FakeDisk> {
	const disk = new FakeDisk();
	const { committed } = await run(disk, journal, { from: 0, to: older });
	assert.equal(committed.length, older);
	if (start === 'closed') return disk.afterKill();
	const before = disk.afterKill();
	await run(before, journal, { from: older, to: older + 1 });
	// Nothing is written any more from some calls before the end on, as by a process that is gone.
	const killed = disk.afterKill();
	killed.fault = { call: before.calls - 12, code: 'EIO', forever: true };
	await run(killed, journal, { from: older, to: older + 1 });
	return killed.afterKill();
}

interface Loop {
	readonly start: Start;
	readonly first: number;
	readonly step: number;
	readonly last?: number;
	readonly codes?: readonly string[];
}

/** Runs the loop for every `step`-th N from `first`; answers how many cases were run. */
export async function failEveryCall(
	journal: Journal,
	{ start: how, first, step, last = Number.POSITIVE_INFINITY, codes = errors }: Loop,
): Promise<number> {
	const start = await olderFile(journal, how);
	let cases = 0;
	for (let call = first; call <= last; call += step) {
		let reached = false;
		for (const code of codes) {
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
