import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flipBits, judge, wholeFile } from './damage.ts';

const seeds = Number(process.env.NETMON_SOAK_DAMAGES ?? 10_000);

test(`it gives no wrong row from ${seeds} files with flipped bits`, async (t) => {
	const content = await wholeFile();
	let told = 0;
	for (let seed = 1; seed <= seeds; seed += 1) {
		const judged = await judge(flipBits(content, seed)).catch((error: Error) => {
			throw new Error(`seed ${seed}: ${error.stack}`);
		});
		if (judged !== null) told += 1;
	}
	t.diagnostic(`${told} told`);
	assert.equal(told, seeds);
});
