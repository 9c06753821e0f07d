import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failEveryCall, hotFiles, journalIsHot } from './faults.ts';
import { held, open, path } from './history.ts';

for (const journal of ['wal', 'rollback'] as const) {
	for (const start of ['closed', 'killed'] as const) {
		test(`it loses nothing when a disk call fails (${journal}, ${start}; a share of faults.soak)`, async () => {
			assert.ok((await failEveryCall(journal, { start, first: 1, step: 37 })) > 50);
		});
	}
}

test('it does not take a journal that it cannot look for as absent', async () => {
	const hot = await hotFiles();
	assert.ok(hot.length > 10);
	for (const disk of hot) {
		const stat = disk.stat.bind(disk);
		let failed = false;
		disk.stat = (name) => {
			if (failed || name !== `${path}-journal`) return stat(name);
			failed = true;
			throw Object.assign(new Error('EIO'), { code: 'EIO' });
		};
		const database = await open(disk, 'rollback', { check: 'header' });
		assert.ok(failed && !journalIsHot(disk));
		assert.deepEqual(held(database), [0, 1, 2, 3]);
		database.close();
	}
});
