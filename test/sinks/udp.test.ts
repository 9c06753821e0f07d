import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { afterEach, test } from 'node:test';
import { UdpServer, type UdpServerOptions } from '../../src/sinks/udp.ts';
import { Network } from '../../src/system/network.ts';
import { FakeClock } from '../fakes/clock.ts';
import { ascii, type Field, fields, sealed, zeros } from '../fakes/datagram.ts';
import { interfaces } from '../fakes/interfaces.ts';
import { noSpeeds, someLive, someSpeeds } from '../fakes/live.ts';
import { Peer, until } from '../fakes/peer.ts';
import { barrage } from './barrage.ts';

const identity = { instance: 0xdeadbeef, agent: 'router-3fa2' };
const display = Uint8Array.of(1, 0);
const opened: { stop(): Promise<void> }[] = [];

afterEach(async () => {
	for (const thing of opened.splice(0)) await thing.stop();
});

async function serve(changes: Partial<UdpServerOptions> = {}) {
	const clock = new FakeClock();
	const read = () => interfaces({ lo: ['127.0.0.1/8', '::1/128'], wan: ['127.9.0.1/16'] });
	const server = new UdpServer({
		port: 0,
		host: null,
		old: true,
		identity,
		network: new Network({ clock, read }),
		wanDevices: () => ['wan'],
		clock,
		...changes,
	});
	opened.push(server);
	await server.start();
	let sent = 0;
	/** Sends and waits until the server has had it. */
	async function tell(peer: Peer, bytes: Uint8Array, address?: string) {
		sent += 1;
		await peer.send(bytes, server.port, address);
		await until(() => server.counters().received === sent, 'the server to hear it');
	}
	return { server, clock, tell };
}

async function peer(address?: string) {
	const one = await Peer.open(address);
	opened.push({ stop: () => one.close() });
	return one;
}

const pairs = (...values: number[]) => fields(...values.map((value): Field => [8, value]));
const clash = pairs(1_000, 2_000, 300_000, 12_000_000);
const wan = pairs(320_000, 5_012_900_000);
const nonce = 77;
const hello = sealed(2, fields([4, nonce], zeros(48)));
const register = (cookie: Uint8Array) => sealed(4, fields([4, nonce], cookie, zeros(32)));
const goodbye = (cookie: Uint8Array) => sealed(6, fields([4, nonce], cookie));
const answer = (status: number, cookie: Uint8Array) =>
	sealed(
		5,
		fields(
			[4, nonce],
			[1, status],
			[1, 0],
			[2, 30],
			[4, 1000],
			[4, identity.instance],
			cookie,
			[2, status && 10],
			[2, 0],
		),
	);

test('it sends 48 bytes a tick to who registers with 01 00, 32 while no WAN is known, and never 16', async () => {
	const { server, tell } = await serve();
	const one = await peer();
	await tell(one, display);
	server.send(someLive());
	assert.deepEqual((await one.next()).bytes, fields(clash, pairs(0, 5_000_000_000)));
	server.send(someLive({ speeds: { ...someSpeeds, wan: null, bypass: null } }));
	assert.deepEqual((await one.next()).bytes, clash);
	server.send(someLive({ speeds: noSpeeds }));
	assert.deepEqual((await one.next()).bytes, zeros(32));
	assert.equal(one.waiting, 0);
	assert.equal(server.counters().frames, 3);
});

test('it sends the pair of 32 and 16 bytes to who registers with anything else, nothing included', async () => {
	const { server, tell } = await serve();
	let address = 1;
	for (const bytes of [
		zeros(0),
		Uint8Array.of(1),
		Uint8Array.of(0, 1),
		Uint8Array.of(1, 0, 0),
		ascii('nmo'),
		ascii('hi'),
	]) {
		const one = await peer(`127.0.1.${address++}`);
		await tell(one, bytes);
		server.send(someLive());
		assert.deepEqual((await one.next()).bytes, clash);
		assert.deepEqual((await one.next()).bytes, wan);
		assert.equal(one.waiting, 0);
	}
});

