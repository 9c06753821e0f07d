import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SealedRow } from '../../src/engine/growing.ts';
import { History, type Place } from '../../src/engine/history.ts';
import { localDay } from '../../src/system/localday.ts';
import { Dice } from '../fakes/dice.ts';

type Fed = Pick<SealedRow, 'kind' | 'class' | 'bucket' | 'up' | 'down'>;
const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'];

function dayIn(zone: string): (seconds: number) => string {
	const format = new Intl.DateTimeFormat('en-CA', {
		timeZone: zone,
		year: 'numeric',
		month: '2-digit',
		day: '2-digit',
	});
	return (seconds) => format.format(seconds * 1000);
}

const place = (no: number): Place => ({
	device: `192.168.1.${no % 7}`,
	host: `h${no}.example`,
	node: `node-${no % 3}`,
});
const row = (bucket: number, down: number, rest: Partial<Fed> = {}): Fed => ({
	kind: 'usage',
	class: 'proxy',
	bucket,
	up: 1,
	down,
	...rest,
});

test('it books every byte under its local day, over changes of the clock, months and years, through restarts', () => {
	for (const [index, zone] of zones.entries()) {
		const dice = new Dice(index + 1);
		const dayOf = dayIn(zone);
		let history = new History(dayOf);
		const kept = new Map<string, string>();
		const truth = new Map<string, number>();
		const byDevice = new Map<string, number>();
		// Ten days around each change of summer time, and around a new year.
		for (const from of ['2026-03-05', '2026-03-26', '2026-10-20', '2026-12-27']) {
			const start = Date.parse(`${from}T00:00:00Z`) / 1000;
			for (let bucket = start; bucket < start + 10 * 86_400; bucket += 300 * dice.int(1, 40)) {
				const no = dice.int(0, 20);
				const down = dice.int(1, 1e9);
				const class_ = dice.pick(['direct', 'proxy'] as const);
				history.add(row(bucket, down, { class: class_ }), place(no));
				history.add(row(bucket, 5, { kind: 'wan', class: null }), null);
				const key = `${dayOf(bucket)} ${class_}`;
				truth.set(key, (truth.get(key) ?? 0) + down);
				const device = `${dayOf(bucket)} ${place(no).device}`;
				byDevice.set(device, (byDevice.get(device) ?? 0) + down);
				if (dice.chance(0.95)) continue;
				for (const [name, text] of history.takeParts(bucket)) text === null ? kept.delete(name) : kept.set(name, text);
				history = new History(dayOf, [...kept]);
			}
		}
		const found = new Map<string, number>();
		const devices = new Map<string, number>();
		for (const { day, classes, devices: named } of history.days()) {
			for (const name of ['direct', 'proxy']) if (classes[name]) found.set(`${day} ${name}`, classes[name].down);
			for (const [device, { down }] of Object.entries(named)) devices.set(`${day} ${device}`, down);
		}
		assert.deepEqual([...found].sort(), [...truth].sort(), zone);
		assert.deepEqual([...devices].sort(), [...byDevice].sort(), zone);
	}
});

test('it keeps 24 hours of steps and 400 days, and what it says is gone is gone', () => {
	const history = new History(dayIn('UTC'));
	const kept = new Map<string, string>();
	const start = Date.UTC(2026, 0, 1) / 1000;
	for (let day = 0; day < 410; day += 1) {
		for (let hour = 0; hour < 24; hour += 1) {
			const bucket = start + day * 86_400 + hour * 3600;
			history.add(row(bucket, 1), place(hour));
			for (const [name, text] of history.takeParts(bucket)) text === null ? kept.delete(name) : kept.set(name, text);
		}
	}
	const now = start + 409 * 86_400 + 23 * 3600;
	assert.equal(history.days().length, 400);
	assert.deepEqual([history.steps(now).length, history.steps(now)[0]!.from], [24, now - 82_800]);
	assert.equal(history.steps(now + 82_800).length, 1);
	const names = [...kept.keys()].map((name) => name.split(' ')[0]);
	const count = (kind: string) => names.filter((name) => name === kind).length;
	assert.deepEqual([count('day'), count('step'), count('top')], [400, 24, 2]);
	const again = new History(dayIn('UTC'), [...kept]);
	assert.deepEqual(again.days(), history.days());
	assert.deepEqual(again.steps(now), history.steps(now));
	assert.deepEqual(again.top('2027-02'), history.top('2027-02'));
});

test('it finds the top hosts of today and of the month among very many, within bounds', () => {
	const history = new History(dayIn('UTC'));
	const start = Date.UTC(2026, 4, 1) / 1000;
	const dice = new Dice(4);
	const truth = new Map<string, number>();
	for (let at = 0; at < 100_000; at += 1) {
		// A few large ones among many that are seen once.
		const no = dice.chance(0.3) ? dice.int(0, 50) : 1000 + at;
		const down = no <= 50 ? 10_000 * (no + 1) : dice.int(1, 2_000);
		history.add(row(start + at, down), place(no));
		truth.set(place(no).host, (truth.get(place(no).host) ?? 0) + down);
	}
	const largest = [...truth].sort(([, a], [, b]) => b - a).slice(0, 30);
	const told = history.top('2026-05').hosts;
	assert.equal(told.length, 100);
	assert.deepEqual(
		told.slice(0, 30).map(([name, , down]) => [name, down]),
		largest,
	);
	const text = new Map(history.takeParts(start + 100_000)).get('top 2026-05')!;
	assert.ok(text.length < 30_000, `${text.length}`);
	const { hosts } = JSON.parse(text);
	const all = hosts.lines.reduce((sum: number, [, , down]: [string, number, number]) => sum + down, hosts.others.down);
	assert.equal(
		all,
		[...truth.values()].reduce((sum, down) => sum + down, 0),
	);
});

test('it keeps no more than 64 devices apart, and no byte is lost by it', () => {
	const history = new History(dayIn('UTC'));
	for (let no = 0; no < 200; no += 1) history.add(row(600, 3), { device: `10.0.0.${no}`, host: '', node: '' });
	const { devices } = history.days()[0]!;
	assert.equal(Object.keys(devices).length, 65);
	assert.equal(
		Object.values(devices).reduce((sum, { down }) => sum + down, 0),
		600,
	);
});

test('it leaves out parts that are damaged, and names of devices that are names of objects do no harm', () => {
	const history = new History(dayIn('UTC'), [
		['step 300', '{"classes":{"proxy":[1]},"devices":{}}'],
		['day 2026-01-01', 'null'],
		['top 2026-01', '[]'],
		['nonsense', '{}'],
	]);
	assert.deepEqual([history.steps(300), history.days()], [[], []]);
	history.add(row(300, 7), { device: '__proto__', host: 'constructor', node: '__proto__' });
	const parts = history.takeParts(300).filter((part): part is readonly [string, string] => part[1] !== null);
	const again = new History(dayIn('UTC'), parts);
	assert.deepEqual(Object.keys(again.days()[0]!.devices), ['__proto__']);
});

test('it takes the local day from the system', () => {
	const now = Math.floor(Date.now() / 1000);
	assert.equal(
		localDay(now),
		new Date(now * 1000 - new Date(now * 1000).getTimezoneOffset() * 60_000).toISOString().slice(0, 10),
	);
});
