import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressKind, inSubnet, parseAddress, plainAddress } from '../../src/system/address.ts';

const hex = (text: string) => Buffer.from(parseAddress(text)!.bytes).toString('hex');

test('it reads IPv4 and every form of IPv6, and nothing else', () => {
	assert.equal(hex('192.168.1.254'), 'c0a801fe');
	assert.equal(hex('::'), '0'.repeat(32));
	assert.equal(hex('::1'), `${'0'.repeat(31)}1`);
	assert.equal(hex('1::'), `0001${'0'.repeat(28)}`);
	assert.equal(hex('2001:db8::8:800:200c:417a'), '20010db80000000000080800200c417a');
	assert.equal(hex('1:2:3:4:5:6:7:8'), '00010002000300040005000600070008');
	assert.equal(hex('::ffff:1.2.3.4'), `${'0'.repeat(20)}ffff01020304`);
	assert.equal(hex('1:2:3:4:5:6:1.2.3.4'), '00010002000300040005000601020304');
	assert.equal(parseAddress('fe80::1%br-lan')!.zone, 'br-lan');
	assert.equal(parseAddress('fe80::1')!.zone, '');
	for (const bad of ['', 'lan', '1.2.3', '1.2.3.256', '::1::', '1:2:3', 'fe80::1%', '[::1]', '%eth0']) {
		assert.equal(parseAddress(bad), null, bad);
	}
});

test('it knows what kind an address is, at both ends of each range', () => {
	const kinds: Record<string, readonly string[]> = {
		private: ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
		'link-local': ['169.254.0.0', '169.254.255.255', 'fe80::', 'febf:ffff::1', 'fe80::1%eth0'],
		'unique-local': ['fc00::', 'fdff:ffff::1'],
		loopback: ['127.0.0.1', '127.255.255.255', '::1'],
		multicast: ['224.0.0.0', '239.255.255.255', 'ff00::', 'ff02::1'],
		broadcast: ['255.255.255.255'],
		unspecified: ['0.0.0.0', '0.1.2.3', '::'],
		global: [
			...['9.255.255.255', '11.0.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0', '100.64.0.1'],
			...['126.255.255.255', '128.0.0.0', '169.253.255.255', '223.255.255.255', '240.0.0.0', '198.18.0.1'],
			...['2001:db8::1', 'fe7f::1', 'fec0::1', 'fbff::1', 'fe00::1', '::2', '::ffff:192.168.1.1', '1::1'],
		],
	};
	for (const [kind, texts] of Object.entries(kinds)) {
		for (const text of texts) assert.equal(addressKind(parseAddress(text)!), kind, text);
	}
});

test('it compares prefixes to the bit, and never across families', () => {
	const within = (a: string, b: string, prefix: number) => inSubnet(parseAddress(a)!, parseAddress(b)!, prefix);
	assert.equal(within('192.168.1.127', '192.168.1.1', 25), true);
	assert.equal(within('192.168.1.128', '192.168.1.1', 25), false);
	assert.equal(within('10.255.0.1', '10.0.0.1', 8), true);
	assert.equal(within('11.0.0.1', '10.0.0.1', 8), false);
	assert.equal(within('11.0.0.1', '10.0.0.1', 0), true);
	assert.equal(within('10.0.0.1', '10.0.0.1', 32), true);
	assert.equal(within('10.0.0.2', '10.0.0.1', 32), false);
	assert.equal(within('fd00:0:0:7f::1', 'fd00::1', 57), true);
	assert.equal(within('fd00:0:0:80::1', 'fd00::1', 57), false);
	assert.equal(within('::1', '::1', 128), true);
	assert.equal(within('::1', '0.0.0.1', 0), false);
});

test('it writes addresses as RFC 5952 wants them', () => {
	// The examples of its sections 4 and 5, and what the URL standard makes of random ones.
	const written: Record<string, string> = {
		'192.168.1.23': '192.168.1.23',
		'::': '::',
		'::1': '::1',
		'1::': '1::',
		'2001:0db8::0001': '2001:db8::1',
		'2001:db8:0:0:0:0:2:1': '2001:db8::2:1',
		'2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
		'2001:0:0:1:0:0:0:1': '2001:0:0:1::1',
		'2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
		'2001:DB8::ABCD': '2001:db8::abcd',
		'10:0:0:100::': '10:0:0:100::',
		'fe80::1%br-lan': 'fe80::1',
		'::ffff:1.2.3.4': '1.2.3.4',
	};
	for (const [from, to] of Object.entries(written)) assert.equal(plainAddress(parseAddress(from)!), to);
	for (let number = 0; number < 256; number++) {
		const groups = Array.from({ length: 8 }, (_, at) => ((number >> at) & 1 ? '1000' : '0'));
		const text = groups.join(':');
		assert.equal(plainAddress(parseAddress(text)!), new URL(`http://[${text}]`).hostname.slice(1, -1));
	}
});