test('it sends nothing before a tick and nothing when a tick has no listener', async () => {
	const { server, tell } = await serve();
	server.send(someLive());
	await tell(await peer(), display);
	const { frames, bytes, clients } = server.counters();
	assert.deepEqual({ frames, bytes, clients }, { frames: 0, bytes: 0, clients: 1 });
});

test('it forgets a listener 30 s after its last word, by the monotonic clock', async () => {
	const { server, clock, tell } = await serve();
	const [one, two] = [await peer(), await peer('127.0.0.2')];
	await tell(one, display);
	await tell(two, display);
	await clock.advance(29_999);
	clock.stepWall(-3_600_000);
	assert.equal(server.counters().clients, 2);
	await tell(two, display);
	await clock.advance(1);
	assert.equal(server.counters().clients, 1);
	server.send(someLive());
	await two.next();
	assert.equal(one.waiting, 0);
	await clock.advance(29_999);
	assert.equal(server.counters().clients, 0);
});

test('it takes a version 1 listener by hello, cookie and register, and numbers its frames', async () => {
	const { server, tell } = await serve();
	const one = await peer();
	await tell(one, hello);
	const cookieAnswer = (await one.next()).bytes;
	const cookie = cookieAnswer.slice(12, 28);
	assert.deepEqual(cookieAnswer, sealed(3, fields([4, nonce], cookie)));
	assert.equal(server.counters().clients, 0, 'a hello alone leaves no trace');
	await tell(one, register(cookie));
	assert.deepEqual((await one.next()).bytes, answer(0, cookie));
	const sequences: number[] = [];
	for (let tick = 0; tick < 3; tick++) {
		server.send(someLive());
		const { bytes } = await one.next();
		const view = new DataView(bytes.buffer);
		assert.deepEqual([bytes[5], view.getUint32(12, true)], [1, identity.instance]);
		assert.deepEqual(bytes.slice(32, 96), fields(clash, pairs(0, 5_000_000_000), wan));
		sequences.push(view.getUint32(16, true));
	}
	assert.deepEqual(
		sequences.map((sequence) => sequence - sequences[0]!),
		[0, 1, 2],
	);
});

test('it wants a cookie of this address, this port, this minute or the last, and answers others with a new one', async () => {
	const { server, clock, tell } = await serve();
	const [one, samePlace, elsewhere] = [await peer(), await peer(), await peer('127.0.0.2')];
	await tell(one, hello);
	const cookie = (await one.next()).bytes.slice(12, 28);
	for (const thief of [samePlace, elsewhere]) {
		await tell(thief, register(cookie));
		assert.equal((await thief.next()).bytes[5], 3, 'a replayed cookie gets a cookie of its own');
	}
	await tell(one, register(zeros(16)));
	assert.equal((await one.next()).bytes[5], 3);
	assert.equal(server.counters().clients, 0);
	assert.deepEqual(server.counters().refusedBy, { cookie: 3 });
	await clock.advance(119_999);
	await tell(one, register(cookie));
	const renewed = (await one.next()).bytes;
	assert.equal(renewed[5], 5, 'good until the end of the next minute');
	await clock.advance(1);
	await tell(one, register(cookie));
	assert.equal((await one.next()).bytes[5], 3, 'and no longer');
	await tell(one, register(renewed.slice(24, 40)));
	assert.equal((await one.next()).bytes[5], 5, 'but the one from the renewal is');
});

