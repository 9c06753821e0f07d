// What a chart is drawn by: the stack, the line over it, and where its scale ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChartData, roundTop, stacked } from '../../../src/dashboard/chart/chartdata.ts';
import { outlineOf } from '../../../src/dashboard/history/comparison.ts';
import type { Series } from '../../../src/dashboard/parts/scope.ts';

const data: ChartData = {
	...{ times: [10, 20, 30], from: 10, to: 40, bands: [] },
	layers: [
		{ name: 'direct', down: [1, 2, null], up: [10, 20, null] },
		{ name: 'proxy', down: [5, null, null], up: [50, 0, null] },
	],
	outline: { name: 'range before', down: [null, 7, 8], up: [null, 0, 9] },
};

test('it stacks the classes on one another, up below the axis, with a hole where nobody knows', () => {
	const bare = { ...data, outline: null };
	assert.deepEqual(stacked(bare, 'line'), [
		[10, 20, 30],
		[6, 2, null],
		[1, 2, null],
		[-60, -20, null],
		[-10, -20, null],
	]);
	// A step has an end; a column has no neighbour after the last.
	assert.deepEqual(stacked({ ...bare, layers: [data.layers[0]!] }, 'step')[2], [-10, -20, null, null]);
	assert.deepEqual(stacked(bare, 'column')[0], [10, 20, 30, 40]);
	assert.deepEqual(stacked(bare, 'column')[1], [6, 2, null, null]);
});

test('it draws the line last, by the same signs, to the end of its last point', () => {
	for (const shape of ['step', 'column'] as const) {
		assert.deepEqual(stacked(data, shape).slice(-2), [
			[null, 7, 8, 8],
			[null, 0, -9, -9],
		]);
	}
	assert.deepEqual(stacked(data, 'line').slice(-2), [
		[null, 7, 8],
		[null, 0, -9],
	]);
});

test('it ends a scale that moves at a round figure, never below the value and never at twice as much', () => {
	assert.equal(roundTop(0), 0);
	for (const [value, top] of [
		[1, 1],
		[1.01, 1.5],
		[999, 1000],
		[1001, 1500],
		[4_100_000, 6_000_000],
	] as const) {
		assert.equal(roundTop(value), top);
	}
	for (let value = 3; value < 1e12; value *= 1.37) assert.ok(roundTop(value) >= value && roundTop(value) < 2 * value);
});

const seriesOf = (down: number[], up = down.map(() => 0)): Series => ({
	times: down.map((_, at) => at * 3600),
	layers: [
		{ name: 'direct', down, up },
		{ name: 'overhead', down: down.map(() => 1), up: up.map(() => 0) },
	],
});

test('it compares point by point with all of the range before, and with no 0 of a time before anything was counted', () => {
	const was = { times: [1, 2, 3, 4], layers: [{ name: 'direct', down: [0, 0, 5, 0], up: [0, 0, 0, 6] }] } as Series;
	assert.deepEqual(outlineOf(was, seriesOf([1, 1, 1, 1, 1])), {
		name: 'range before',
		down: [null, null, 5, 0, null],
		up: [null, null, 0, 6, null],
	});
	assert.deepEqual(outlineOf(seriesOf([4, 5]), seriesOf([9, 9]))?.down, [5, 6]);
	const nothing = { times: [1], layers: [{ name: 'direct', down: [0], up: [0] }] } as Series;
	assert.equal(outlineOf(nothing, seriesOf([1])), null);
	assert.equal(outlineOf({ times: [], layers: [] }, seriesOf([1])), null);
	// Counted since its last day: that is no range to compare with.
	const ones = (count: number) => Array(count).fill(1) as number[];
	const late = {
		times: ones(20),
		layers: [{ name: 'direct', down: [...ones(19).map(() => 0), 5], up: ones(20).map(() => 0) }],
	};
	assert.equal(outlineOf(late as Series, seriesOf(ones(20))), null);
});
