import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, after as atEnd, test } from 'node:test';
import { doctor } from '../../src/commands/doctor.ts';
import { readSettings } from '../../src/config.ts';
import type { WanSample } from '../../src/record.ts';
import { systemClock } from '../../src/system/clock.ts';
import type { NotedWanSource } from '../../src/wansources.ts';
import { FakeCore } from '../fakes/core.ts';
import { Simulation } from '../fakes/simulation.ts';

const folder = mkdtempSync(join(tmpdir(), 'netmon-doctor-'));
atEnd(() => rmSync(folder, { recursive: true, force: true }));
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0)) await end();
});

async function core(secret = ''): Promise<number> {
	const fake = new FakeCore({ simulation: new Simulation({ seed: 1, connections: 5 }), secret, stepMs: 0 });
	await fake.start();
	ends.push(() => fake.stop());
	return fake.port;
}

/** Two looks at a WAN; the clock passes the second between them at once. */
function wanSource(devices: WanSample['devices'] | Error): NotedWanSource {
	let asked = 0;
	return {
		name: 'procfs',
		start: () => {},
		stop: async () => {},
		notes: () => ['a note of the source'],
		sample: async () => {
			asked += 1;
			if (devices instanceof Error) throw devices;
			const grown = devices.map((device) => ({ ...device, rxBytes: device.rxBytes + BigInt(asked) }));
			return { source: 'procfs', mono: asked, devices: grown, why: 'the default route' };
		},
	};
}

const eth1 = { name: 'eth1', ifindex: 3, rxBytes: 5n, txBytes: 5n, rxPackets: 1n, txPackets: 1n };

interface Look {
	readonly flags?: readonly string[];
	readonly sources?: readonly NotedWanSource[];
	readonly wall?: number;
}

async function look({ flags = [], sources = [wanSource([eth1])], wall = Date.now() }: Look) {
	const argv = ['doctor', '--config', 'none', '--env-file', 'none', ...flags];
	const argvWithFolder = flags.includes('--state-dir') ? argv : [...argv, '--state-dir', folder];
	const call = readSettings({ argv: argvWithFolder, env: {}, cwd: folder });
	assert.equal(call.command, 'doctor', JSON.stringify(call));
	const { settings } = call as Extract<typeof call, { command: 'doctor' | 'agent' | 'status' }>;
	const lines: string[] = [];
	const clock = {
		...systemClock,
		wall: () => wall,
		// The second between two looks at the WAN passes at once.
		after: (ms: number, run: () => void) => systemClock.after(ms === 1000 ? 0 : ms, run),
	};
	const code = await doctor({ settings, clock, print: (line) => lines.push(line), openSources: () => sources });
	return { code, lines, text: lines.join('\n') };
}

const port = ['--listen-port', '0'];

test('it finds nothing wrong where nothing is, and tells what it found', async () => {
	const { code, text } = await look({ flags: [...port, '--clash-url', `http://127.0.0.1:${await core()}`] });
	assert.match(text, /^ok {3}node {7}\d+\./m);
	assert.match(text, /^ok {3}clock {6}20\d\d-/m);
	assert.match(text, /^ok {3}folder {5}.* MiB free$/m);
	assert.match(text, /^ok {3}core .* is a core of version .+; it asks for no secret$/m);
	assert.match(text, /^ok {3}wan {8}procfs: eth1: the default route$/m);
	assert.match(text, /nothing is wrong$/);
	assert.equal(code, 0);
});

test('it tells a right secret from a wrong one, and shows neither', async () => {
	const url = `http://127.0.0.1:${await core('hunter2hunter2')}`;
	const right = await look({ flags: [...port, '--clash-url', `${url}/?token=hunter2hunter2`] });
	assert.match(right.text, /the secret is right/);
	const wrong = await look({ flags: [...port, '--clash-url', `${url}/?token=letmein99`] });
	assert.match(wrong.text, /^bad {2}core .*secret/m);
	assert.equal(wrong.code, 1);
	assert.doesNotMatch(right.text + wrong.text, /hunter2|letmein/);
});

test('it says what to do about a core that is not there, a clock that was never set and a port that is taken', async () => {
	const taken = createSocket('udp4');
	await new Promise<void>((resolve) => taken.bind(0, resolve));
	ends.push(() => new Promise((resolve) => taken.close(() => resolve())));
	const flags = ['--clash-url', 'http://127.0.0.1:9', '--listen-port', String(taken.address().port)];
	const { code, text } = await look({ flags, wall: Date.UTC(1970, 0, 2) });
	assert.match(text, /^bad {2}core .*is mihomo running/m);
	assert.match(text, /^bad {2}clock .*system\.ntp/m);
	assert.match(text, /^bad {2}udp .*--listen-port$/m);
	assert.match(text, /3 things are wrong$/);
	assert.equal(code, 1);
});

test('it looks at an IPv6 listen host, and says when it is none of this machine', async () => {
	const url = ['--clash-url', `http://127.0.0.1:${await core()}`];
	const own = await look({ flags: [...url, '--listen-host', '::1', '--listen-port', '47123'] });
	assert.match(own.text, /^ok {3}udp .*port 47123 is free$/m);
	const other = await look({ flags: [...url, '--listen-host', '2001:db8::77', '--listen-port', '47123'] });
	assert.match(other.text, /^bad {2}udp .*--listen-host 2001:db8::77 is not an address of this machine$/m);
});

test('it says that a folder cannot be one, and what to do', async () => {
	writeFileSync(join(folder, 'file'), '');
	const url = ['--clash-url', `http://127.0.0.1:${await core()}`];
	for (const state of [join(folder, 'file'), join(folder, 'file', 'below')]) {
		const { code, text } = await look({ flags: [...port, ...url, '--state-dir', state] });
		assert.match(text, /^bad {2}folder .*--state-dir/m);
		assert.equal(code, 1);
	}
});

test('it calls a WAN bad only when no source tells it', async () => {
	const url = ['--clash-url', `http://127.0.0.1:${await core()}`];
	const away = wanSource(new Error('the router is away'));
	const one = await look({ flags: [...port, ...url], sources: [away, wanSource([eth1])] });
	assert.match(one.text, /^look wan {8}procfs: the router is away$/m);
	assert.match(one.text, /^look wan {8}procfs: a note of the source$/m);
	assert.equal(one.code, 0);
	const none = await look({ flags: [...port, ...url], sources: [away, wanSource([])] });
	assert.match(none.text, /name it with --wan-device$/m);
	assert.match(none.text, /^bad {2}wan .*no source tells the WAN/m);
	assert.equal(none.code, 1);
	const off = await look({ flags: [...port, ...url, '--wan-source', 'none'], sources: [] });
	assert.match(off.text, /^ok {3}wan {8}off by --wan-source none$/m);
});
