import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../src/engine/history.ts';
import { historyPage, topPage } from '../../src/engine/historypage.ts';

const dayOf = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
const end = Date.UTC(2026, 5, 30, 12) / 1000;

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
	assert.deepEqual(historyPage(history, end), {
		steps: [{ from: end, classes: { proxy: [1, 2], wan: [3, 4] } }],
		days: [{ day: '2026-06-30', classes: { proxy: [1, 2], wan: [3, 4] } }],
		devices: [{ day: '2026-06-30', devices: { '10.0.0.2': [1, 2] } }],
	});
	const { today, month } = topPage(history, '2026-06-30');
	assert.deepEqual([today.hosts.length, month.nodes.length], [1, 1]);
});

test('it stays under 200,000 bytes with 400 days and 64 devices of large numbers', () => {
	const history = filled(400, 64);
	const page = JSON.stringify(historyPage(history, end));
	assert.ok(page.length < 200_000, `${page.length} bytes`);
	assert.ok(page.length > 50_000, `${page.length} bytes: it is full`);
	assert.ok(JSON.stringify(topPage(history, '2026-06-30')).length < 200_000);
});
