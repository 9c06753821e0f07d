import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { WanSample } from '../../src/record.ts';
import { UbusMap } from '../../src/sources/ubusmap.ts';
import { readDeviceStatus, UbusWan, type UbusWanOptions } from '../../src/sources/ubuswan.ts';
import type { Offload, WanMap } from '../../src/sources/wanmap.ts';
import { FakeClock } from '../fakes/clock.ts';
import { default4, default6, FakeNetifd } from '../fakes/netifd.ts';
import { FakeUbusd } from '../fakes/ubus.ts';
import { until } from '../fakes/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'netmon-ubuswan-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let sockets = 0;

/** A router with PPPoE over a VLAN, its netifd and ubusd, and what asks them. */
async function router(more: Partial<UbusWanOptions> = {}) {
	const ubusd = new FakeUbusd(join(folder, `${++sockets}.sock`));
	const netifd = new FakeNetifd(ubusd);
	netifd.interfaces = [
		{ interface: 'lan', proto: 'static', l3_device: 'br-lan', device: 'br-lan' },
		{ interface: 'wan', proto: 'pppoe', l3_device: 'pppoe-wan', device: 'eth1.7', route: [default4()] },
		{ interface: 'wan_6', proto: 'dhcpv6', l3_device: 'pppoe-wan', device: 'pppoe-wan', route: [default6()] },
	];
	for (const name of ['br-lan', 'eth1', 'eth1.7', 'pppoe-wan']) netifd.grow(name, 1_000, 1_000);
	netifd.start();
	await ubusd.start();
	const clock = new FakeClock();
	const options = { clock, retryDelay: () => 1_000, paths: [ubusd.path], offload: (): Offload => 'off', ...more };
	const lives: { start(): void; stop(): Promise<void> }[] = [];
	const begin = <Living extends { start(): void; stop(): Promise<void> }>(living: Living): Living => {
		lives.push(living);
		living.start();
		return living;
	};
	const stop = async () => {
		for (const living of lives) await living.stop();
		await ubusd.stop();
		assert.equal(clock.pending, 0);
	};
	return { ubusd, netifd, clock, options, begin, stop };
}

