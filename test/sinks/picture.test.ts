import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	bytesText,
	type Canvas,
	drawLive,
	type History,
	lineOf,
	type Shown,
	speedText,
} from '../../src/sinks/picture.ts';
import { noSpeeds, someLive, someSpeeds } from '../fakes/live.ts';

const words = { title: 'router-3fa2', source: '192.168.1.1:17890', notes: ['2 frames were lost on the way'] };
const history: History = [null, ...Array.from({ length: 300 }, (_, at) => ({ up: at, down: at * 1000 }))];
const draw = (shown: Shown, canvas: Partial<Canvas> = {}, past: History = history) =>
	drawLive(shown, words, { columns: 80, rows: 24, color: false, ...canvas }, past);
const rowOf = (lines: readonly string[], name: string) => {
	const row = lines.find((line) => line.startsWith(` ${name}  `) || line.startsWith(` ${name} `));
	assert.ok(row !== undefined, `no row ${name} in\n${lines.join('\n')}`);
	return row;
};

test('it shows a row for each class and the WAN, with both speeds', () => {
	const lines = draw(someLive());
	assert.match(rowOf(lines, 'direct'), /1\.00 kB\/s .* 2\.00 kB\/s/);
	assert.match(rowOf(lines, 'proxy'), /300 kB\/s .* 12\.0 MB\/s/);
	assert.match(rowOf(lines, 'bypass'), /0 B\/s .* 5\.00 GB\/s/);
	assert.match(rowOf(lines, 'unattributed'), /500 B\/s .* 700 B\/s/);
	assert.match(rowOf(lines, 'WAN'), /320 kB\/s .* 5\.01 GB\/s/);
	assert.match(lines[0]!, /netmon router-3fa2 .*192\.168\.1\.1:17890 · \d\d:\d\d:\d\d$/);
	assert.ok(lines.some((line) => line.includes('212 connections')));
	assert.ok(lines.some((line) => line.includes('2 frames were lost')));
});

test('it draws bars to one scale per direction: the share, half a cell for the least, none for 0', () => {
	const speeds = {
		...someSpeeds,
		direct: { up: 1_000_000, down: 0 },
		proxy: { up: 500_000, down: 1 },
		bypass: { up: 250_000, down: 1_000_000_000 },
		wan: null,
	};
	const lines = draw(someLive({ speeds }), {}, []);
	const bars = (name: string) => [...rowOf(lines, name).matchAll(/([━╸]*)(─*)(?= |$)/g)].filter(([all]) => all !== '');
	const cells = (name: string) => bars(name).map(([, done]) => done!.length - (done!.endsWith('╸') ? 0.5 : 0));
	const width = bars('direct')[0]![0].length;
	assert.deepEqual(cells('direct'), [width, 0]);
	assert.deepEqual(cells('proxy'), [Math.round(width) / 2, 0.5]);
	assert.equal(cells('bypass')[1], width);
	for (const name of ['direct', 'proxy', 'bypass', 'unattributed']) {
		assert.deepEqual(
			bars(name).map(([all]) => all.length),
			[width, width],
			name,
		);
	}
});

test('it shows what is unknown as – with the reason', () => {
	const because = (shown: Shown) =>
		['direct', 'bypass', 'unattributed', 'WAN'].map((name) => rowOf(draw(shown), name).split('– ')[1]);
	const nothing = someLive({ speeds: noSpeeds, connections: null });
	const absent = 'mihomo does not answer';
	assert.deepEqual(because(nothing), [absent, 'no WAN speed yet', absent, 'no WAN speed yet']);
	assert.deepEqual(because(someLive({ speeds: { ...noSpeeds, wan: { up: 1, down: 1 } } })), [
		...['measuring', 'measuring', 'measuring'],
		undefined,
	]);
	const silent = someLive({ speeds: noSpeeds, coreStale: true, wanStale: true });
	const wan = 'the WAN counters are silent';
	assert.deepEqual(because(silent), ['mihomo is silent', wan, 'mihomo is silent', wan]);
	assert.ok(!draw(nothing).join('\n').includes(' 0 B/s'), 'unknown is never 0');
});

