import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepRanges, maxRanges } from '../../src/engine/addressranges.ts';
import { Devices } from '../../src/engine/devices.ts';
import { devicesPage, type Traffic } from '../../src/engine/devicespage.ts';
import { readDevicesState } from '../../src/engine/devicestate.ts';
import type { AddressFact, NamedHost } from '../../src/record.ts';

const start = Date.UTC(2026, 2, 1, 12);
const startS = start / 1000;
const at = (seconds: number, trusted = true) => ({
	wall: start + seconds * 1000,
	mono: 5000 + seconds * 1000,
	trusted,
});
const tablet = '00:1b:63:10:00:17';
const phone = '02:00:5e:10:00:18';
const kernel = (ip: string, mac: string): AddressFact => ({ ip, mac, name: null, by: 'kernel' });
const lease = (ip: string, mac: string, name: string | null = null): AddressFact => ({ ip, mac, name, by: 'lease' });
const guess = (ip: string, mac: string | null, name: string | null): AddressFact => ({ ip, mac, name, by: 'guess' });
const host = (name: string, macs: string[], addresses: string[] = []): NamedHost => ({ name, macs, addresses });

test('it folds the addresses of one MAC into one device, whatever they wear', () => {
	const devices = new Devices();
	devices.learn(
		[kernel('192.168.1.23', tablet), kernel('2001:db8::1', tablet), kernel('2001:db8::2', tablet)],
		[],
		at(0),
	);
	for (const ip of ['192.168.1.23', '::ffff:192.168.1.23', '2001:db8::1', '2001:db8::2%br-lan']) {
		assert.equal(devices.deviceKey(ip), tablet);
	}
	assert.equal(devices.deviceKey('192.168.1.99'), '192.168.1.99');
	devices.saw('2001:db8::2', at(5));
	const [device, ...others] = devices.list();
	assert.deepEqual(others, []);
	assert.deepEqual(device, {
		key: tablet,
		mac: tablet,
		name: null,
		named: null,
		random: false,
		addresses: ['2001:db8::2', '192.168.1.23', '2001:db8::1'],
		first: start,
		seen: start + 5000,
	});
});

test('it knows whose an address was at each time', () => {
	const devices = new Devices();
	devices.learn([kernel('192.168.1.23', tablet)], [], at(0));
	devices.learn([kernel('192.168.1.23', phone)], [], at(100));
	const whose = (seconds: number) => devices.deviceOf('192.168.1.23', start + seconds * 1000);
	assert.equal(whose(-1), null);
	assert.deepEqual(whose(99), { ip: '192.168.1.23', mac: tablet, from: startS, to: startS + 100 });
	assert.deepEqual(whose(100), { ip: '192.168.1.23', mac: phone, random: true, from: startS + 100 });
	assert.equal(devices.deviceKey('192.168.1.23'), phone);
	devices.learn([], [], at(200));
	assert.equal(devices.deviceKey('192.168.1.23'), phone, 'silence takes nothing away');
});

test('it lets no time end before it began when the clock is put back', () => {
	const devices = new Devices();
	devices.learn([kernel('192.168.1.23', tablet)], [], at(100));
	devices.learn([kernel('192.168.1.23', phone)], [], at(40));
	assert.equal(devices.deviceKey('192.168.1.23'), phone);
	assert.deepEqual(devices.offer(), [
		{ ip: '192.168.1.23', mac: tablet, from: startS + 100, to: startS + 100 },
		{ ip: '192.168.1.23', mac: phone, random: true, from: startS + 100 },
	]);
});

test('it gives an address that nobody knew to the first MAC that is told, from its beginning on', () => {
	const devices = new Devices();
	assert.equal(devices.saw('2001:db8::5', at(0)), true);
	assert.equal(devices.deviceKey('2001:db8::5'), '2001:db8::5');
	assert.deepEqual(devices.offer(), [], 'there is nothing to tell');
	devices.learn([kernel('2001:db8::5', tablet)], [], at(20));
	assert.equal(devices.saw('2001:db8::5', at(21)), false);
	assert.deepEqual(devices.offer(), [{ ip: '2001:db8::5', mac: tablet, from: startS }]);
	assert.deepEqual(
		devices.list().map(({ key }) => key),
		[tablet],
	);
});

