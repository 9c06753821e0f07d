// A short share of the long suite beside this file.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { churn, damage, harm, hostile } from './agentmemory.ts';

const seed = Number(process.env.NETMON_SEED ?? Date.now() % 1_000_000);

test('it holds no more after five minutes of churn than before', async () => {
	// Each of the 6,000 connections that came and went would be half a kilobyte or more.
	const grown = await churn(300, 400);
	assert.ok(grown < 2_000_000, `${grown} bytes more`);
});

test(`it refuses damaged frames, counts them and keeps nothing of them, seed ${seed}`, async () => {
	const { grown, refused } = await damage(600, seed);
	assert.ok(refused > 100, `${refused} were refused`);
	assert.ok(grown < 3_000_000, `${grown} bytes more`);
});

test(`it survives ${hostile.length} hostile controllers, counts each and keeps nothing of them`, async () => {
	const grown = await harm();
	assert.ok(grown < 5_000_000, `${grown} bytes more`);
});
