import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tempo } from '../../src/sinks/tempo.ts';

test('it keeps to its own moment in the interval, whatever a sync takes', () => {
	const tempo = new Tempo(60_000, 1_000_000, 0.25);
	assert.equal(tempo.waitMs(1_000_000), 15_000);
	assert.equal(tempo.takeDue(1_014_999), false);
	assert.equal(tempo.takeDue(1_015_000), true);
	assert.equal(tempo.takeDue(1_015_000), false);
	assert.equal(tempo.waitMs(1_020_000), 55_000);
	assert.equal(tempo.takeDue(1_075_500), true);
	assert.equal(tempo.waitMs(1_075_500), 59_500);
});

test('it does not make up for what was missed', () => {
	const tempo = new Tempo(60_000, 0, 0);
	assert.equal(tempo.takeDue(10 * 60_000 + 5), true);
	assert.equal(tempo.takeDue(10 * 60_000 + 5), false);
	assert.equal(tempo.waitMs(10 * 60_000 + 5), 59_995);
});

test('it is faster while the master asks for it, but seals no more often', () => {
	const tempo = new Tempo(60_000, 0, 0.5);
	tempo.nextSyncS = 2;
	assert.deepEqual([tempo.isFast, tempo.waitMs(0), tempo.takeDue(2_000)], [true, 2_000, false]);
	assert.equal(tempo.waitMs(29_000), 1_000);
	assert.equal(tempo.takeDue(30_000), true);
	tempo.nextSyncS = 0;
	assert.deepEqual([tempo.isFast, tempo.waitMs(30_000)], [false, 60_000]);
	tempo.nextSyncS = 3_600;
	assert.equal(tempo.isFast, false);
});
