import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseArpTable } from '../../src/sources/arptable.ts';
import { parseDnsmasqLeases } from '../../src/sources/dnsmasqleases.ts';
import { parseIpNeighbours } from '../../src/sources/ipneighbours.ts';
import { macOfDuid, plainMac } from '../../src/sources/leasemac.ts';
import { parseOdhcpdLeases } from '../../src/sources/odhcpdleases.ts';
import { readStaticHosts } from '../../src/sources/statichosts.ts';
import { mutate, randomFrom } from '../fakes/random.ts';

const fixture = (name: string) => readFileSync(`test/fixtures/devices/${name}`);
const text = (name: string) => fixture(name).toString();
const tablet = '02:00:5e:10:00:17';
const printer = '00:1b:63:84:45:e6';
const ends = 1772366400;

test("it reads dnsmasq's leases of both families and passes over what is none", () => {
	assert.deepEqual(parseDnsmasqLeases(text('dnsmasq.leases')), [
		{ ip: '192.168.1.23', mac: tablet, name: 'tablet', expires: ends, by: 'lease' },
		{ ip: '192.168.1.10', mac: printer, name: 'printer', expires: null, by: 'lease' },
		{ ip: '192.168.1.44', mac: '3c:22:fb:01:02:03', name: null, expires: null, by: 'lease' },
		{ ip: '192.168.1.45', mac: null, name: 'infiniband', expires: 1772370000, by: 'lease' },
		{ ip: '192.168.1.46', mac: null, name: 'oldstyle', expires: 1772370000, by: 'lease' },
		{ ip: '2001:db8:1::1f3', mac: tablet, name: 'tablet', expires: ends, by: 'guess' },
		{ ip: '2001:db8:1::2f4', mac: tablet, name: 'tablet', expires: ends, by: 'guess' },
		{ ip: 'fd12:3456::77', mac: printer, name: 'nas', expires: ends, by: 'guess' },
		{ ip: 'fd12:3456::78', mac: null, name: 'laptop', expires: ends, by: 'guess' },
	]);
});

test("it reads odhcpd's state of 24.10, with its hosts lines, and of 25.12", () => {
	const both = [
		{ ip: '2001:db8:1::1f3', mac: tablet, name: 'tablet', expires: ends, by: 'guess' },
		{ ip: 'fd12:3456::1f3', mac: tablet, name: 'tablet', expires: ends, by: 'guess' },
	];
	const second = { ip: 'fd12:3456::77', mac: printer, expires: ends, by: 'guess' };
	const third = { ip: '192.168.1.23', mac: tablet, name: 'tablet', expires: ends, by: 'lease' };
	const fourth = { ip: '192.168.1.44', mac: '3c:22:fb:01:02:03', expires: null, by: 'lease' };
	assert.deepEqual(parseOdhcpdLeases(text('odhcpd-24.10.txt')), [
		...both,
		{ ...second, name: 'tablet' },
		third,
		{ ...fourth, name: null },
	]);
	assert.deepEqual(parseOdhcpdLeases(text('odhcpd-25.12.txt')), [
		...both,
		{ ...second, name: "Anna's phone" },
		third,
		{ ...fourth, name: 'café' },
	]);
});

test("it reads the kernel's tables and leaves out who did not answer", () => {
	const found = (ip: string) => ({ ip, mac: tablet, name: null, by: 'kernel', device: 'br-lan' });
	const ipv6 = [found('fd12:3456::c0ff:ee'), found('fd12:3456::1f3')];
	assert.deepEqual(parseArpTable(text('arp.txt')), [found('192.168.1.23')]);
	assert.deepEqual(parseIpNeighbours(text('ip-neigh.txt')), ipv6);
	assert.deepEqual(parseIpNeighbours(text('busybox-ip-neigh.txt')), ipv6);
	assert.deepEqual(parseIpNeighbours('fe80::1 dev br-lan lladdr 02:00:5e:10:00:17 router STALE\n'), []);
});

test('it takes every way to write a MAC, and only those of one device', () => {
	for (const same of ['02:00:5E:10:00:17', '2:0:5e:10:0:17', '02005e100017', '02-00-5e-10-00-17']) {
		assert.equal(plainMac(same), tablet);
	}
	for (const bad of [
		'',
		'*',
		'00:00:00:00:00:00',
		'ff:ff:ff:ff:ff:ff',
		'01:00:5e:00:00:fb',
		'2:0:5e:10:0',
		'x:0:0:0:0:1',
	]) {
		assert.equal(plainMac(bad), null, bad);
	}
	assert.equal(macOfDuid('00:01:00:06:2a:bb:cc:dd:02:00:5e:10:00:17'), null);
	assert.equal(macOfDuid('*'), null);
});

test('it reads static hosts with wildcard bytes and leaves out what names nobody', () => {
	const hosts = [
		{ name: 'nas', macs: ['00:1B:63:84:45:E6', '0:1b:63:*:*:*'], addresses: ['192.168.1.10', '2001:DB8:0:0::1'] },
		{ name: 'all', macs: ['*:*:*:*:*:*'], addresses: ['ignore'] },
		{ name: '', macs: [tablet], addresses: [] },
		{ name: 'rows\n', macs: ['nonsense'], addresses: ['192.168.1.11'] },
	];
	assert.deepEqual(readStaticHosts(hosts), [
		{ name: 'nas', macs: [printer, '00:1b:63:*:*:*'], addresses: ['192.168.1.10', '2001:db8::1'] },
		{ name: 'rows', macs: [], addresses: ['192.168.1.11'] },
	]);
});

const parsers = [
	['dnsmasq.leases', parseDnsmasqLeases],
	['odhcpd-24.10.txt', parseOdhcpdLeases],
	['odhcpd-25.12.txt', parseOdhcpdLeases],
	['arp.txt', parseArpTable],
	['ip-neigh.txt', parseIpNeighbours],
	['busybox-ip-neigh.txt', parseIpNeighbours],
] as const;

test('it finds nothing in a file cut anywhere that is not in the whole one', () => {
	for (const [name, parse] of parsers) {
		const factsOf = (length: number) => parse(text(name).slice(0, length)).map((fact) => JSON.stringify(fact));
		const whole = new Set(factsOf(text(name).length));
		for (let length = 0; length < text(name).length; length++) {
			for (const fact of factsOf(length)) assert.ok(whole.has(fact), `${name} cut at ${length}: ${fact}`);
		}
	}
});

test('it makes whatever bytes come into addresses, MACs and names of the right form or nothing', () => {
	const seed = Math.floor(Math.random() * 2 ** 32);
	const random = randomFrom(seed);
	for (const [name, parse] of parsers) {
		for (let round = 0; round < 1500; round++) {
			for (const fact of parse(mutate(fixture(name), random).toString())) {
				assert.match(fact.ip, /^(\d+\.\d+\.\d+\.\d+|[\da-f:]+)$/, `seed ${seed}`);
				if (fact.mac !== null) assert.match(fact.mac, /^([\da-f]{2}:){5}[\da-f]{2}$/, `seed ${seed}`);
				if (fact.name !== null) assert.match(fact.name, /^[^\u0000-\u001f\u007f]{1,253}$/, `seed ${seed}`);
			}
		}
	}
	const long = `${ends} ${tablet} 192.168.1.23 ${'x'.repeat(1 << 20)} *\n`;
	assert.equal(parseDnsmasqLeases(long)[0]!.name!.length, 253);
	assert.deepEqual(parseDnsmasqLeases(' '.repeat(1 << 20)), []);
});
