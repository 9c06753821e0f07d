import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateText, momentsText, parseRange, rangeBefore, widened } from '../../../src/dashboard/parts/range.ts';

process.env.TZ = 'Europe/Berlin';
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16);
const now = Date.parse('2026-03-29T13:07:31Z');

test('it knows the ranges by their names, in the zone of the viewer', () => {
	for (const [text, from, to, interval] of [
		['24h', '2026-03-28T14:00', '2026-03-29T14:00', '5m'],
		['7d', '2026-03-22T14:00', '2026-03-29T14:00', 'hour'],
		['30d', '2026-02-27T23:00', '2026-03-29T22:00', 'day'],
		['12m', '2025-03-29T23:00', '2026-03-29T22:00', 'day'],
		['2026-03-29..2026-03-29', '2026-03-28T23:00', '2026-03-29T22:00', '5m'],
		['2026-03-01..2026-03-31', '2026-02-28T23:00', '2026-03-31T22:00', 'day'],
		['2020-01-01..2025-12-31', '2019-12-31T23:00', '2025-12-31T23:00', 'month'],
		['2026-03-29T10:05Z..2026-03-29T10:20Z', '2026-03-29T10:05', '2026-03-29T10:20', '5m'],
	] as const) {
		const range = parseRange(text, now);
		assert.deepEqual([iso(range.from), iso(range.to), range.interval], [from, to, interval], text);
	}
});

test('it shows the last 24 hours for what is no range', () => {
	for (const text of ['', '25h', '2026-13-01..2026-14-01', '2026-03-02..2026-03-01', '2026-03-01', '<script>']) {
		assert.deepEqual(parseRange(text, now), parseRange('24h', now), text);
	}
});

test('it compares with a range of as many days, though one of them has 23 hours', () => {
	const before = (text: string) => {
		const { from, to } = rangeBefore(parseRange(text, now));
		return [iso(from), iso(to)];
	};
	assert.deepEqual(before('2026-03-29..2026-03-29'), ['2026-03-27T23:00', '2026-03-28T23:00']);
	assert.deepEqual(before('2026-03-30..2026-04-05'), ['2026-03-22T23:00', '2026-03-29T22:00']);
	assert.deepEqual(before('24h'), ['2026-03-27T14:00', '2026-03-28T14:00']);
});

test('it rounds what was dragged outwards to five minutes, and goes back out no further than now', () => {
	const text = momentsText(Date.parse('2026-03-29T10:07:10Z'), Date.parse('2026-03-29T12:57:10Z'));
	assert.equal(text, '2026-03-29T10:05Z..2026-03-29T13:00Z');
	assert.equal(widened(parseRange(text, now), now), '2026-03-29T04:25Z..2026-03-29T13:10Z');
	assert.equal(dateText(Date.parse('2026-03-28T23:30:00Z')), '2026-03-29');
});
