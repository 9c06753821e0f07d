import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { parseArpTable } from '../../src/sources/arptable.ts';
import { IpCommand } from '../../src/sources/ipcommand.ts';
import { parseIpNeighbours } from '../../src/sources/ipneighbours.ts';
import { openRouter, whyNoNamespaces } from '../fakes/netns.ts';

/** One datagram makes the kernel look for the host. */
const sendOne = `const to = process.argv[1];
	const socket = require('dgram').createSocket(to.includes(':') ? 'udp6' : 'udp4');
	socket.send('?', 9, to, () => setTimeout(() => socket.close(), 100));`;

test("it reads the system's own ip", async (t) => {
	try {
		execFileSync('ip', ['-V']);
	} catch {
		return t.skip('no ip (iproute2): what a real one prints');
	}
	const command = new IpCommand('ip');
	assert.notEqual(await command.neighbours(), null, command.problem ?? '');
	assert.equal(command.problem, null);
});

test('it finds a real host by both families in what kernel and ip say', async (t) => {
	const why = whyNoNamespaces();
	if (why !== null) return t.skip(why);
	const { router, lan, close } = await openRouter();
	try {
		const address = 'fd12:3456::1f3';
		await router.exec('ip', 'addr', 'add', 'fd12:3456::1/64', 'dev', 'lan0', 'nodad');
		await lan.exec('ip', 'addr', 'add', `${address}/64`, 'dev', 'eth0', 'nodad');
		const mac = (await lan.exec('cat', '/sys/class/net/eth0/address')).trim();
		const asked = async () => {
			for (const to of ['192.168.77.2', address]) await router.exec(process.execPath, '-e', sendOne, to);
			const arp = parseArpTable(await router.exec('cat', '/proc/net/arp'));
			const ipv6 = parseIpNeighbours(await router.exec('ip', '-6', 'neigh', 'show'));
			return [...arp, ...ipv6].filter(({ device }) => device === 'lan0');
		};
		// A link that came up a moment ago takes some tries.
		let found = await asked();
		for (let tries = 0; found.length < 2 && tries < 50; tries++) found = await asked();
		assert.deepEqual(found, [
			{ ip: '192.168.77.2', mac, name: null, by: 'kernel', device: 'lan0' },
			{ ip: address, mac, name: null, by: 'kernel', device: 'lan0' },
		]);
	} finally {
		await close();
	}
});