test('it stops asking for an address that no table has', () => {
	const devices = new Devices();
	let asked = 0;
	for (let round = 0; round < 20; round++) {
		if (devices.saw('2001:db8:99::1', at(round))) asked += 1;
		devices.saw('2001:db8:99::1', at(round));
		devices.learn([], [], at(round));
	}
	assert.equal(asked, 5);
});

test('it believes the kernel over a lease and a lease over a guess, until the better one is silent for 10 minutes', () => {
	const devices = new Devices();
	const key = () => devices.deviceKey('192.168.1.23');
	devices.learn([guess('192.168.1.23', 'aa:00:00:00:00:01', null)], [], at(0));
	devices.learn([lease('192.168.1.23', tablet)], [], at(1));
	assert.equal(key(), tablet);
	devices.learn([lease('192.168.1.23', tablet), kernel('192.168.1.23', phone)], [], at(2));
	assert.equal(key(), phone);
	devices.learn([kernel('192.168.1.23', phone), lease('192.168.1.23', tablet)], [], at(300));
	devices.learn([lease('192.168.1.23', tablet)], [], at(899));
	assert.equal(key(), phone);
	devices.learn([lease('192.168.1.23', tablet)], [], at(900));
	assert.equal(key(), tablet);
});

test("it names by the owner's word before DHCP's, by the exact MAC before wildcards, by an address at last", () => {
	const devices = new Devices();
	const facts = [
		lease('192.168.1.23', tablet, 'android-17'),
		kernel('192.168.1.24', phone),
		kernel('192.168.1.25', '00:1b:63:10:00:25'),
		kernel('192.168.1.26', 'aa:00:00:00:00:26'),
		guess('2001:db8::7', null, 'nas'),
		guess('2001:db8::8', 'aa:00:00:00:00:99', 'from-duid'),
		kernel('2001:db8::8', phone),
	];
	const names = (hosts: readonly NamedHost[], seconds: number) => {
		devices.learn(facts, hosts, at(seconds));
		return Object.fromEntries(devices.list().map(({ key, name, named }) => [key, named && `${named} ${name}`]));
	};
	assert.deepEqual(names([], 0), {
		[tablet]: 'dhcp android-17',
		[phone]: 'dhcp from-duid',
		'00:1b:63:10:00:25': null,
		'aa:00:00:00:00:26': null,
		'2001:db8::7': 'dhcp nas',
	});
	const hosts = [
		host('any', ['00:1b:*:*:*:*']),
		host('acme', ['00:1b:63:*:*:*']),
		host('tablet', [tablet], ['192.168.1.24']),
		host('camera', [], ['192.168.1.26', '192.168.1.25']),
	];
	const byOwner = {
		[tablet]: 'owner tablet',
		[phone]: 'dhcp from-duid',
		'00:1b:63:10:00:25': 'owner acme',
		'aa:00:00:00:00:26': 'owner camera',
		'2001:db8::7': 'dhcp nas',
	};
	assert.deepEqual(names(hosts, 30), byOwner);
	assert.deepEqual(names([], 60)[tablet], 'dhcp android-17');
	devices.learn([kernel('192.168.1.23', tablet)], [], at(90));
	assert.equal(
		devices.deviceOf('192.168.1.23', at(90).wall)!.name,
		'android-17',
		'a lease that ended takes no name away',
	);
});

