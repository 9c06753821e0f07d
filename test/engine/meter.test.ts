import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Meter } from '../../src/engine/meter.ts';

const sums = (down: number) => ({ wan: { up: 0, down } });

test('it knows nothing after a first reading', () => {
	const meter = new Meter<'wan'>(1000);
	assert.equal(meter.speeds(0), null);
	meter.add(0, sums(5_000_000));
	assert.equal(meter.speeds(0), null);
});

test('it divides by the time that passed, not by the interval', () => {
	const meter = new Meter<'wan'>(1000);
	meter.add(0, sums(0));
	meter.add(1250, sums(1000));
	assert.deepEqual(meter.speeds(1250), { wan: { up: 0, down: 800 } });
});

test('it makes no spike of readings that come in a bunch', () => {
	const meter = new Meter<'wan'>(1000);
	meter.add(0, sums(0));
	meter.add(1000, sums(1000));
	meter.add(1001, sums(2000));
	meter.add(1002, sums(3000));
	assert.equal(meter.speeds(1002)!.wan.down, Math.round(3000 / 1.002));
});

test('it shows a second of readings that come faster', () => {
	const meter = new Meter<'wan'>(250);
	for (let step = 0; step <= 20; step += 1) meter.add(step * 250, sums(step < 16 ? 0 : (step - 15) * 250));
	assert.equal(meter.speeds(5000)!.wan.down, 1000);
});

test('it is unknown after a gap of more than three intervals, until the next reading', () => {
	const meter = new Meter<'wan'>(1000);
	meter.add(0, sums(0));
	meter.add(1000, sums(10));
	meter.add(9000, sums(9_000_000));
	assert.equal(meter.speeds(9000), null);
	meter.add(10_000, sums(9_000_500));
	assert.equal(meter.speeds(10_000)!.wan.down, 500);
});

test('it is stale, and unknown, when two intervals bring no reading', () => {
	const meter = new Meter<'wan'>(1000);
	meter.add(0, sums(0));
	meter.add(1000, sums(10));
	assert.equal(meter.isStale(3000), false);
	assert.equal(meter.isStale(3001), true);
	assert.equal(meter.speeds(3001), null);
});

test('it shows 0 where a sum was corrected downwards', () => {
	const meter = new Meter<'wan'>(1000);
	meter.add(0, sums(100));
	meter.add(1000, sums(50));
	assert.equal(meter.speeds(1000)!.wan.down, 0);
});
