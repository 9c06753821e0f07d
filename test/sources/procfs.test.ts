import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { DeviceCounters } from '../../src/record.ts';
import { parseNetDev } from '../../src/sources/netdev.ts';
import { ProcfsWan } from '../../src/sources/procfs.ts';
import { parseIpv6Route, parseRoute } from '../../src/sources/routes.ts';
import { systemClock } from '../../src/system/clock.ts';
import { FakeClock } from '../fakes/clock.ts';

const fixtures = 'test/fixtures/openwrt/proc';

interface Expected {
	readonly wan: readonly string[];
	readonly devices?: readonly string[];
	readonly counters?: Record<string, { rx?: number; tx?: number; rx_text?: string; tx_text?: string }>;
}

function openFixture(root: string, clock = new FakeClock()): ProcfsWan {
	return new ProcfsWan({ clock, proc: join(root, 'proc'), sys: join(root, 'sys') });
}

/** A copy of a fixture that a test may change. */
function copyOf(t: TestContext, name: string): string {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-procfs-'));
	t.after(() => rmSync(folder, { recursive: true }));
	cpSync(join(fixtures, name), folder, { recursive: true });
	return folder;
}

/** The plain fixture's line of `device` with other counters. */
function setCounters(root: string, device: string, rx: bigint, tx: bigint): void {
	const file = join(root, 'proc/net/dev');
	const lines = readFileSync(file, 'utf8').split('\n');
	const at = lines.findIndex((line) => line.trim().startsWith(`${device}:`));
	lines[at] = `  ${device}: ${rx} 5 0 0 0 0 0 0 ${tx} 6 0 0 0 0 0 0`;
	writeFileSync(file, lines.join('\n'));
}

const folders = readdirSync(fixtures).filter((name) => existsSync(join(fixtures, name, 'expect.json')));

for (const name of folders.filter((folder) => folder !== 'truncated')) {
	test(`it reads the router ${name} as its expectation says`, async () => {
		const root = join(fixtures, name);
		const expected: Expected = JSON.parse(readFileSync(join(root, 'expect.json'), 'utf8'));
		const sample = await openFixture(root).sample();
		assert.deepEqual(
			sample.devices.map((device) => device.name),
			expected.wan,
		);
		assert.notEqual(sample.why, '');
		for (const [device, truth] of Object.entries(expected.counters ?? {})) {
			const read = sample.devices.find((one) => one.name === device)!;
			assert.equal(String(read.rxBytes), truth.rx_text ?? String(truth.rx));
			assert.equal(String(read.txBytes), truth.tx_text ?? String(truth.tx));
			const ifindex = join(root, `sys/class/net/${device}/ifindex`);
			assert.equal(read.ifindex, existsSync(ifindex) ? Number(readFileSync(ifindex, 'utf8')) : null);
		}
		if (expected.devices) {
			const names = [...parseNetDev(readFileSync(join(root, 'proc/net/dev'), 'utf8')).keys()];
			assert.deepEqual(names, expected.devices);
		}
	});
}

test('it finds both WANs of the recorded router, IPv4 metric 0 first', async () => {
	const sample = await openFixture(join(fixtures, 'real-netns')).sample();
	assert.deepEqual(
		sample.devices.map(({ name, rxBytes, txBytes }) => [name, rxBytes, txBytes]),
		[
			['eth1', 946n, 1032n],
			['eth2', 866n, 866n],
		],
	);
});

test('it refuses a cut line with a sentence and takes the next whole one', async (t) => {
	const root = copyOf(t, 'truncated');
	const source = openFixture(root);
	await assert.rejects(source.sample(), /the line of eth1 in .* is cut/);
	setCounters(root, 'eth1', 7n, 8n);
	assert.equal((await source.sample()).devices[0]?.rxBytes, 7n);
});

test('it takes no harm from /proc/net/dev cut at any byte: the counters of the whole file or none', () => {
	const text = readFileSync(join(fixtures, 'plain/proc/net/dev'), 'utf8');
	const whole = parseNetDev(text);
	for (let length = 0; length <= text.length; length++) {
		for (const [name, row] of parseNetDev(text.slice(0, length))) {
			if (row) assert.deepEqual(row, whole.get(name), `cut at ${length}`);
		}
	}
});

