import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loseNames } from './namesrun.ts';

test('it loses names to a kill of connections that closed within 5 s of it alone, and of no more bytes than theirs', async () => {
	let lost = 0;
	for (let seed = 1; seed <= 4; seed += 1) lost += await loseNames(seed);
	assert.ok(lost > 0, 'no kill cost anything: nothing was tried');
});
