import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failEveryCall } from './faults.ts';

for (const journal of ['wal', 'rollback'] as const) {
	for (const start of ['closed', 'killed'] as const) {
		test(`it loses nothing when a disk call fails (${journal}, ${start}; a share of faults.soak)`, async () => {
			assert.ok((await failEveryCall(journal, { start, first: 1, step: 29 })) > 50);
		});
	}
}
