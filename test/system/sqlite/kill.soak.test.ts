import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killWriters } from './kill.ts';
import { scratchFolder } from './scratch.ts';

const rounds = Number(process.env.NETMON_SOAK_ROUNDS ?? 300);

for (const journal of ['wal', 'rollback'] as const) {
	test(`it keeps what was committed through ${rounds} kills (${journal})`, async (t) => {
		const said = await killWriters(scratchFolder(t), journal, { rounds, seed: 2 });
		t.diagnostic(`${said} transactions`);
		assert.ok(said > rounds);
	});
}