test('it marks what is stale, and only that', () => {
	const stale = (shown: Shown) =>
		['direct', 'proxy', 'bypass', 'unattributed', 'WAN'].map((name) => rowOf(draw(shown), name).includes('stale'));
	assert.deepEqual(stale(someLive()), [false, false, false, false, false]);
	assert.deepEqual(stale(someLive({ coreStale: true })), [true, true, true, true, false]);
	assert.deepEqual(stale(someLive({ wanStale: true })), [false, false, true, false, true]);
});

test('it never fills a line nor the last row, at any size, and keeps the table to the end', () => {
	for (let columns = 1; columns <= 220; columns++) {
		for (const shown of [
			someLive(),
			someLive({ speeds: noSpeeds, connections: null }),
			someLive({ coreStale: true }),
		]) {
			const long = Math.max(...draw(shown, { columns }).map((line) => line.length));
			assert.ok(long < Math.max(2, columns), `${long} at ${columns} columns`);
		}
	}
	for (let rows = 2; rows <= 30; rows++) assert.ok(draw(someLive(), { rows }).length < rows, `at ${rows} rows`);
	for (const columns of [60, 80, 200]) {
		const lines = draw(someLive(), { columns, rows: 9 });
		for (const name of ['direct', 'proxy', 'bypass', 'unattributed', 'WAN']) rowOf(lines, name);
	}
});

test('it uses colour when it may, and then the same text', () => {
	const plain = draw(someLive());
	const colored = draw(someLive(), { color: true });
	assert.ok(!plain.join('').includes('\x1b'));
	assert.ok(colored.join('').includes('\x1b['));
	assert.deepEqual(
		colored.map((line) => line.replace(/\x1b\[[\d;]*m/g, '').trimEnd()),
		plain,
	);
});

test('it charts the past with its peak, and leaves it out when there is none', () => {
	const lines = draw(someLive());
	assert.match(rowOf(lines, 'WAN ↓'), /▇█+ {2}peak 299 kB\/s$/);
	assert.ok(!draw(someLive(), {}, [null, null]).some((line) => line.includes('peak')));
	assert.match(rowOf(draw(someLive({ speeds: { ...someSpeeds, wan: null } })), 'mihomo ↑'), /peak 299 B\/s$/);
});

test('it shows what flowed since the start where there is room and the frame has it', () => {
	assert.match(rowOf(draw(someLive(), { columns: 110 }), 'proxy'), /30\.0 MB +40\.0 MB$/);
	assert.doesNotMatch(rowOf(draw({ ...someLive(), totals: null }, { columns: 110 }), 'proxy'), /40\.0 MB/);
});

test('it says the same in one line for a pipe', () => {
	const line = lineOf(someLive({ coreStale: true, speeds: { ...someSpeeds, wan: null, bypass: null } }));
	assert.match(line, /^\d\d:\d\d:\d\d {2}direct ↑ 1\.00 kB\/s ↓ 2\.00 kB\/s \(stale\) {2}proxy /);
	assert.match(line, /bypass – \(no WAN speed yet\) .* WAN – \(no WAN speed yet\)$/);
});

test('it writes three digits and a unit, up to the next unit and not beyond', () => {
	const cases: [number, string][] = [
		...([
			[0, '0 B'],
			[999, '999 B'],
			[1000, '1.00 kB'],
			[9994, '9.99 kB'],
			[9995, '10.0 kB'],
		] as [number, string][]),
		...([
			[99_949, '99.9 kB'],
			[99_950, '100 kB'],
			[999_499, '999 kB'],
			[999_500, '1.00 MB'],
		] as [number, string][]),
		...([
			[1e9, '1.00 GB'],
			[9e12, '9.00 TB'],
			[2 ** 53, '9.01 PB'],
			[-1500, '-1.50 kB'],
		] as [number, string][]),
	];
	for (const [value, text] of cases) assert.equal(bytesText(value), text);
	for (let value = 1; value < 2 ** 53; value *= 1.07) assert.ok(speedText(value).length <= 9, speedText(value));
});
