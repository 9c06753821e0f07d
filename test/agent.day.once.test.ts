import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day } from './agentday.ts';

const seed = Number(process.env.NETMON_SEED ?? 1 + Math.floor(Math.random() * 1e9));

test(`it has every byte after 240 s of a day in which everything fails (seed ${seed})`, async (t) => {
	const { happened } = await day(t, { seconds: 240, seed });
	assert.ok(Object.values(happened).every((times) => times > 0));
});
