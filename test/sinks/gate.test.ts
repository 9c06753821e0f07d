import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseSource } from '../../src/sinks/gate.ts';
import { localAddresses } from '../../src/system/network.ts';
import { interfaces } from '../fakes/interfaces.ts';

const locals = localAddresses(
	interfaces({
		lo: ['127.0.0.1/8', '::1/128'],
		'br-lan': ['192.168.1.1/24', '169.254.3.1/16', '203.0.113.1/24', 'fd00::1/64', 'fe80::1/64', '2001:db8:1::1/64'],
		guest: ['10.1.0.1/16', 'fe80::2/64'],
		wan: ['192.168.100.2/24', '10.0.0.2/8', '198.51.100.7/24', 'fe80::3/64', 'fd99::2/64'],
	}),
);
const judge = (address: string, wan = ['wan'], port = 5000) => refuseSource({ address, port }, locals, wan);

test('it lets the LAN and this machine speak', () => {
	for (const address of ['192.168.1.77', '192.168.1.1', '169.254.9.9', '10.1.255.3', '127.0.0.1', '127.9.9.9']) {
		assert.equal(judge(address), null, address);
	}
	for (const address of ['fd00::77', 'fe80::77%br-lan', 'fe80::77%guest', '::1'])
		assert.equal(judge(address), null, address);
});

test('it turns away the WAN, even when its address is private or this machine its owner', () => {
	for (const address of ['192.168.100.1', '192.168.100.2', '10.2.0.1', 'fd99::1', 'fe80::1%wan']) {
		assert.equal(judge(address), 'wan', address);
	}
	assert.equal(judge('192.168.1.77', ['wan', 'br-lan']), 'wan', 'a device that became the WAN');
	assert.equal(judge('192.168.100.1', []), null, 'and one that no longer is');
});

test('it turns away what is in no local subnet', () => {
	for (const address of ['192.168.2.1', '172.16.0.1', 'fd01::1', 'fe80::1%tun0']) {
		assert.equal(judge(address), 'not local', address);
	}
});

test('it turns away public addresses, on the LAN too', () => {
	for (const address of ['203.0.113.9', '198.51.100.1', '8.8.8.8', '2001:db8:1::9', '::ffff:192.168.1.77']) {
		assert.equal(judge(address), 'not private', address);
	}
});

test('it turns away broadcast, multicast and unspecified sources, port 0 and what is no address', () => {
	const bad = ['192.168.1.255', '10.1.255.255', '127.255.255.255', '255.255.255.255', '224.0.0.1', 'ff02::1'];
	for (const address of [...bad, '0.0.0.0', '::', 'x', '']) assert.equal(judge(address), 'bad source', address);
	assert.equal(judge('192.168.1.77', ['wan'], 0), 'bad source');
});
