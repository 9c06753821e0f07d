import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { DeviceCounters } from '../../src/record.ts';
import { countersFor, devicesOf, type Offload, readDump, type Wan, wanMap } from '../../src/sources/wanmap.ts';
import { default4, default6, type LogicalInterface, recordedAnswer } from '../fakes/netifd.ts';

function mapOf(interfaces: readonly LogicalInterface[], offload: Offload = 'off') {
	const read = readDump({ interface: interfaces.map((entry) => ({ up: true, metric: 0, route: [], ...entry })) });
	assert.ok(typeof read !== 'string');
	return wanMap(read, offload);
}
const names = (wans: readonly Wan[]) => wans.map((wan) => wan.name);

const lan: LogicalInterface = { interface: 'lan', proto: 'static', l3_device: 'br-lan', device: 'br-lan' };
const dhcp: LogicalInterface = {
	interface: 'wan',
	proto: 'dhcp',
	l3_device: 'eth1',
	device: 'eth1',
	route: [default4()],
};
const dhcp6: LogicalInterface = { ...dhcp, interface: 'wan6', proto: 'dhcpv6', device: '@wan', route: [default6()] };
const pppoe: LogicalInterface = { ...dhcp, proto: 'pppoe', l3_device: 'pppoe-wan', device: 'eth1.7' };
const pppoe6: LogicalInterface = {
	interface: 'wan_6',
	proto: 'dhcpv6',
	l3_device: 'pppoe-wan',
	device: 'pppoe-wan',
	route: [default6()],
};

test("it finds the recorded router's WANs, by ubus and by the command's JSON alike", () => {
	const printed = readFileSync('test/fixtures/openwrt/cli/interface-dump.json.txt', 'utf8').split('\n')[1]!;
	for (const dump of [recordedAnswer('interface-dump'), JSON.parse(printed)]) {
		const interfaces = readDump(dump);
		assert.ok(typeof interfaces !== 'string');
		const { wans, why, warnings } = wanMap(interfaces, 'off');
		assert.deepEqual(
			wans.map(({ name, also, l3Device, metric, families }) => ({ name, also, l3Device, metric, families })),
			[
				{ name: 'wan', also: ['wan6'], l3Device: 'eth1', metric: 0, families: ['IPv4', 'IPv6'] },
				{ name: 'wanb', also: [], l3Device: 'eth2', metric: 20, families: ['IPv4'] },
			],
		);
		assert.ok(wans[0]!.uptimeS! > 0);
		assert.equal(
			why,
			"netifd's default route: wan and wan6 (static on eth1, IPv4 and IPv6), wanb (static on eth2, IPv4)",
		);
		assert.deepEqual(warnings, []);
	}
});

test('it counts a device once however many interfaces share it', () => {
	const { wans } = mapOf([lan, dhcp6, dhcp]);
	assert.deepEqual(names(wans), ['wan']);
	assert.deepEqual(wans[0]!.also, ['wan6']);
	assert.equal(wans[0]!.lowerDevice, null);
});

test('it takes an IPv6-only WAN, native and through PPPoE', () => {
	assert.deepEqual(names(mapOf([lan, dhcp6]).wans), ['wan6']);
	const { wans } = mapOf([lan, { ...pppoe, route: [] }, pppoe6], 'soft');
	assert.deepEqual(names(wans), ['wan_6']);
	// The child knows only pppoe-wan; its parent tells what that runs on.
	assert.equal(wans[0]!.received, 'eth1.7');
});

test("it puts mwan3's WANs in order of the route's metric, else the interface's", () => {
	const second = { ...dhcp, interface: 'wanb', l3_device: 'eth2', device: 'eth2', metric: 20 };
	const third = { ...dhcp, interface: 'lte', l3_device: 'wwan0', device: 'wwan0', route: [default4({ metric: 10 })] };
	assert.deepEqual(names(mapOf([second, third, { ...dhcp, metric: 30 }]).wans), ['lte', 'wanb', 'wan']);
});

const notWan: [what: string, entry: LogicalInterface, why: RegExp][] = [
	['is down', { ...dhcp, up: false, errors: [{ code: 'AUTH_FAILED' }] }, /wan is down \(AUTH_FAILED\)/],
	[
		'has its default route in a table of its own',
		{ ...dhcp, route: [default4({ table: 100 })] },
		/wan has one in table 100 only/,
	],
	[
		'has option defaultroute 0',
		{ ...dhcp, route: [], inactive: { route: [default4()] } },
		/wan has one that is switched off \(option defaultroute 0\)/,
	],
	[
		'routes half the world only',
		{ ...dhcp, route: [{ target: '0.0.0.0', mask: 1 }] },
		/no interface with an active default route$/,
	],
	[
		'blocks the default',
		{ ...dhcp, route: [default4({ type: 'blackhole' })] },
		/no interface with an active default route$/,
	],
];
for (const [what, entry, why] of notWan)
	test(`it does not take an interface that ${what}, and says why`, () => {
		const map = mapOf([lan, entry]);
		assert.deepEqual(map.wans, []);
		assert.match(map.why, why);
	});

