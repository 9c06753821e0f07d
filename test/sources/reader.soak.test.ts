import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareOnMutatedFrames } from './mutatedframes.ts';

const seed = Number(process.env.NETMON_SEED ?? Date.now() % 1_000_000);
const rounds = Number(process.env.NETMON_SOAK_FRAMES ?? 100_000);

test(`it answers as JSON.parse does on ${rounds} mutated frames from seed ${seed}, and keeps no memory of them`, () => {
	compareOnMutatedFrames(seed, 2000);
	const before = process.memoryUsage();
	const refusals = compareOnMutatedFrames(seed + 1, rounds);
	const after = process.memoryUsage();
	assert.ok(refusals > rounds / 10, `${refusals} refusals`);
	assert.ok(
		after.heapUsed - before.heapUsed < 40_000_000,
		`the heap grew by ${after.heapUsed - before.heapUsed} bytes`,
	);
});
