import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failEveryCall } from './faults.ts';

for (const journal of ['wal', 'rollback'] as const) {
	for (const start of ['closed', 'killed'] as const) {
		test(`it loses nothing when a disk call fails (${journal}, ${start}; a share of faults.soak)`, async () => {
			assert.ok((await failEveryCall(journal, { start, first: 1, step: 37 })) > 50);
		});
	}
}

test('it does not take a journal that it cannot look for as absent', async () => {
	for (const journal of ['wal', 'rollback'] as const) {
		// These calls are the opening and its recovery.
		await failEveryCall(journal, { start: 'killed', first: 1, step: 1, last: 50, codes: ['EIO'] });
	}
});
