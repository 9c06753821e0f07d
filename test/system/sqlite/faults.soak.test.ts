import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failEveryCall } from './faults.ts';

const step = Number(process.env.NETMON_SOAK_FAULT_STEP ?? 1);

for (const journal of ['wal', 'rollback'] as const) {
	for (const start of ['closed', 'killed'] as const) {
		test(`it loses nothing whichever disk call fails, once and for ever, with each error (${journal}, ${start})`, async (t) => {
			const cases = await failEveryCall(journal, { start, first: 1, step });
			t.diagnostic(`${cases} cases`);
			assert.ok(cases > 1_000 / step);
		});
	}
}