test('it keeps a renewed lease, ends one on goodbye with a good cookie only, and says when the agent ends', async () => {
	const { server, clock, tell } = await serve();
	const one = await peer();
	await tell(one, hello);
	let cookie = (await one.next()).bytes.slice(12, 28);
	for (let minute = 0; minute < 5; minute++) {
		await tell(one, register(cookie));
		cookie = (await one.next()).bytes.slice(24, 40);
		await clock.advance(29_000);
	}
	assert.equal(server.counters().clients, 1);
	await tell(one, goodbye(zeros(16)));
	assert.equal(server.counters().clients, 1);
	await tell(one, goodbye(cookie));
	assert.equal(server.counters().clients, 0);
	assert.equal(one.waiting, 0, 'a goodbye is not answered');
	await tell(one, register(cookie));
	await one.next();
	await server.stop();
	assert.deepEqual((await one.next()).bytes, sealed(7, fields([4, identity.instance])));
});

test('it takes 2 listeners of one address and 16 in all, says so to version 1, and has room again when one leaves', async () => {
	const { server, clock, tell } = await serve();
	const [a, b, c] = [await peer(), await peer(), await peer()];
	await tell(a, display);
	await tell(b, ascii('anything'));
	await tell(c, display);
	await tell(c, hello);
	const cookie = (await c.next()).bytes.slice(12, 28);
	await tell(c, register(cookie));
	assert.deepEqual((await c.next()).bytes, answer(2, cookie));
	assert.deepEqual([server.counters().clients, server.counters().refusedBy], [2, { 'address full': 2 }]);
	for (let at = 2; at < 16; at++) await tell(await peer(`127.0.2.${at}`), display);
	const late = await peer('127.0.3.1');
	await tell(late, display);
	await tell(late, hello);
	const lateCookie = (await late.next()).bytes.slice(12, 28);
	await tell(late, register(lateCookie));
	assert.deepEqual((await late.next()).bytes, answer(1, lateCookie));
	assert.deepEqual([server.counters().clients, server.counters().refusedBy], [16, { 'address full': 2, full: 2 }]);
	await tell(a, display);
	await clock.advance(29_999);
	assert.equal(server.counters().clients, 16, 'a renewal needs no room');
	await clock.advance(1);
	await tell(late, display);
	assert.equal(server.counters().clients, 1);
});

test('it answers the LAN only: a WAN subnet is dropped, in silence, and counted', async () => {
	const { server, tell } = await serve();
	const outside = await peer('127.9.0.7');
	for (const bytes of [display, hello, ascii('x'), register(zeros(16))]) await tell(outside, bytes);
	server.send(someLive());
	const { clients, refused, refusedBy, bytes } = server.counters();
	assert.deepEqual({ clients, refused, refusedBy, bytes }, { clients: 0, refused: 4, refusedBy: { wan: 4 }, bytes: 0 });
});

test('it follows the interfaces: who was local may be so no longer, 30 s later', async () => {
	const clock = new FakeClock();
	let mine = '127.0.0.1/8';
	const network = new Network({ clock, read: () => interfaces({ lan: [mine] }) });
	const { server, tell } = await serve({ clock, network, wanDevices: () => [] });
	const one = await peer();
	await tell(one, display);
	mine = '10.0.0.1/24';
	await clock.advance(30_000);
	await tell(one, display);
	assert.deepEqual([server.counters().clients, server.counters().refusedBy], [0, { 'not local': 1 }]);
});

test('it takes no old registration with --udp-old off, and version 1 all the same', async () => {
	const { server, tell } = await serve({ old: false });
	const one = await peer();
	for (const bytes of [display, zeros(0), zeros(64)]) await tell(one, bytes);
	assert.deepEqual([server.counters().clients, server.counters().refusedBy], [0, { 'old off': 3 }]);
	await tell(one, hello);
	await tell(one, register((await one.next()).bytes.slice(12, 28)));
	assert.equal((await one.next()).bytes[5], 5);
	assert.equal(server.counters().clients, 1);
});