test('it takes no harm from route files cut at any byte', () => {
	const ipv4 = readFileSync(join(fixtures, 'multi-wan/proc/net/route'), 'utf8');
	const ipv6 = readFileSync(join(fixtures, 'dsa-pppoe/proc/net/ipv6_route'), 'utf8');
	for (let length = 0; length <= ipv4.length; length++) {
		for (const route of parseRoute(ipv4.slice(0, length))) assert.match(route.device, /^(eth[12]|wwan0)$/);
	}
	for (let length = 0; length <= ipv6.length; length++) {
		for (const route of parseIpv6Route(ipv6.slice(0, length)))
			assert.match('pppoe-wan', new RegExp(`^${route.device}`));
	}
});

test('it reads new counters from the file it kept open', async (t) => {
	const root = copyOf(t, 'plain');
	const source = openFixture(root);
	await source.sample();
	setCounters(root, 'eth1', 99123887712n, 1293847113n);
	const { devices } = await source.sample();
	assert.deepEqual([devices[0]?.rxBytes, devices[0]?.txBytes], [99123887712n, 1293847113n]);
	await source.stop();
});

test('it follows the routes every 5 s, and at once when a device is gone', async (t) => {
	const root = copyOf(t, 'multi-wan');
	const clock = new FakeClock();
	const source = openFixture(root, clock);
	const names = async () => (await source.sample()).devices.map((device) => device.name).join();
	assert.equal(await names(), 'eth1,eth2,wwan0');
	const route = join(root, 'proc/net/route');
	writeFileSync(route, readFileSync(route, 'utf8').replace(/^eth1.*\n/m, ''));
	await clock.advance(4_999);
	assert.equal(await names(), 'eth1,eth2,wwan0');
	await clock.advance(1);
	assert.equal(await names(), 'eth2,wwan0');
	const dev = join(root, 'proc/net/dev');
	writeFileSync(route, readFileSync(route, 'utf8').replace(/^eth2.*\n/gm, ''));
	writeFileSync(dev, readFileSync(dev, 'utf8').replace(/^ *eth2.*\n/m, ''));
	assert.equal(await names(), 'wwan0');
});

test('it says why when the WAN is unknown, and gives no devices', async (t) => {
	const nothing = await openFixture(join(fixtures, 'no-default')).sample();
	assert.deepEqual(
		[nothing.devices, nothing.why],
		[[], 'no default route, neither IPv4 nor IPv6, so the WAN is unknown'],
	);
	const root = copyOf(t, 'tun-default');
	writeFileSync(
		join(root, 'proc/net/route'),
		readFileSync(join(root, 'proc/net/route'), 'utf8').replace(/^eth1.*\n/gm, ''),
	);
	const tunnel = await openFixture(root).sample();
	assert.deepEqual(
		[tunnel.devices, tunnel.why],
		[[], 'only the tunnel tun0 has a default route, so the WAN is unknown'],
	);
});

test('it takes the device that reaches the server when a tunnel has the only default route', async (t) => {
	const root = copyOf(t, 'tun-default');
	const file = join(root, 'proc/net/route');
	writeFileSync(file, readFileSync(file, 'utf8').replace(/^eth1\t00000000.*\n/m, ''));
	const sample = await openFixture(root).sample();
	assert.equal(sample.devices[0]?.name, 'eth1');
	assert.match(sample.why, /goes into the tunnel tun0, and its server is reached by eth1/);
});

test('it takes a raw IP modem for what it is: no link layer, but hardware', async (t) => {
	const root = copyOf(t, 'tun-default');
	rmSync(join(root, 'sys/class/net/tun0/tun_flags'));
	writeFileSync(join(root, 'sys/class/net/tun0/device'), '');
	assert.equal((await openFixture(root).sample()).devices[0]?.name, 'tun0');
});

