import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { status } from '../../src/commands/status.ts';
import { FakeClock } from '../fakes/clock.ts';
import { statusExample } from '../fakes/statusexample.ts';

const folder = mkdtempSync(join(tmpdir(), 'netmon-status-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'status.json');
const example = statusExample();

/** What the command says of `text`, `ageMs` after it was written. */
function ask(text: string | null, { json = false, ageMs = 1000 } = {}) {
	rmSync(path, { force: true });
	if (text !== null) writeFileSync(path, text);
	const printed: string[] = [];
	const complaints: string[] = [];
	const clock = new FakeClock();
	clock.wall = () => Date.parse(example.updated) + ageMs;
	const code = status({
		path,
		json,
		clock,
		print: (line) => printed.push(line),
		complain: (line) => complaints.push(line),
	});
	return { code, printed: printed.join('\n'), complaints: complaints.join('\n') };
}

test('it prints the file as it stands with --json', () => {
	const text = JSON.stringify(example);
	assert.deepEqual(ask(`${text}\n`, { json: true }), { code: 0, printed: text, complaints: '' });
});

test('it tells people what flows, what flowed and how the parts are', () => {
	const { code, printed } = ask(JSON.stringify(example));
	assert.equal(code, 0);
	assert.match(printed, /^netmon 0\.1\.0, agent OpenWrt-3f2a, since 2026-11-22T18:00:00\.000Z/);
	assert.match(printed, /^core {4}ws:\/\/127\.0\.0\.1:9090: connected, v1\.19\.15, 312 connections$/m);
	assert.match(printed, /^proxy +217 kB\/s +3\.78 MB\/s +1\.58 GB +27\.6 GB$/m);
	assert.match(printed, /^mihomo +up +99\.9 % up, 10 failures$/m);
	const both = example.totals.core!.up + example.totals.core!.down;
	assert.ok(printed.includes(`attributed + unattributed = ${both}, core = ${both} bytes\n`), printed);
});

test('it writes every figure with a unit and three digits, and a dash for what is unknown', () => {
	const speeds = { ...example.speeds, direct: { up: 999_600, down: 1_000_000 }, wan: null, bypass: null };
	const { printed } = ask(JSON.stringify({ ...example, speeds, totals: { ...example.totals, wan: null } }));
	assert.match(printed, /^direct +1\.00 MB\/s +1\.00 MB\/s /m);
	assert.match(printed, /^wan( +–){4}$/m);
	assert.doesNotMatch(printed, /e\+|NaN|null|undefined/);
});

test('it says what is in flight, and that a core was never heard', () => {
	const core = { up: example.totals.core!.up + 5, down: example.totals.core!.down };
	assert.match(
		ask(JSON.stringify({ ...example, totals: { ...example.totals, core } })).printed,
		/, 5 of them in flight$/m,
	);
	const unheard = { core: null, attributed: null, unattributed: null, direct: null, proxy: null, reject: null };
	const { printed } = ask(JSON.stringify({ ...example, totals: { ...example.totals, ...unheard } }));
	assert.match(printed, /^the core was not heard yet/m);
	assert.match(printed, /^core +[\d.]+ kB\/s +[\d.]+ MB\/s +– +–$/m);
});

test('it exits 1 with a sentence when there is no agent, an old file, or another file', () => {
	assert.match(ask(null).complaints, /no agent runs here: there is no .*status\.json \(start one with netmon agent/);
	assert.equal(ask(null).code, 1);
	const old = ask(JSON.stringify(example), { ageMs: 65_000 });
	assert.match(old.complaints, /was last seen 1 min 5 s ago$/);
	assert.equal(old.code, 1);
	for (const text of ['', 'nonsense', '{}', '[]', 'null', '7', '{"updated":"2026-11-23T05:30:00.000Z"}']) {
		const { code, printed, complaints } = ask(text);
		assert.deepEqual([code, printed], [1, ''], text);
		assert.match(complaints, /cannot be read \(it is no status of this version of netmon\)$/);
	}
});
