import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { parseAddress } from '../../src/system/address.ts';
import { localAddresses, Network, ownerOf } from '../../src/system/network.ts';
import { FakeClock } from '../fakes/clock.ts';
import { interfaces } from '../fakes/interfaces.ts';

test('it finds subnets and broadcast addresses, and the device behind a label', () => {
	const list = localAddresses(
		interfaces({
			'br-lan': ['192.168.1.1/24', 'fd00::1/64'],
			'br-lan:1': ['172.16.3.200/22'],
			'pppoe-wan': ['100.64.1.2/32'],
			wg0: ['10.0.0.0/31'],
			odd: ['10.9.8.7/1'],
		}),
	);
	assert.deepEqual(
		list.map(({ device, text, prefix, broadcast }) => [device, text, prefix, broadcast]),
		[
			['br-lan', '192.168.1.1', 24, '192.168.1.255'],
			['br-lan', 'fd00::1', 64, null],
			['br-lan', '172.16.3.200', 22, '172.16.3.255'],
			['pppoe-wan', '100.64.1.2', 32, null],
			['wg0', '10.0.0.0', 31, null],
			['odd', '10.9.8.7', 1, '127.255.255.255'],
		],
	);
});

test('it reads what this machine really has', () => {
	const loopback = localAddresses(networkInterfaces()).find(({ text }) => text === '127.0.0.1');
	assert.equal(loopback?.prefix, 8);
	assert.equal(loopback?.broadcast, '127.255.255.255');
});

test('it reads the interfaces anew after 30 s and not before, and has none while the system does not tell', async () => {
	const clock = new FakeClock();
	let answers = 0;
	const network = new Network({
		clock,
		read: () => {
			answers += 1;
			if (answers === 2) throw new Error('out of descriptors');
			return interfaces({ lan: [`192.168.${answers}.1/24`] });
		},
	});
	const texts = () => network.addresses().map(({ text }) => text);
	assert.deepEqual(texts(), ['192.168.1.1']);
	await clock.advance(29_999);
	assert.deepEqual(texts(), ['192.168.1.1']);
	await clock.advance(1);
	assert.deepEqual(texts(), []);
	await clock.advance(30_000);
	assert.deepEqual(texts(), ['192.168.3.1']);
});

test('it gives an address to the longest prefix, in doubt to the WAN, and a zone to its own interface', () => {
	const locals = localAddresses(
		interfaces({
			wan: ['10.0.0.2/8', '192.168.1.5/24', 'fe80::1/64'],
			lan: ['10.1.0.1/16', '192.168.1.1/24', 'fe80::2/64', 'fd00::1/64'],
		}),
	);
	const owner = (text: string, wan: string[] = ['wan']) => ownerOf(parseAddress(text)!, locals, wan)?.device;
	assert.equal(owner('10.1.2.3'), 'lan');
	assert.equal(owner('10.2.2.3'), 'wan');
	assert.equal(owner('192.168.1.9'), 'wan');
	assert.equal(owner('192.168.1.9', ['lan']), 'lan');
	assert.equal(owner('fe80::99%lan'), 'lan');
	assert.equal(owner('fe80::99%wan'), 'wan');
	assert.equal(owner('fe80::99%other'), undefined);
	assert.equal(owner('fd00::99'), 'lan');
	assert.equal(owner('fd01::99'), undefined);
	assert.equal(owner('172.16.0.1'), undefined);
});