/** Moves the clock, and lets the sockets talk, until something is so. */
async function passUntil(clock: FakeClock, fact: () => boolean, limitMs = 40_000) {
	for (let ms = 0; !fact(); ms += 250) {
		assert.ok(ms < limitMs, `not within ${limitMs} ms: ${fact}`);
		await clock.advance(250);
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
}

const sums = ({ devices }: WanSample) => ({
	rx: devices.reduce((sum, { rxBytes }) => sum + rxBytes, 0n),
	tx: devices.reduce((sum, { txBytes }) => sum + txBytes, 0n),
});

test('it samples the WAN device alone and says why it is that', async () => {
	const { netifd, options, begin, stop, ubusd } = await router();
	const wan = begin(new UbusWan(options));
	netifd.grow('pppoe-wan', 2n ** 40n, 7);
	const { devices, source, why } = await wan.sample();
	assert.equal(source, 'ubus');
	assert.deepEqual(
		devices.map(({ name, rxBytes, txBytes, ifindex }) => ({ name, rxBytes, txBytes, ifindex })),
		[{ name: 'pppoe-wan', rxBytes: 2n ** 40n + 1_000n, txBytes: 1_007n, ifindex: null }],
	);
	assert.match(why, /wan and wan_6 \(pppoe on pppoe-wan, IPv4 and IPv6\)/);
	for (let round = 0; round < 5; round++) await wan.sample();
	// One call a sample; the map is not asked for each.
	assert.equal(ubusd.calls.filter((call) => call === 'network.device status').length, 6);
	assert.ok(ubusd.calls.filter((call) => call === 'network.interface dump').length <= 2);
	await stop();
});

test('it goes on through a restart of netifd, whose objects get other ids', async () => {
	const { netifd, options, begin, stop } = await router();
	const wan = begin(new UbusWan(options));
	const before = sums(await wan.sample());
	netifd.stop();
	await assert.rejects(wan.sample(), /no object network\.device for this user: its owner \(netifd\) is not running/);
	netifd.start();
	netifd.grow('pppoe-wan', 500, 50);
	assert.deepEqual(sums(await wan.sample()), { rx: before.rx + 500n, tx: before.tx + 50n });
	await stop();
});

test('it goes on through a restart of ubusd', async () => {
	const { netifd, ubusd, clock, options, begin, stop } = await router();
	const wan = begin(new UbusWan(options));
	await wan.sample();
	await ubusd.stop();
	await assert.rejects(wan.sample(), /ubusd/);
	netifd.start();
	await ubusd.start();
	await passUntil(clock, () => ubusd.listeners === 1);
	netifd.grow('pppoe-wan', 500, 50);
	assert.deepEqual(sums(await wan.sample()), { rx: 1_500n, tx: 1_050n });
	await stop();
});

test('it tells of a PPPoE redial: the device goes, and comes back from 0', async () => {
	const { netifd, clock, options, begin, stop, ubusd } = await router();
	const wan = begin(new UbusWan(options));
	await wan.sample();
	await until(() => ubusd.listeners === 1);
	netifd.devices.delete('pppoe-wan');
	netifd.interfaces = netifd.interfaces.map((entry) =>
		entry.l3_device === 'pppoe-wan' ? { ...entry, up: false, route: [] } : entry,
	);
	const gone = await wan.sample();
	assert.deepEqual(gone.devices, []);
	assert.match(gone.why, /netifd has no pppoe-wan now/);
	// The missing device is itself the hint to ask.
	await passUntil(clock, () => wan.current()?.wans.length === 0, 2_000);
	netifd.grow('pppoe-wan', 30, 3);
	netifd.interfaces = netifd.interfaces.map((entry) =>
		entry.l3_device === 'pppoe-wan' ? { ...entry, up: true, route: [default4()] } : entry,
	);
	netifd.tell('ifup', 'wan');
	await passUntil(clock, () => wan.current()?.wans.length === 1, 2_000);
	assert.deepEqual(sums(await wan.sample()), { rx: 30n, tx: 3n });
	await stop();
});

test('it follows a failover to another WAN, and two at once', async () => {
	const { netifd, clock, options, begin, stop } = await router();
	const wan = begin(new UbusWan(options));
	await wan.sample();
	const lte = { interface: 'lte', proto: 'qmi', l3_device: 'wwan0', device: 'wwan0', metric: 20, route: [default4()] };
	netifd.grow('wwan0', 77, 7);
	netifd.interfaces = [...netifd.interfaces, lte];
	await passUntil(clock, () => wan.current()?.wans.length === 2, 31_000);
	const both = await wan.sample();
	assert.deepEqual(
		both.devices.map(({ name }) => name),
		['pppoe-wan', 'wwan0'],
	);
	netifd.interfaces = [lte];
	await passUntil(clock, () => wan.current()?.wans.length === 1, 31_000);
	assert.deepEqual(sums(await wan.sample()), { rx: 77n, tx: 7n });
	await stop();
});

test('it reads received bytes below and sent bytes above while software flow offload is on', async () => {
	const { netifd, options, begin, stop } = await router({ offload: () => 'soft' });
	const wan = begin(new UbusWan(options));
	const before = sums(await wan.sample());
	// 1,500,000 bytes come in offloaded: eth1.7 sees them, pppoe-wan only the first packet. 40,000 leave through both.
	netifd.grow('eth1', 1_526_000, 44_000);
	netifd.grow('eth1.7', 1_522_000, 42_000);
	netifd.grow('pppoe-wan', 1_500, 40_000);
	const sample = await wan.sample();
	const now = sums(sample);
	assert.deepEqual({ rx: now.rx - before.rx, tx: now.tx - before.tx }, { rx: 1_522_000n, tx: 40_000n });
	assert.deepEqual(
		sample.devices.map(({ name, counts }) => [name, counts]),
		[
			['eth1.7', 'received'],
			['pppoe-wan', 'sent'],
		],
	);
	assert.match(sample.why, /software flow offload is on: received bytes from eth1\.7, sent bytes from pppoe-wan/);
	await stop();
});

test('it reads the devices that the owner named and asks for no map', async () => {
	const { options, begin, stop } = await router({ devices: ['eth1', 'nope0'] });
	const wan = begin(new UbusWan(options));
	const { devices, why } = await wan.sample();
	assert.deepEqual(
		devices.map(({ name }) => name),
		['eth1'],
	);
	assert.equal(why, 'named by the settings; netifd has no nope0 now');
	await stop();
});

test('it says what to install when the user has no rights', async () => {
	const { options, begin, stop, ubusd } = await router();
	ubusd.world = 'empty';
	const wan = begin(new UbusWan(options));
	await assert.rejects(wan.sample(), /\/usr\/share\/acl\.d\/netmon\.json.*killall -HUP ubusd/);
	ubusd.world = 'whole';
	assert.equal((await wan.sample()).devices.length, 1);
	await stop();
});

test('it asks for the map each 30 s and soon after an event, which comes twice', async () => {
	const maps: (WanMap | null)[] = [];
	const { netifd, ubusd, clock, options, begin, stop } = await router({ onChange: (map) => maps.push(map) });
	const map = begin(new UbusMap(options));
	const dumps = () => ubusd.calls.length;
	await passUntil(clock, () => map.current() !== null && ubusd.listeners === 1);
	assert.equal(dumps(), 1);
	const from = clock.mono();
	await passUntil(clock, () => dumps() === 2, 31_000);
	assert.ok(clock.mono() - from >= 29_000);
	await clock.advance(5_000);
	// Four messages for one flap; the routes are in place a little later.
	const told = clock.mono();
	netifd.tell('ifdown', 'wan');
	netifd.tell('ifup', 'wan');
	await passUntil(clock, () => dumps() === 3, 2_000);
	assert.ok(clock.mono() - told >= 300);
	await passUntil(clock, () => clock.mono() - told > 25_000);
	assert.equal(dumps(), 3);
	// Only the uptime was another one.
	netifd.interfaces = netifd.interfaces.map((entry) => ({ ...entry, uptime: 999 }));
	await passUntil(clock, () => dumps() === 4, 31_000);
	await until(() => map.current()?.wans[0]?.uptimeS === 999);
	assert.equal(maps.length, 1);
	await stop();
});

test('it asks a netifd that is away again and again, and forgets a map of 90 s', async () => {
	const maps: (WanMap | null)[] = [];
	const { netifd, clock, options, begin, stop, ubusd } = await router({ onChange: (map) => maps.push(map) });
	const map = begin(new UbusMap(options));
	await passUntil(clock, () => map.current() !== null);
	netifd.stop();
	ubusd.publish('system', {});
	const gone = clock.mono();
	await passUntil(clock, () => clock.mono() - gone > 80_000, 90_000);
	assert.notEqual(map.current(), null);
	await passUntil(clock, () => map.current() === null, 11_000);
	assert.match(map.error ?? '', /no object network\.interface for this user: its owner \(netifd\) is not running/);
	netifd.start();
	await passUntil(clock, () => map.current() !== null, 4_000);
	assert.equal(map.error, null);
	assert.deepEqual(
		maps.map((entry) => entry?.wans.length),
		[1, undefined, 1],
	);
	await stop();
});

test('it reads counters of any width', () => {
	const read = (rx: number | bigint, tx: number | bigint) =>
		readDeviceStatus('eth1', { statistics: { rx_bytes: rx, tx_bytes: tx, rx_packets: 3 } });
	assert.deepEqual(read(-1, 2n ** 63n), {
		name: 'eth1',
		ifindex: null,
		rxBytes: 2n ** 32n - 1n,
		txBytes: 2n ** 63n,
		rxPackets: 3n,
		txPackets: null,
	});
	assert.equal(read(0.5, 1), null);
	for (const status of [undefined, {}, { statistics: null }, { statistics: [] }, { statistics: 'none' }])
		assert.equal(readDeviceStatus('eth1', status), null);
});

test('it gives procfs the same devices, and none where netifd knows no WAN', async () => {
	const { netifd, clock, options, begin, stop } = await router({ offload: () => 'soft' });
	const map = begin(new UbusMap(options));
	assert.equal(map.forProcfs(), null);
	await passUntil(clock, () => map.current() !== null);
	const { devices, why, pick } = map.forProcfs()!;
	assert.deepEqual(devices, ['eth1.7', 'pppoe-wan']);
	assert.match(why, /received bytes from eth1\.7/);
	const device = { ifindex: 1, rxBytes: 5n, txBytes: 7n, rxPackets: null, txPackets: null };
	assert.deepEqual(
		pick(devices.map((name) => ({ ...device, name }))).map(({ rxBytes, txBytes }) => [rxBytes, txBytes]),
		[
			[5n, 0n],
			[0n, 7n],
		],
	);
	netifd.interfaces = [];
	await passUntil(clock, () => map.current()?.wans.length === 0);
	assert.equal(map.forProcfs(), null);
	await stop();
});

test('it calls and listens to what the shipped ACL file grants, and to no more', async () => {
	const file = JSON.parse(readFileSync('docs/examples/ubusd-acl-netmon.json', 'utf8'));
	const { ubusd, clock, options, begin, stop } = await router();
	const wan = begin(new UbusWan(options));
	await wan.sample();
	await until(() => ubusd.listeners === 1);
	await passUntil(clock, () => wan.current() !== null);
	const granted = Object.entries(file.access as Record<string, { methods: string[] }>).flatMap(([path, { methods }]) =>
		methods.map((method) => `${path} ${method}`),
	);
	assert.deepEqual([...new Set(ubusd.calls)].sort(), granted.sort());
	assert.deepEqual(ubusd.patterns, file.listen);
	await stop();
});