test('it counts the devices of the settings, each once and stacked ones at the bottom', async (t) => {
	const root = copyOf(t, 'plain');
	const options = { clock: new FakeClock(), proc: join(root, 'proc'), sys: join(root, 'sys') };
	const names = async (devices: string[]) => {
		const { devices: read, why } = await new ProcfsWan({ ...options, devices }).sample();
		return [read.map((device) => device.name).join(), why];
	};
	assert.deepEqual(await names(['eth0', 'eth0']), ['eth0', 'eth0, eth0 by the settings']);
	writeFileSync(join(root, 'sys/class/net/br-lan/lower_eth0'), '');
	assert.deepEqual(await names(['br-lan', 'eth1', 'eth0']), [
		'eth1,eth0',
		'br-lan, eth1, eth0 by the settings; br-lan lies on eth1, eth0 and is counted there',
	]);
	assert.deepEqual(await names(['ppp7']), ['', 'no device ppp7 (ppp7 by the settings)']);
});

test('it does not count PPPoE and the device below it twice', async (t) => {
	const root = copyOf(t, 'dsa-pppoe');
	writeFileSync(join(root, 'sys/class/net/pppoe-wan/type'), '512\n');
	const route = join(root, 'proc/net/route');
	writeFileSync(route, `${readFileSync(route, 'utf8')}wan\t00000000\t0101A8C0\t0003\t0\t0\t50\t00000000\t0\t0\t0\n`);
	const names = async () => (await openFixture(root).sample()).devices.map((device) => device.name).join();
	assert.equal(await names(), 'pppoe-wan,wan');
	writeFileSync(
		join(root, 'proc/net/pppoe'),
		'Id       Address              Device\n00000001 00:11:22:33:44:55      wan\n',
	);
	assert.equal(await names(), 'wan');
});

test('it lets a map name the devices and pick the counters, unless the settings name the devices', async () => {
	const root = join(fixtures, 'dsa-pppoe');
	const map = () => ({
		devices: ['wan', 'pppoe-wan'],
		why: 'interface wan',
		pick: ([lower, upper]: readonly DeviceCounters[]): DeviceCounters[] => [
			{ ...lower!, txBytes: 0n, counts: 'received' },
			{ ...upper!, rxBytes: 0n, counts: 'sent' },
		],
	});
	const options = { clock: new FakeClock(), proc: join(root, 'proc'), sys: join(root, 'sys'), map };
	const { devices, why } = await new ProcfsWan(options).sample();
	assert.deepEqual(
		devices.map(({ name, counts, rxBytes, txBytes }) => [name, counts, rxBytes, txBytes]),
		[
			['wan', 'received', 205555444333n, 0n],
			['pppoe-wan', 'sent', 0n, 14071328578n],
		],
	);
	assert.equal(why, 'interface wan');
	assert.equal((await new ProcfsWan({ ...options, devices: ['eth0'] }).sample()).devices[0]?.name, 'eth0');
});

test('it tells the line rate of hardware alone', async (t) => {
	const root = copyOf(t, 'plain');
	writeFileSync(join(root, 'sys/class/net/eth1/speed'), '2500\n');
	assert.equal((await openFixture(root).sample()).devices[0]?.lineRate, undefined);
	writeFileSync(join(root, 'sys/class/net/eth1/device'), '');
	assert.equal((await openFixture(root).sample()).devices[0]?.lineRate, 312_500_000);
	writeFileSync(join(root, 'sys/class/net/eth1/speed'), '-1\n');
	assert.equal((await openFixture(root).sample()).devices[0]?.lineRate, undefined);
});

test('it says what is wrong where there is no /proc', async () => {
	const source = new ProcfsWan({ clock: new FakeClock(), proc: '/nowhere', sys: '/nowhere', devices: ['eth0'] });
	await assert.rejects(
		source.sample(),
		/cannot read \/nowhere\/net\/dev \(ENOENT\): is this Linux with \/proc mounted\?/,
	);
});

test('it costs at most 0.1 ms of CPU a sample', async (t) => {
	const source = new ProcfsWan({ clock: systemClock });
	const samples = 3_000;
	for (let i = 0; i < samples; i++) await source.sample();
	const before = process.cpuUsage();
	for (let i = 0; i < samples; i++) await source.sample();
	const { user, system } = process.cpuUsage(before);
	const ms = (user + system) / 1000 / samples;
	t.diagnostic(`${ms.toFixed(4)} ms a sample`);
	await source.stop();
	assert.ok(ms <= 0.1, `${ms} ms`);
});
