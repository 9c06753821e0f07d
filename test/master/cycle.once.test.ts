import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime, isZone, offsetAt } from '../../src/master/answers/zone.ts';
import { cycleAt } from '../../src/master/quota/cycle.ts';

const stepMs = 900_000;
const dayMs = 86_400_000;
/** Zones and a year in which their clocks do something. */
const years: readonly (readonly [zone: string, year: number])[] = [
	['UTC', 2026],
	['Europe/Berlin', 2026],
	['America/New_York', 2028],
	['Asia/Kathmandu', 2027],
	['Australia/Lord_Howe', 2026],
	// These change at midnight: it is skipped there, or comes twice.
	['America/Sao_Paulo', 2017],
	['America/Havana', 2026],
	['Africa/Cairo', 2026],
	// 30 December was left out.
	['Pacific/Apia', 2011],
];

/** The calendar's day at each quarter of an hour, as the zone's own words say it: 20260131. */
function daysOf(zone: string, year: number): { time: number; day: number }[] {
	const words = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
	const days: { time: number; day: number }[] = [];
	for (let time = Date.UTC(year, 0, 1) - 40 * dayMs; time < Date.UTC(year + 1, 1, 10); time += stepMs) {
		days.push({ time, day: Number(words.format(time).replaceAll('-', '')) });
	}
	return days;
}

const isLeap = (year: number) => new Date(year, 1, 29).getDate() === 29;
const lengths = (year: number) => [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

test('it begins a cycle when the zone first shows its day, or a short month its last', () => {
	for (const [zone, year] of years) {
		const days = daysOf(zone, year);
		for (const startDay of [1, 2, 14, 15, 26, 28, 29, 30, 31]) {
			const months = [[year - 1, 11], ...lengths(year).map((_, at) => [year, at]), [year + 1, 0]] as [number, number][];
			const starts = months.map(([inYear, month]) => {
				const wanted = inYear * 10_000 + (month + 1) * 100 + Math.min(startDay, lengths(inYear)[month]!);
				return days.find(({ day }) => day >= wanted)!.time;
			});
			for (const [at, from] of starts.slice(0, -1).entries()) {
				const cycle = { from, to: starts[at + 1]! };
				for (const time of [
					from,
					from + 1,
					from + 90 * 60_000,
					(from + cycle.to) / 2,
					cycle.to - 90 * 60_000,
					cycle.to - 1,
				]) {
					assert.deepEqual(cycleAt(time, startDay, zone), cycle, `${zone} day ${startDay} ${formatTime(time, zone)}`);
				}
			}
		}
	}
});

test('it takes a zone that is no more than an offset', () => {
	assert.ok(isZone('UTC+05:45') && isZone('UTC-03:30') && !isZone('UTC+5') && !isZone('UTC+05:45x'));
	assert.equal(offsetAt(0, 'UTC-03:30'), -3.5 * 3_600_000);
	assert.equal(
		formatTime(cycleAt(Date.UTC(2026, 2, 31, 20), 1, 'UTC+08:00').from, 'UTC+08:00'),
		'2026-04-01T00:00:00+08:00',
	);
});
