import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockTrust } from '../../src/engine/clocktrust.ts';

const today = Date.UTC(2026, 5, 1);
const minute = 60_000;
const day = 86_400_000;

test('it believes the clock of a machine that has been up for long at once, and of a fresh one after a steady minute', () => {
	assert.equal(new ClockTrust().moment(today, 11 * minute).trusted, true);
	const fresh = new ClockTrust();
	assert.equal(fresh.moment(today, 1000).trusted, false);
	assert.equal(fresh.moment(today + 59_000, 60_000).trusted, false);
	assert.equal(fresh.moment(today + minute, 61_000).trusted, true);
});

test('it never believes a clock that was not set, and waits again after each step', () => {
	const trust = new ClockTrust();
	assert.equal(trust.moment(0, 20 * minute).trusted, false);
	assert.equal(trust.moment(2 * minute, 22 * minute).trusted, false);
	assert.equal(trust.moment(today, 23 * minute).trusted, false);
	assert.equal(trust.moment(today + minute, 24 * minute).trusted, true);
	assert.equal(trust.moment(today - 60 * minute, 25 * minute).trusted, false);
	assert.equal(trust.moment(today - 59 * minute, 26 * minute).trusted, true);
	assert.equal(trust.moment(today - 59 * minute + 1000, 26 * minute + 1000).trusted, true, 'a second is no step');
});

test('it doubts a clock that is far behind what an earlier life has seen, even where the machine is up for long', () => {
	const trust = new ClockTrust(today);
	assert.equal(trust.moment(today - 2 * day, 60 * minute).trusted, false);
	assert.equal(trust.moment(today + minute, 61 * minute).trusted, false);
	assert.equal(trust.moment(today + 2 * minute, 62 * minute).trusted, true);
	assert.equal(new ClockTrust(today).moment(today + day, 60 * minute).trusted, true);
});