test('it drops broken version 1 datagrams and those that only an agent sends, and registers nobody by them', async () => {
	const { server, tell } = await serve();
	const one = await peer();
	const bad = hello.slice();
	bad[20] = 1;
	const short = sealed(2, fields([4, nonce], zeros(47)));
	for (const bytes of [ascii('nmon'), bad, short, sealed(2, zeros(52), 2), sealed(200, zeros(52))])
		await tell(one, bytes);
	const agents = [
		sealed(1, zeros(100)),
		answer(0, zeros(16)),
		sealed(3, fields([4, 1], zeros(16))),
		sealed(7, zeros(4)),
	];
	for (const bytes of agents) await tell(one, bytes);
	const { clients, refusedBy, bytes } = server.counters();
	assert.deepEqual({ clients, refusedBy, bytes }, { clients: 0, refusedBy: { malformed: 5, unexpected: 4 }, bytes: 0 });
});

test('it does not let an unproven datagram replace a proven lease, nor two agents feed each other', async () => {
	const { server, tell } = await serve({ host: '127.0.0.1' });
	const one = await peer();
	await tell(one, hello);
	await tell(one, register((await one.next()).bytes.slice(12, 28)));
	await one.next();
	await tell(one, display);
	server.send(someLive());
	assert.equal((await one.next()).bytes[5], 1);
	assert.deepEqual(server.counters().refusedBy, { proven: 1 });

	const other = await Peer.open('127.0.0.5', server.port);
	opened.push({ stop: () => other.close() });
	for (const bytes of [clash, wan, zeros(48)]) await tell(other, bytes);
	assert.deepEqual([server.counters().clients, server.counters().refusedBy], [1, { proven: 1, echo: 3 }]);
	await tell(other, display);
	assert.equal(server.counters().clients, 2, 'a client that only chose the same port is none');
});

test('it speaks IPv6 where the machine has it, and IPv4 alone where not', async () => {
	const { server, tell } = await serve();
	const here = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));
	if (here) {
		const one = await peer('::1');
		await tell(one, display, '::1');
		server.send(someLive());
		assert.equal((await one.next()).bytes.length, 48);
	}
	const four = await peer();
	await tell(four, display);
	server.send(someLive());
	assert.equal((await four.next()).bytes.length, 48);
});

test('it binds one address where it is told to, and refuses a name', async () => {
	const { server } = await serve({ host: '127.0.0.3' });
	const one = await peer();
	await one.send(hello, server.port, '127.0.0.3');
	assert.equal((await one.next()).from.address, '127.0.0.3');
	await assert.rejects(serve({ host: 'localhost' }), /--listen-host localhost is not an IP address/);
	await assert.rejects(
		serve({ host: '203.0.113.77' }),
		/--listen-host 203\.0\.113\.77 is not an address of this machine/,
	);
});

test('it does not start on a port that is taken, names it, says what to do, and leaves nothing open', async () => {
	const { server } = await serve();
	const sentence = new RegExp(`UDP port ${server.port} is in use by another program: .*--listen-port`);
	await assert.rejects(serve({ port: server.port }), sentence);
	const six = await Peer.open('::1').catch(() => null);
	if (!six) return;
	opened.push({ stop: () => six.close() });
	await assert.rejects(serve({ port: six.port }), new RegExp(`UDP port ${six.port} is in use`), 'by IPv6 alone');
	const free = await Peer.open('127.0.0.1', six.port);
	await free.close();
});

test('it stops twice, sends nothing afterwards, and has no timer of its own', async () => {
	const { server, clock, tell } = await serve();
	await tell(await peer(), display);
	await server.stop();
	await server.stop();
	server.send(someLive());
	assert.deepEqual([server.counters().clients, server.counters().frames, clock.pending], [0, 0, 0]);
});

test('it survives a barrage: every length from 0 to 2,000, and 3,000 random datagrams from 40 addresses', async () => {
	for (const old of [true, false]) {
		const { server } = await serve({ old });
		await barrage({ server, old, datagrams: 3_000, seed: Date.now() % 1_000_000 });
	}
});