test('it offers each change until a body that held it was taken', () => {
	const devices = new Devices();
	devices.learn([lease('192.168.1.23', tablet, 'tablet')], [], at(0));
	const told = [{ ip: '192.168.1.23', mac: tablet, name: 'tablet', from: startS }];
	assert.deepEqual(devices.offer(), told);
	assert.deepEqual(devices.offer(), told);
	devices.learn([lease('192.168.1.24', phone)], [], at(30));
	assert.equal(devices.offer().length, 2);
	devices.taken();
	assert.deepEqual(
		devices.offer().map(({ ip }) => ip),
		['192.168.1.24'],
		'it may be that the first body was taken and the second one was not',
	);
	devices.taken();
	assert.deepEqual(devices.offer(), []);
	devices.taken();
	devices.learn([lease('192.168.1.23', tablet, 'tablet')], [host('desk', [tablet])], at(60));
	assert.deepEqual(devices.offer(), [{ ...told[0], name: 'desk' }], 'a new name');
	devices.taken();
	devices.forgetTaken();
	assert.equal(devices.offer().length, 2);
});

test('it offers at most 40 at once, the oldest change first, and all in the end', () => {
	const devices = new Devices();
	const ips = Array.from({ length: 100 }, (_, n) => `192.168.1.${n + 1}`);
	devices.learn(
		ips.map((ip, n) => kernel(ip, `00:00:00:00:01:${n.toString(16).padStart(2, '0')}`)),
		[],
		at(0),
	);
	const got: string[] = [];
	for (const size of [40, 40, 20, 0]) {
		const offered = devices.offer();
		assert.equal(offered.length, size);
		got.push(...offered.map(({ ip }) => ip));
		devices.taken();
	}
	assert.deepEqual(got, ips);
});

test('it writes no time down while the clock is not trusted, and has the right one after', () => {
	const devices = new Devices();
	const boot = (seconds: number, trusted: boolean) => ({
		wall: trusted ? start + seconds * 1000 : 86_400_000 + seconds * 1000,
		mono: seconds * 1000,
		trusted,
	});
	devices.saw('192.168.1.23', boot(20, false));
	devices.learn([kernel('192.168.1.23', tablet)], [], boot(30, false));
	devices.learn([kernel('192.168.1.23', phone)], [], boot(50, false));
	assert.equal(devices.deviceKey('192.168.1.23'), phone);
	assert.deepEqual(devices.offer(), []);
	assert.deepEqual(devices.state().ranges, []);
	assert.deepEqual(devices.state().devices, []);
	devices.saw('192.168.1.23', boot(90, true));
	assert.deepEqual(devices.offer(), [
		{ ip: '192.168.1.23', mac: tablet, from: startS + 20, to: startS + 50 },
		{ ip: '192.168.1.23', mac: phone, random: true, from: startS + 50 },
	]);
	assert.equal(devices.list().find(({ key }) => key === phone)!.first, start + 50_000);
});

test('it keeps its tables bounded, counts what leaves, and does not let made-up addresses drive devices out', () => {
	const devices = new Devices();
	devices.learn([lease('192.168.1.23', tablet, 'tablet')], [], at(0));
	for (let n = 0; n < 20_000; n++) {
		devices.saw(`2001:db8::${n.toString(16)}`, at(1 + n));
		assert.ok(devices.counts.addresses <= maxRanges);
		assert.ok(devices.counts.devices <= 4096);
	}
	assert.ok(devices.counts.addresses >= keepRanges);
	assert.equal(devices.counts.addresses + devices.counts.dropped.ranges, 20_001);
	assert.equal(devices.counts.dropped.untold, 0);
	assert.equal(devices.deviceKey('192.168.1.23'), tablet);
	devices.learn([], [], at(30_000));
	assert.ok(devices.counts.devices <= 1024);
	assert.equal(devices.list().find(({ key }) => key === tablet)!.name, 'tablet');

	const spoofed = Array.from({ length: 4000 }, (_, n) => kernel(`10.0.${n >> 8}.${n & 255}`, '00:00:00:00:00:01'));
	devices.learn(spoofed, [], at(40_000));
	assert.ok(devices.counts.dropped.untold > 0);
	assert.ok(devices.counts.addresses <= maxRanges);
	assert.ok(JSON.stringify(devices.state()).length < 400_000);
});

