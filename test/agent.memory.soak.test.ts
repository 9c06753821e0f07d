// An hour of a busy home, and 100,000 damaged frames, through the whole agent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { churn, damage } from './agentmemory.ts';

const seconds = Number(process.env.NETMON_SOAK_SECONDS ?? 3600);
const frames = Number(process.env.NETMON_SOAK_FRAMES ?? 100_000);
const seed = Number(process.env.NETMON_SEED ?? Date.now() % 1_000_000);

test(`it holds no more after ${seconds} s of churn than before`, async (t) => {
	const grown = await churn(seconds);
	t.diagnostic(`${Math.round(grown / 1024)} KiB more`);
	assert.ok(grown < 3_000_000, `${grown} bytes more`);
});

test(`it keeps nothing of ${frames} damaged frames, seed ${seed}`, async (t) => {
	const { grown, refused } = await damage(frames, seed);
	t.diagnostic(`${refused} refused, ${Math.round(grown / 1024)} KiB more`);
	assert.ok(refused > frames / 6, `${refused} were refused`);
	assert.ok(grown < 3_000_000, `${grown} bytes more`);
});
