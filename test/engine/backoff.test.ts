import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryDelay, retryProfiles } from '../../src/engine/backoff.ts';

test('it doubles the longest wait with each failure and stops at the maximum', () => {
	const longest = (failures: number) => retryDelay(retryProfiles.infinite, failures, 0.999999);
	assert.deepEqual([1, 2, 3, 4, 7, 50].map(longest), [1000, 2000, 4000, 8000, 60000, 60000]);
});

test('it spreads the wait over the whole range, never below half the minimum', () => {
	assert.equal(retryDelay(retryProfiles.slow, 5, 0), 500);
	assert.equal(retryDelay(retryProfiles.slow, 5, 0.5), 8250);
});

test('it gives up when a finite profile has had its tries, and never with 0 tries', () => {
	assert.notEqual(retryDelay(retryProfiles.fast, 4, 0.5), null);
	assert.equal(retryDelay(retryProfiles.fast, 5, 0.5), null);
	assert.notEqual(retryDelay(retryProfiles.infinite, 1_000_000, 0.5), null);
});
