import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	bucketEdges,
	formatTime,
	type Interval,
	momentOf,
	offsetAt,
	parseMoment,
	startOf,
} from '../../src/master/answers/zone.ts';

const hourMs = 3_600_000;
const zones = [
	'UTC',
	'Europe/Berlin',
	'Asia/Kolkata',
	'America/Sao_Paulo',
	'Australia/Lord_Howe',
	'Asia/Kathmandu',
	'Africa/Cairo',
];

test('it knows days of 23 and 25 hours, and half hours', () => {
	const day = (date: string, zone: string) => {
		const from = parseMoment(date, zone)!;
		const edges = bucketEdges({ from, to: from + 1 }, { interval: 'day', zone, max: 10 })!;
		return [formatTime(edges[0]!, zone), (edges[1]! - edges[0]!) / hourMs];
	};
	assert.deepEqual(day('2026-03-29', 'Europe/Berlin'), ['2026-03-29T00:00:00+01:00', 23]);
	assert.deepEqual(day('2026-10-25', 'Europe/Berlin'), ['2026-10-25T00:00:00+02:00', 25]);
	assert.deepEqual(day('2026-10-25', 'Asia/Kolkata'), ['2026-10-25T00:00:00+05:30', 24]);
	assert.deepEqual(day('2026-04-05', 'Australia/Lord_Howe'), ['2026-04-05T00:00:00+11:00', 24.5]);
	// Midnight was skipped there.
	assert.deepEqual(day('2017-10-15', 'America/Sao_Paulo'), ['2017-10-15T01:00:00-02:00', 23]);
});

test('it knows how far a zone is ahead at any moment, asked once or again', () => {
	const changes = [Date.UTC(2017, 9, 15), Date.UTC(2026, 2, 29), Date.UTC(2026, 3, 4), Date.UTC(2026, 9, 25)];
	for (const timeZone of zones) {
		const clock = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
		for (const change of changes) {
			for (let time = change - 24 * hourMs; time < change + 48 * hourMs; time += hourMs / 2) {
				const ahead = Date.parse(`${clock.format(time).replace(' ', 'T')}Z`) - time;
				assert.equal(offsetAt(time, timeZone), ahead, `${timeZone} ${new Date(time).toISOString()}`);
			}
		}
	}
});

test('it cuts any time into buckets without holes that begin where the zone says', () => {
	const begins: Record<Interval, RegExp> = {
		'5m': /T\d\d:\d[05]:00/,
		hour: /T\d\d:00:00/,
		day: /T0[01]:\d0:00/,
		week: /T0[01]:\d0:00/,
		month: /-01T0[01]:\d0:00/,
	};
	for (const zone of zones) {
		for (const interval of ['5m', 'hour', 'day', 'week', 'month'] as const) {
			for (const year of [2017, 2026]) {
				const from = Date.UTC(year, 1, 3, 7, 11);
				const to = from + { '5m': 10, hour: 90, day: 330, week: 330, month: 330 }[interval] * 24 * hourMs;
				const edges = bucketEdges({ from, to }, { interval, zone, max: 5_000 })!;
				assert.ok(edges[0]! <= from && edges.at(-1)! >= to);
				for (const [at, edge] of edges.entries()) {
					if (at > 0) assert.ok(edge > edges[at - 1]!, `${zone} ${interval} ${formatTime(edge, zone)}`);
					if (zone === 'Australia/Lord_Howe' && interval === 'hour') continue;
					assert.match(formatTime(edge, zone), begins[interval]);
					assert.equal(startOf(edge, interval, zone), edge, `${zone} ${interval} ${formatTime(edge, zone)}`);
				}
			}
		}
	}
});

test('it reads ISO 8601 in a zone and with an offset', () => {
	assert.equal(parseMoment('2026-01-01', 'Asia/Kolkata'), Date.UTC(2025, 11, 31, 18, 30));
	assert.equal(parseMoment('2026-01-01T00:00:00Z', 'Asia/Kolkata'), Date.UTC(2026, 0, 1));
	assert.equal(parseMoment('2026-01-01T00:00:00.123456789+05:30', 'UTC'), Date.UTC(2025, 11, 31, 18, 30, 0, 123));
	assert.equal(parseMoment('2026-01-01 10:00', 'UTC'), Date.UTC(2026, 0, 1, 10));
	for (const wrong of ['', '2026', '2026-13-01', 'now', '2026-01-01T25:00:00Z', '1e9'])
		assert.equal(parseMoment(wrong, 'UTC'), null);
	assert.equal(momentOf(Date.UTC(2026, 2, 29, 2, 30), 'Europe/Berlin'), Date.UTC(2026, 2, 29, 1));
});