test('it goes on from its state, and from none where that is damaged', () => {
	const devices = new Devices();
	devices.learn([lease('192.168.1.23', tablet, 'tablet'), kernel('192.168.1.24', phone)], [], at(0));
	devices.offer();
	devices.taken();
	devices.learn([kernel('192.168.1.23', phone)], [host('phone', [phone])], at(50));
	const text = JSON.stringify(devices.state());
	const again = new Devices(readDevicesState(JSON.parse(text)));
	again.learn([], [host('phone', [phone])], at(50));
	assert.deepEqual(again.list(), devices.list());
	assert.deepEqual(again.offer(), devices.offer());
	assert.equal(again.revision, devices.revision);
	for (const bad of [
		null,
		7,
		{},
		{ ...devices.state(), version: 2 },
		{ ...devices.state(), ranges: [['192.168.1.1', tablet, null, 1, null, 1, 1, 1]] },
		{ ...devices.state(), devices: [[tablet, 3, null, 1, 1]] },
		{ ...devices.state(), acked: -1 },
	]) {
		assert.equal(readDevicesState(bad), null);
	}
});

test('it shows a page that ubus carries, with the newest, and says how many are left out', () => {
	const devices = new Devices();
	const name = 'ü'.repeat(253);
	const count = 1000;
	const ipOf = (n: number) => `10.0.${n >> 8}.${n & 255}`;
	const macOf = (n: number) =>
		`02:00:00:00:${(256 + (n >> 8)).toString(16).slice(1)}:${(256 + (n & 255)).toString(16).slice(1)}`;
	const leases = Array.from({ length: count }, (_, n) => lease(ipOf(n), macOf(n), name));
	devices.learn(leases, [], at(0));
	for (let n = 0; n < count; n++) devices.saw(ipOf(n), at(n));
	devices.learn(
		Array.from({ length: 12 }, (_, n) => kernel(`2001:db8::${n}`, '02:00:00:00:00:00')),
		[],
		at(count),
	);
	devices.saw('2001:db8::7', at(count + 1));
	const traffic = { today: {}, month: {} };
	const page = devicesPage(devices, at(count + 2).wall, { traffic, notes: ['a note'] });
	assert.ok(Buffer.byteLength(JSON.stringify(page)) < 200_000);
	assert.ok(Buffer.byteLength(JSON.stringify(page)) > 150_000);
	assert.equal(page.devices.length + page.left_out, count);
	assert.deepEqual(page.notes, ['a note']);
	const [first] = page.devices;
	assert.equal(first!.key, '02:00:00:00:00:00');
	assert.equal(first!.random, true);
	assert.equal(first!.addresses[0], '2001:db8::7');
	assert.equal(first!.addresses.length, 8);
	assert.equal(first!.more_addresses, 5);
	assert.equal(first!.seen, new Date(at(count + 1).wall).toISOString());
});

test('it tells what a device moved under its MAC and under its addresses, and says nothing of one that may be among others', () => {
	const devices = new Devices();
	devices.learn(
		[lease('192.168.1.2', '02:00:00:00:00:01', 'one'), lease('192.168.1.3', '02:00:00:00:00:02', 'two')],
		[],
		at(0),
	);
	for (const ip of ['192.168.1.2', '192.168.1.3', '192.168.1.9']) devices.saw(ip, at(1));
	const page = (today: Traffic['today']) => {
		const { devices: shown } = devicesPage(devices, at(2).wall, { traffic: { today, month: {} }, notes: [] });
		return Object.fromEntries(shown.map(({ key, today }) => [key, today]));
	};
	const moved = {
		'02:00:00:00:00:01': { up: 1, down: 20 },
		'192.168.1.2': { up: 5, down: 6 },
		'192.168.1.9': { up: 7, down: 8 },
	};
	assert.deepEqual(page(moved), {
		'02:00:00:00:00:01': { up: 6, down: 26 },
		'02:00:00:00:00:02': { up: 0, down: 0 },
		'192.168.1.9': { up: 7, down: 8 },
	});
	assert.equal(page({ ...moved, other: { up: 9, down: 9 } })['02:00:00:00:00:02'], null);
});
