import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration, Health } from '../../src/engine/health.ts';

const at = (seconds: number) => ({ wall: Date.UTC(2026, 0, 1) + seconds * 1000, mono: 5_000 + seconds * 1000 });
const begin = () => new Health('mihomo', at(0));

test('it says one WARN when a part goes down, one ERROR after 5 minutes, one INFO with the duration when it is back', () => {
	const health = begin();
	assert.deepEqual(health.ok(at(1)), { level: 'info', text: 'up' });
	const said = [];
	for (let second = 2; second <= 1200; second += 1) {
		said.push({ second, news: health.fail(at(second), 'it is away') });
		said.push({ second, news: health.check(at(second)) });
	}
	assert.deepEqual(
		said.filter(({ news }) => news),
		[
			{ second: 2, news: { level: 'warn', text: 'down: it is away' } },
			{ second: 302, news: { level: 'error', text: 'down for 5 min: it is away' } },
		],
	);
	assert.deepEqual(health.ok(at(1202)), { level: 'info', text: 'up again after 20 min' });
	assert.equal(health.ok(at(1203)), null);
	assert.equal(health.fail(at(1204), 'again')?.level, 'warn', 'each outage is told');
	assert.equal(health.check(at(1503)), null);
	assert.equal(health.check(at(1504))?.level, 'error');
});

test('it says the ERROR by the clock alone, when nothing is tried any more', () => {
	const health = begin();
	health.fail(at(0), 'the port is taken');
	assert.equal(health.check(at(299)), null);
	assert.deepEqual(health.check(at(300)), { level: 'error', text: 'down for 5 min: the port is taken' });
	assert.equal(health.check(at(10_000)), null);
});

test('it tells since when, how often, how long and why', () => {
	const health = begin();
	const at100 = () => health.report(at(100));
	assert.deepEqual(health.report(at(0)), {
		part: 'mihomo',
		state: 'starting',
		since: '2026-01-01T00:00:00.000Z',
		attempts: 0,
		successes: 0,
		failures: 0,
		failures_in_a_row: 0,
		uptime_percent: 0,
		last_error: null,
	});
	health.attempt();
	health.ok(at(10));
	health.ok(at(11));
	health.fail(at(40), 'one');
	health.attempt();
	health.fail(at(60), 'two');
	assert.deepEqual(at100(), {
		part: 'mihomo',
		state: 'down',
		since: '2026-01-01T00:00:40.000Z',
		attempts: 2,
		successes: 2,
		failures: 2,
		failures_in_a_row: 2,
		uptime_percent: 30,
		last_error: 'two',
	});
	health.ok(at(80));
	assert.deepEqual(
		[at100().state, at100().since, at100().failures_in_a_row, at100().uptime_percent],
		['up', '2026-01-01T00:01:20.000Z', 0, 50],
	);
});

test('it measures by the monotonic clock, whatever the wall clock does', () => {
	const health = begin();
	health.ok({ wall: 0, mono: 5_000 });
	health.fail({ wall: Date.UTC(2030, 0, 1), mono: 15_000 }, 'away');
	assert.equal(health.check({ wall: Date.UTC(2040, 0, 1), mono: 16_000 }), null);
	assert.equal(health.report({ wall: 0, mono: 25_000 }).uptime_percent, 50);
	assert.equal(health.ok({ wall: 0, mono: 19_000 })?.text, 'up again after 4 s');
});

test('it counts what was refused and stays up', () => {
	const health = begin();
	health.ok(at(0));
	health.refuse('a frame was refused');
	const { state, failures, failures_in_a_row, last_error } = health.report(at(1));
	assert.deepEqual([state, failures, failures_in_a_row, last_error], ['up', 1, 0, 'a frame was refused']);
});

test('it is over when it is given up or off, until it begins anew', () => {
	const health = begin();
	health.fail(at(0), 'away');
	health.fail(at(1), 'away');
	assert.deepEqual(health.giveUp(at(2)), { level: 'error', text: 'given up after 2 failures in a row: away' });
	assert.equal(health.check(at(9999)), null);
	health.begin(at(10_000));
	assert.equal(health.state, 'starting');
	health.off(at(10_001));
	assert.equal(health.check(at(99_999)), null);
	assert.equal(health.report(at(99_999)).state, 'off');
});

test('it writes durations as people say them', () => {
	const texts = [0, 400, 4_000, 59_499, 60_000, 200_000, 3_600_000, 7_500_000, 90_000_000].map(duration);
	assert.deepEqual(texts, ['0 s', '0 s', '4 s', '59 s', '1 min', '3 min 20 s', '1 h', '2 h 5 min', '25 h']);
});