test('it leaves a tunnel out where the WAN under it is counted, and takes it where it is all there is', () => {
	const vpn = { ...dhcp, interface: 'vpn', proto: 'wireguard', l3_device: 'wg0', device: 'wg0' };
	const map = mapOf([vpn, { ...dhcp, metric: 5 }]);
	assert.deepEqual(names(map.wans), ['wan']);
	assert.match(map.why, /not counted: vpn \(wireguard\) is a tunnel/);
	assert.deepEqual(names(mapOf([vpn]).wans), ['vpn']);
});

test('it never takes two of one stack', () => {
	const modem = { ...dhcp, interface: 'modem', l3_device: 'eth1.7', device: 'eth1.7', metric: 9 };
	const map = mapOf([modem, pppoe]);
	assert.deepEqual(names(map.wans), ['wan']);
	assert.match(map.why, /not counted: modem shares its device with wan/);
});

test('it reads each direction where flow offload leaves it', () => {
	const directions = (offload: Offload) =>
		mapOf([pppoe, pppoe6], offload).wans.map(({ received, sent }) => [received, sent]);
	assert.deepEqual(directions('off'), [['pppoe-wan', 'pppoe-wan']]);
	assert.deepEqual(directions('unknown'), [['pppoe-wan', 'pppoe-wan']]);
	assert.deepEqual(directions('soft'), [['eth1.7', 'pppoe-wan']]);
	assert.deepEqual(directions('hard'), [['eth1.7', 'eth1.7']]);
	assert.match(
		mapOf([pppoe], 'soft').why,
		/software flow offload is on: received bytes from eth1\.7, sent bytes from pppoe-wan/,
	);
	assert.deepEqual(mapOf([pppoe], 'soft').warnings, []);
	assert.match(
		mapOf([dhcp], 'hard').warnings[0]!,
		/hardware flow offload.*missing from the counters of eth1 .*ethtool -S eth1/,
	);
	// Nothing lies under it: nothing to choose.
	assert.deepEqual(mapOf([dhcp], 'soft').wans[0]!.received, 'eth1');
});

const device = (name: string, ifindex: number, rx: number, tx: number): DeviceCounters => ({
	name,
	ifindex,
	rxBytes: BigInt(rx),
	txBytes: BigInt(tx),
	rxPackets: 10n,
	txPackets: null,
});

test('it hands on two halves where the truth is on two devices', () => {
	const map = mapOf([pppoe], 'soft');
	const eth = device('eth1.7', 5, 1_000, 400);
	const ppp = device('pppoe-wan', 12, 70, 300);
	assert.deepEqual(devicesOf(map), ['eth1.7', 'pppoe-wan']);
	assert.deepEqual(countersFor(map, [ppp, eth, device('eth1', 2, 9_999, 9_999)]), [
		{ ...eth, txBytes: 0n, txPackets: null, counts: 'received' },
		{ ...ppp, rxBytes: 0n, rxPackets: 0n, counts: 'sent' },
	]);
	// In a redial the upper device is gone for a moment; what a modem calls its device may be no network device.
	assert.deepEqual(
		countersFor(map, [eth]).map(({ counts }) => counts),
		['received'],
	);
	assert.deepEqual(countersFor(map, [ppp]), [ppp]);
	assert.deepEqual(countersFor(mapOf([pppoe], 'hard'), [ppp]), [ppp]);
	assert.deepEqual(countersFor(mapOf([pppoe], 'hard'), [ppp, eth]), [eth]);
	assert.deepEqual(countersFor(mapOf([pppoe]), [ppp, eth]), [ppp]);
});

test('it counts what two PPPoE sessions receive over one device once', () => {
	const second = { ...pppoe, interface: 'wan2', l3_device: 'pppoe-wan2', metric: 10 };
	const chosen = countersFor(mapOf([pppoe, second], 'soft'), [
		device('eth1.7', 5, 1_000, 400),
		device('pppoe-wan', 12, 70, 300),
		device('pppoe-wan2', 13, 50, 90),
	]);
	assert.equal(
		chosen.reduce((sum, { rxBytes }) => sum + rxBytes, 0n),
		1_000n,
	);
	assert.equal(
		chosen.reduce((sum, { txBytes }) => sum + txBytes, 0n),
		390n,
	);
});

test('it takes whatever a dump holds without falling over', () => {
	for (const dump of [null, 5, [], {}, { interface: {} }]) assert.equal(typeof readDump(dump), 'string');
	const odd = [
		null,
		7,
		[],
		{},
		{ interface: '' },
		{ interface: 'wan', up: 1, route: 'x' },
		{
			interface: 'wan',
			up: true,
			l3_device: 'eth1',
			metric: 'low',
			route: [null, { target: '0.0.0.0', mask: 0n, table: 0.5 }],
		},
	];
	const read = readDump({ interface: odd });
	assert.ok(typeof read !== 'string');
	assert.deepEqual(names(wanMap(read, 'off').wans), ['wan']);
});
