import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../src/engine/history.ts';
import { historyPage, topPage } from '../../src/engine/historypage.ts';

const dayOf = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
const end = Date.UTC(2026, 5, 30, 12) / 1000;
const moment = { seconds: end, today: '2026-06-30', offsetOf: () => 7_200 };

function filled(days: number, devices: number): History {
	const history = new History(dayOf);
	for (let day = days - 1; day >= 0; day -= 1) {
		for (let step = 0; step < (day === 0 ? 144 : 1); step += 1) {
			for (let device = 0; device < devices; device += 1) {
				const bucket = end - day * 86_400 - step * 300;
				const place = { device: `192.168.100.${device}`, host: `host-${device}.example.com`, node: `node ${device}` };
				for (const class_ of ['direct', 'proxy', 'reject'] as const) {
					history.add(
						{ kind: 'usage', class: class_, bucket, up: 9_999_999_999, down: 999_999_999_999 + device },
						place,
					);
				}
				for (const kind of ['unattributed', 'wan', 'overhead', 'bypass'] as const) {
					history.add({ kind, class: null, bucket, up: 9_999_999_999, down: 999_999_999_999 }, null);
				}
			}
		}
	}
	return history;
}

test('it tells the steps, days and devices of what was added', () => {
	const history = new History(dayOf);
	history.add(
		{ kind: 'usage', class: 'proxy', bucket: end, up: 1, down: 2 },
		{ device: '10.0.0.2', host: 'a.example', node: 'n' },
	);
	history.add({ kind: 'wan', class: null, bucket: end, up: 3, down: 4 }, null);
	assert.deepEqual(historyPage(history, moment), {
		updated: '2026-06-30T12:00:00.000Z',
		today: '2026-06-30',
		offsets: [[end, 7_200]],
		steps: [{ from: end, classes: { proxy: [1, 2], wan: [3, 4] } }],
		days: [{ day: '2026-06-30', classes: { proxy: [1, 2], wan: [3, 4] } }],
		device_hours: [{ from: end, devices: { '10.0.0.2': [1, 2] } }],
		device_days: [{ day: '2026-06-30', devices: { '10.0.0.2': [1, 2] } }],
		device_months: [{ month: '2026-06', devices: { '10.0.0.2': [1, 2] } }],
		left_out: 0,
	});
	const { day, today, month } = topPage(history, moment);
	assert.equal(day, '2026-06-30');
	assert.deepEqual([today.hosts.length, month.nodes.length], [1, 1]);
});

test('it stays under 200,000 bytes with 400 days and 64 devices of large numbers', () => {
	const history = filled(400, 64);
	const made = historyPage(history, moment);
	const page = JSON.stringify(made);
	assert.ok(page.length < 200_000, `${page.length} bytes`);
	assert.ok(page.length > 150_000, `${page.length} bytes: it is full`);
	assert.equal(made.days.length + made.left_out, 400);
	assert.equal(made.days.at(-1)!.day, '2026-06-30', 'the oldest are left out');
	assert.ok(JSON.stringify(topPage(history, moment)).length < 200_000);
});

test('it has all 400 days of a busy home', () => {
	const history = new History(dayOf);
	for (let day = 0; day < 400; day += 1) {
		for (let step = 0; step < (day === 0 ? 288 : 1); step += 1) {
			const bucket = end - day * 86_400 - step * 300;
			for (let no = 0; no < 30; no += 1) {
				const place = { device: `02:00:00:00:00:${no + 10}`, host: '', node: '' };
				history.add({ kind: 'usage', class: 'proxy', bucket, up: 1_000_000, down: 100_000_000 + no }, place);
			}
			for (const kind of ['unattributed', 'wan', 'overhead', 'bypass'] as const) {
				history.add({ kind, class: null, bucket, up: 10_000_000, down: 1_000_000_000 }, null);
			}
		}
	}
	assert.equal(historyPage(history, moment).left_out, 0);
});

test('it adds up devices by hour and by month, and keeps the busiest', () => {
	const history = new History(dayOf);
	const add = (bucket: number, device: string, down: number) =>
		history.add({ kind: 'usage', class: 'direct', bucket, up: 1, down }, { device, host: '', node: '' });
	for (let no = 0; no < 12; no += 1) add(end - 300, `d${no}`, no + 1);
	add(end - 3_300, 'd0', 4);
	add(end - 40 * 86_400, 'd0', 100);
	const { device_hours: hours, device_months: months } = historyPage(history, moment);
	assert.deepEqual(
		hours.map(({ from, devices }) => [from, Object.keys(devices).length]),
		[[end - 3_600, 10]],
	);
	assert.deepEqual(hours[0]!.devices.d0, [2, 5]);
	assert.equal(hours[0]!.devices.d1, undefined, 'the least of twelve');
	assert.deepEqual(
		months.map(({ month, devices }) => [month, devices.d0]),
		[
			['2026-05', [1, 100]],
			['2026-06', [2, 5]],
		],
	);
	assert.deepEqual(history.devicesOf('2026-06').d0, { up: 2, down: 5 });
	assert.deepEqual(history.day('2026-06-30').classes, { direct: { up: 13, down: 82 } });
	assert.deepEqual(history.day('2026-06-29'), { classes: {}, devices: {} });
});

test('it tells when clocks change within the 24 hours', () => {
	const history = new History(dayOf);
	for (const bucket of [end - 80_000, end]) {
		history.add({ kind: 'wan', class: null, bucket: bucket - (bucket % 300), up: 1, down: 1 }, null);
	}
	const change = end - 10 * 3_600;
	const offsetOf = (seconds: number) => (seconds < change ? 7_200 : 3_600);
	assert.deepEqual(historyPage(history, { ...moment, offsetOf }).offsets, [
		[end - 80_100, 7_200],
		[change, 3_600],
	]);
});
