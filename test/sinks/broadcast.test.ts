import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Broadcaster, type BroadcasterOptions } from '../../src/sinks/broadcast.ts';
import { openDatagram } from '../../src/sinks/datagram.ts';
import { parseFrame } from '../../src/sinks/frame.ts';
import { Network } from '../../src/system/network.ts';
import { parseBroadcastTarget } from '../../src/system/target.ts';
import { FakeClock } from '../fakes/clock.ts';
import { interfaces } from '../fakes/interfaces.ts';
import { someLive } from '../fakes/live.ts';
import { Peer, until } from '../fakes/peer.ts';

const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
	for (const thing of opened.splice(0)) await thing.stop();
});

const identity = { instance: 5, agent: 'router' };
const target = (text: string) => {
	const parsed = parseBroadcastTarget(text);
	assert.ok(typeof parsed !== 'string', String(parsed));
	return parsed;
};

async function broadcaster(
	targets: readonly string[],
	changes: Partial<BroadcasterOptions> & { list?: Record<string, string[]> } = {},
) {
	const clock = new FakeClock();
	const problems: string[] = [];
	const list = changes.list ?? { lo: ['127.0.0.1/8'] };
	const one = new Broadcaster({
		targets: targets.map(target),
		identity,
		network: new Network({ clock, read: () => interfaces(list) }),
		wanDevices: () => ['wan'],
		lanDevices: () => ['lo'],
		clock,
		onProblem: (text) => problems.push(text),
		...changes,
	});
	opened.push(one);
	await one.start();
	return { one, clock, problems, list };
}

async function listener() {
	const peer = await Peer.open('0.0.0.0');
	opened.push({ stop: () => peer.close() });
	return peer;
}

function frameOf(bytes: Uint8Array) {
	const envelope = openDatagram(bytes);
	assert.ok(typeof envelope !== 'string', String(envelope));
	const frame = parseFrame(envelope);
	assert.ok(typeof frame !== 'string', String(frame));
	return frame;
}

test('it sends version 1 frames to an interface, to lan, to an address and to 255.255.255.255, numbered', async () => {
	for (const where of ['lo', 'lan', '127.0.0.1', '255.255.255.255']) {
		const peer = await listener();
		const { one, problems } = await broadcaster([`${where}:${peer.port}`]);
		one.send(someLive());
		one.send(someLive());
		const [first, second] = [frameOf((await peer.next()).bytes), frameOf((await peer.next()).bytes)];
		assert.deepEqual([first.instance, first.agent, first.speeds], [5, 'router', someLive().speeds]);
		assert.equal(second.sequence, first.sequence + 1);
		assert.deepEqual(problems, []);
		await until(() => one.counters().frames === 2);
	}
});

test('it sends the old frame, 48 or 32 bytes, to old: targets', async () => {
	const peer = await listener();
	const { one } = await broadcaster([`old:lan:${peer.port}`]);
	one.send(someLive());
	assert.equal((await peer.next()).bytes.length, 48);
	one.send(someLive({ speeds: { ...someLive().speeds, wan: null } }));
	assert.equal((await peer.next()).bytes.length, 32);
});

test('it knows the ways by itself: broadcast addresses, own default ports, each way once', async () => {
	const list = {
		lo: ['127.0.0.1/8', '::1/128'],
		'br-lan': ['127.1.0.1/16', 'fd00::1/64'],
		wan: ['127.9.0.1/16'],
		wg0: ['127.3.0.1/32'],
	};
	const { one, problems } = await broadcaster(['br-lan', 'old:br-lan', 'lan', '127.1.2.3', '[::1]:5'], {
		list,
		lanDevices: () => ['br-lan'],
	});
	assert.deepEqual(one.counters().routes, ['127.1.255.255:17892', '127.1.255.255:17891', '127.1.2.3:17892', '[::1]:5']);
	assert.deepEqual(problems, []);
});

test('it never takes a way that a WAN device has, and says why', async () => {
	const list = { lan0: ['127.1.0.1/16'], wan: ['127.9.0.1/16'] };
	const { one, problems } = await broadcaster(['wan', '127.9.255.255', '127.9.0.7', '10.1.2.3', 'no0', 'lan'], {
		list,
		lanDevices: () => ['wan'],
	});
	assert.deepEqual(one.counters().routes, []);
	assert.deepEqual(
		problems.map((text) => text.split(':')[0]),
		['wan', '127.9.255.255', '127.9.0.7', '10.1.2.3', 'no0', 'lan'],
	);
	assert.match(problems[0]!, /WAN device/);
	assert.match(problems[3]!, /no subnet/);
	assert.match(problems[4]!, /no such interface/);
});

test('it stops at once when a way becomes the WAN', async () => {
	const peer = await listener();
	let wan: string[] = [];
	const { one } = await broadcaster([`lo:${peer.port}`], { wanDevices: () => wan });
	one.send(someLive());
	await peer.next();
	wan = ['lo'];
	one.send(someLive());
	wan = [];
	one.send(someLive());
	assert.equal(frameOf((await peer.next()).bytes).sequence, 3);
});

test('it means by lan, where nobody tells, every private address that is not the WAN', async () => {
	const list = {
		lo: ['127.0.0.1/8'],
		eth0: ['192.168.77.1/24'],
		docker0: ['172.17.0.1/16'],
		meta: ['198.18.0.1/30'],
		wan: ['10.0.0.2/8'],
		tailscale0: ['100.64.3.4/10'],
	};
	const { one, problems } = await broadcaster(['lan'], { list, lanDevices: () => null });
	assert.deepEqual(one.counters().routes, ['192.168.77.255:17892', '172.17.255.255:17892']);
	assert.equal(problems.length, 2, "those addresses are not this machine's, which costs nothing else");
	one.send(someLive());
	assert.equal(one.counters().frames, 0);
});

test('it finds its ways anew every 30 s, says a problem once, and comes back when it can', async () => {
	const peer = await listener();
	const { one, clock, problems, list } = await broadcaster([`lan0:${peer.port}`]);
	assert.equal(problems.length, 1);
	await clock.advance(30_000);
	one.send(someLive());
	await until(() => one.counters().routes.length === 0);
	assert.equal(problems.length, 1);
	list.lan0 = ['127.2.0.1/16'];
	await clock.advance(30_000);
	one.send(someLive());
	await until(() => one.counters().routes.length === 1);
	await until(() => {
		one.send(someLive());
		return peer.received.length > 0;
	}, 'a frame by the new way');
	assert.equal((await peer.next()).from.address, '127.2.0.1');
});

test('it sends to a multicast group out of each LAN interface', async () => {
	const { one } = await broadcaster(['239.255.17.92', 'ff02::1%lo'], {
		list: { lo: ['127.0.0.1/8'], lan1: ['127.1.0.1/16', '127.1.0.2/16'], wan: ['127.9.0.1/16'] },
		lanDevices: () => ['lo', 'lan1', 'wan'],
	});
	assert.deepEqual(one.counters().routes, ['239.255.17.92:17892', '239.255.17.92:17892', '239.255.17.92:17892']);
});

test('it stops twice and sends nothing afterwards', async () => {
	const peer = await listener();
	const { one } = await broadcaster([`lo:${peer.port}`]);
	await one.stop();
	await one.stop();
	one.send(someLive());
	assert.equal(one.counters().frames, 0);
});
