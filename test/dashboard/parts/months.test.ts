import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daySums, type Gap, heatOf, monthSums, warmDay, weeksOf } from '../../../src/dashboard/months/daysums.ts';
import { bytesOf, fieldText, type QuotaFields, readFields, units } from '../../../src/dashboard/months/quotafields.ts';

const points = (values: readonly number[]) =>
	values.map((value, at) => ({
		time: `2026-03-${String(28 + at).padStart(2, '0')}T00:00:00+0${at < 2 ? 1 : 2}:00`,
		value,
	}));

test('it tells unknown from nothing, leaves the future out, and marks days of which less is known', () => {
	const gap: Gap = {
		agent_id: 'home',
		kind: 'missing',
		from: '2026-03-29T21:59:00Z',
		to: '2026-03-29T22:01:00Z',
		what: 'away',
	};
	const facts = {
		down: points([0, 5, 0, 7]),
		up: points([0, 1, 0, 0]),
		gaps: [gap, { ...gap, kind: 'late' as const }],
		first: Date.parse('2026-03-29T09:00:00Z'),
		now: Date.parse('2026-03-30T23:00:00Z'),
		ofWan: false,
	};
	const days = daySums(facts);
	assert.deepEqual(
		days.map(({ date, down, up, gaps }) => [date, down, up, gaps.length]),
		[
			['2026-03-28', null, null, 0],
			['2026-03-29', 5, 1, 1],
			['2026-03-30', 0, 0, 1],
			['2026-03-31', 7, 0, 0],
		],
	);
	assert.equal((days[1]!.to - days[1]!.from) / 3_600_000, 23, 'the day the clock is put forward');
	assert.deepEqual(daySums({ ...facts, ofWan: true })[2]!.down, null, 'a WAN is never silent for a day');
	assert.equal(daySums({ ...facts, now: Date.parse('2026-03-30T21:00:00Z') }).length, 3);
	const [march] = monthSums(days);
	assert.deepEqual([march!.month, march!.down, march!.up, march!.unknownDays], ['2026-03', 12, 1, 1]);
	assert.deepEqual(monthSums(days.slice(0, 1))[0]!.down, null);
});

test('it lays a month out in weeks from either day', () => {
	assert.deepEqual(
		weeksOf('2026-02', 0)[0],
		['01', '02', '03', '04', '05', '06', '07'].map((day) => `2026-02-${day}`),
	);
	assert.deepEqual(weeksOf('2026-02', 1)[0], [null, null, null, null, null, null, '2026-02-01']);
	for (const month of ['2024-02', '2026-02', '2026-03', '2026-08', '2026-11']) {
		for (const first of [0, 1, 6]) {
			const weeks = weeksOf(month, first);
			const days = weeks.flat().filter((day) => day !== null);
			const last = new Date(`${month}-01T12:00:00Z`);
			last.setUTCMonth(last.getUTCMonth() + 1, 0);
			assert.deepEqual([days[0], days.at(-1)], [`${month}-01`, last.toISOString().slice(0, 10)]);
			for (const week of weeks) {
				for (const [at, day] of week.entries())
					if (day) assert.equal(new Date(`${day}T12:00:00Z`).getUTCDay(), (first + at) % 7);
			}
		}
	}
});

test('it is never cold where something was, nor for one day that was far too warm', () => {
	assert.deepEqual([warmDay([]), warmDay([7]), warmDay([...Array<number>(19).fill(5), 900])], [0, 7, 5]);
	assert.deepEqual(
		[null, 0, 1, 20, 21, 100].map((value) => heatOf(value, 100)),
		[0, 0, 1, 1, 2, 5],
	);
});

const fields: QuotaFields = {
	...{ limit: '1.5', unit: 'TB', counts: 'wan', direction: 'both', startDay: '1', zone: '', levels: '80, 100' },
	...{ usedBefore: '', webhook: '', withoutWebhook: false },
};

test('it reads the form strictly, and says which field is wrong', () => {
	const settings = {
		limit: 1.5e12,
		counts: 'wan',
		direction: 'both',
		start_day: 1,
		tz: null,
		levels: [80, 100],
		used_before: 0,
	};
	assert.deepEqual(readFields(fields), { settings });
	const full = { ...fields, limit: '0,5', zone: ' UTC+05:45 ', levels: '50 %、80%；100', usedBefore: '0.25' };
	assert.deepEqual(readFields({ ...full, levels: '50 %、80%; 100', webhook: 'https://a.example/x' }), {
		settings: {
			...settings,
			limit: 5e11,
			tz: 'UTC+05:45',
			levels: [50, 80, 100],
			used_before: 2.5e11,
			webhook: 'https://a.example/x',
		},
	});
	assert.deepEqual(readFields({ ...fields, withoutWebhook: true }), { settings: { ...settings, webhook: null } });
	for (const [wrong, field] of [
		[{ limit: '' }, 'limit'],
		[{ limit: '0' }, 'limit'],
		[{ limit: '-1' }, 'limit'],
		[{ limit: '1e3' }, 'limit'],
		[{ limit: '9999' }, 'limit'],
		[{ startDay: '0' }, 'startDay'],
		[{ startDay: '32' }, 'startDay'],
		[{ startDay: 'x' }, 'startDay'],
		[{ zone: 'Mars/Base' }, 'zone'],
		[{ levels: '0' }, 'levels'],
		[{ levels: '80, x' }, 'levels'],
		[{ levels: '1 2 3 4 5 6 7 8 9 10 11' }, 'levels'],
		[{ usedBefore: 'x' }, 'usedBefore'],
		[{ webhook: 'ftp://a.example' }, 'webhook'],
		[{ webhook: 'https://me@a.example' }, 'webhook'],
	] as const) {
		const read = readFields({ ...fields, ...wrong });
		assert.deepEqual('faults' in read && Object.keys(read.faults), [field], JSON.stringify(wrong));
	}
});

test('it shows bytes in a field so that they come back as they were', () => {
	for (const bytes of [0, 1, 1e9, 450e9, 341_354_066_038, 2 ** 50]) {
		for (const factor of Object.values(units)) {
			if (factor === units.TB || factor === units.GiB) continue;
			assert.equal(bytesOf(fieldText(bytes, factor), factor), bytes, `${bytes} by ${factor}`);
		}
	}
	assert.equal(fieldText(450e9, 1e9), '450');
	assert.equal(fieldText(1.5e12, 1e12), '1.5');
});
