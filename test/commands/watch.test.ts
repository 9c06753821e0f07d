import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { watch } from '../../src/commands/watch.ts';
import { encodeFrame } from '../../src/sinks/frame.ts';
import { UdpServer, type UdpServerOptions } from '../../src/sinks/udp.ts';
import { Network } from '../../src/system/network.ts';
import { FakeClock } from '../fakes/clock.ts';
import { ascii, fields, sealed, zeros } from '../fakes/datagram.ts';
import { interfaces } from '../fakes/interfaces.ts';
import { someLive } from '../fakes/live.ts';
import { Peer, until } from '../fakes/peer.ts';
import { Pipe, Screen } from '../fakes/screen.ts';

const opened: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
	for (const thing of opened.splice(0).reverse()) await thing.stop();
});

async function serve(changes: Partial<UdpServerOptions> = {}) {
	const clock = new FakeClock();
	const server = new UdpServer({
		port: 0,
		host: '127.0.0.1',
		old: true,
		identity: { instance: 1, agent: 'router' },
		network: new Network({ clock, read: () => interfaces({ lo: ['127.0.0.1/8'] }) }),
		wanDevices: () => [],
		clock,
		...changes,
	});
	opened.push(server);
	await server.start();
	return server;
}

function start(host: string | null, port: number | null, stdout: Pipe | Screen = new Pipe()) {
	const clock = new FakeClock();
	const end = new AbortController();
	const done = watch({ host, port, clock, stdout, signal: end.signal, env: {} });
	const stop = () => {
		end.abort();
		return done;
	};
	opened.push({ stop });
	return { clock, stdout, stop, done, text: () => stdout.lines.join('\n') };
}

/** A port that is free for broadcasts: asked for, then given back. */
async function freePort() {
	const peer = await Peer.open('0.0.0.0');
	const { port } = peer;
	await peer.close();
	return port;
}

async function talker() {
	const peer = await Peer.open();
	opened.push({ stop: () => peer.close() });
	return peer;
}

const frame = (instance: number, sequence: number, agent = `agent-${instance}`) =>
	encodeFrame(someLive(), { instance, agent }, sequence);

test('it registers at a host, shows each frame, and says goodbye when it is ended', async () => {
	const server = await serve();
	const { stdout, stop, text } = start('127.0.0.1', server.port);
	await until(() => server.counters().clients === 1, 'its registration');
	for (let second = 1; second <= 3; second++) {
		server.send(someLive());
		await until(
			() => stdout.lines.filter((line) => line.includes('direct ↑ 1.00 kB/s')).length === second,
			'a line a frame',
		);
	}
	assert.match(text(), new RegExp(`asking 127\\.0\\.0\\.1:${server.port}`));
	assert.ok(!text().includes('\x1b'), 'fit for a pipe');
	assert.equal(await stop(), 0);
	await until(() => server.counters().clients === 0, 'its goodbye');
});

test('it marks the last figures stale when nothing comes any more, and shows new ones as what they are', async () => {
	const server = await serve();
	const { clock, stdout } = start('127.0.0.1', server.port);
	await until(() => server.counters().clients === 1);
	server.send(someLive());
	await until(() => stdout.lines.some((line) => line.includes('direct')));
	await clock.advance(3_000);
	assert.match(stdout.lines.at(-1)!, /direct ↑ 1\.00 kB\/s ↓ 2\.00 kB\/s \(stale\).*WAN .*\(stale\)$/);
	const { length } = stdout.lines;
	await until(() => server.counters().received > 2, 'its next hello');
	await until(() => {
		server.send(someLive());
		return stdout.lines.length > length + 1;
	}, 'new frames');
	assert.ok(!stdout.lines.at(-1)!.includes('stale'));
});

test('it draws the view in place on a terminal, and gives the cursor back', async () => {
	const server = await serve();
	const screen = new Screen(80, 24);
	const { stop } = start('127.0.0.1', server.port, screen);
	await until(() => server.counters().clients === 1);
	for (let second = 1; second <= 3; second++) server.send(someLive());
	await until(() => screen.written.split('netmon').length > 3);
	assert.equal(screen.lines.filter((line) => line.includes('netmon router')).length, 1);
	assert.equal(screen.cursorVisible, false);
	assert.equal(await stop(), 0);
	assert.equal(screen.cursorVisible, true);
});

test('it says within 3 s that nothing comes and what to do, goes on asking, and is there when the agent is', async () => {
	const port = await freePort();
	const { clock, stdout, text } = start('127.0.0.1', port);
	await until(() => clock.pending > 1, 'its timers');
	await clock.advance(3_000);
	assert.match(text(), new RegExp(`nothing comes from 127\\.0\\.0\\.1:${port}: .*--listen-port`));
	await clock.advance(60_000);
	assert.equal(stdout.lines.length, 2, 'said once');
	const server = await serve({ port });
	await clock.advance(5_000);
	await until(() => server.counters().clients === 1, 'its registration');
	server.send(someLive());
	await until(() => text().includes('direct ↑'));
	assert.match(text(), /router is heard/);
});

test('it renews its lease each 10 s, with the cookie of the last answer', async () => {
	const server = await serve();
	const { clock, stdout } = start('127.0.0.1', server.port);
	await until(() => server.counters().clients === 1);
	let shown = 0;
	for (let second = 0; second < 35; second++) {
		server.send(someLive());
		shown += 1;
		await until(() => stdout.lines.filter((line) => line.includes('direct')).length === shown);
		await clock.advance(1_000);
	}
	await until(() => server.counters().received === 2 + 3, 'three renewals');
	assert.equal(server.counters().refused, 0);
	assert.equal(server.counters().clients, 1);
});

test('it comes back to an agent that was restarted, and says that it ended and began anew', async () => {
	const first = await serve();
	const { port } = first;
	const { clock, text } = start('127.0.0.1', port);
	await until(() => first.counters().clients === 1);
	first.send(someLive());
	await until(() => text().includes('direct'));
	await first.stop();
	await until(() => text().includes('was stopped'), 'word of the end');
	const second = await serve({ port, identity: { instance: 2, agent: 'router' } });
	await clock.advance(5_000);
	await until(() => second.counters().clients === 1);
	second.send(someLive());
	await until(() => text().includes('router has started anew'));
});

test('it notices frames that were lost, and shows none twice or out of order', async () => {
	const port = await freePort();
	const screen = new Screen(80, 24);
	start(null, port, screen);
	const peer = await talker();
	await until(() => screen.lines.some((line) => line.includes('listening')));
	for (const sequence of [2 ** 32 - 2, 2 ** 32 - 1, 1, 1, 0, 2, 5]) await peer.send(frame(7, sequence), port);
	await until(() => screen.lines.some((line) => line.includes('lost')), 'a word of the loss');
	await until(() => screen.lines.some((line) => line.includes('3 frames were lost')), '0 and 3, 4');
});

test('it finds agents by their broadcast, shows the first and names the others once', async () => {
	const port = await freePort();
	const { stdout, text } = start(null, port);
	const peer = await talker();
	await until(() => text().includes('listening for agents'));
	for (let sequence = 1; sequence <= 3; sequence++) {
		await peer.send(frame(1, sequence), port);
		await peer.send(frame(2, sequence), port);
	}
	await until(() => stdout.lines.filter((line) => line.includes('direct')).length === 3);
	assert.deepEqual(
		stdout.lines.filter((line) => !line.includes('direct')),
		[
			`listening for agents on UDP port ${port}`,
			'found agent-1 at 127.0.0.1',
			'also heard: agent-2 at 127.0.0.1; to see that one: netmon watch 127.0.0.1',
		],
	);
});

test('it takes another agent when the first falls silent, and says within 3 s when all do', async () => {
	const port = await freePort();
	const { clock, text } = start(null, port);
	const peer = await talker();
	await until(() => text().includes('listening'));
	await peer.send(frame(1, 1), port);
	await until(() => text().includes('direct'));
	await clock.advance(3_000);
	assert.match(text(), new RegExp(`nothing was heard on UDP port ${port}: .*--udp-broadcast lan.*netmon watch HOST`));
	await peer.send(frame(2, 1), port);
	await until(() => text().includes('this is agent-2 now'));
});

test('it ignores noise, old frames, broken and foreign datagrams, and more agents than a LAN has', async () => {
	const port = await freePort();
	const { stdout, text } = start(null, port);
	const peer = await talker();
	await until(() => text().includes('listening'));
	const broken = frame(1, 1);
	broken[40]! ^= 1;
	const cut = sealed(1, fields(zeros(92), [2, 1], [2, 500]));
	for (const bytes of [ascii('hi'), zeros(0), zeros(48), broken, cut, sealed(2, zeros(52))])
		await peer.send(bytes, port);
	for (let instance = 1; instance <= 40; instance++) await peer.send(frame(instance, 1, '\x1b[2J'), port);
	await peer.send(frame(1, 2, 'x'), port);
	await until(() => stdout.lines.filter((line) => line.includes('direct')).length === 2);
	assert.equal(stdout.lines.filter((line) => line.includes('also heard')).length, 15);
	assert.ok(!text().includes('\x1b'));
});

test('it says when the agent has no room, and asks again later', async () => {
	const server = await serve();
	for (let at = 0; at < 2; at++) await (await talker()).send(Uint8Array.of(1, 0), server.port);
	await until(() => server.counters().clients === 2);
	const { clock, text } = start('127.0.0.1', server.port);
	await until(() => text().includes('has two listeners of this machine already: asking again in 10 s'));
	const before = server.counters().received;
	await clock.advance(9_000);
	assert.equal(server.counters().received, before);
	await clock.advance(1_000);
	await until(() => server.counters().received > before, 'the next try');
});

test('it ends with 1 and a sentence when the host is not known or the port cannot be had', async () => {
	const unknown = start('a..b', null);
	assert.equal(await unknown.done, 1);
	assert.match(unknown.text(), /'a\.\.b' is not known here/);
	const taken = await Peer.open('0.0.0.0');
	opened.push({ stop: () => taken.close() });
	const deaf = start(null, taken.port);
	assert.equal(await deaf.done, 1);
	assert.match(deaf.text(), new RegExp(`UDP port ${taken.port} .*netmon watch HOST`));
});

test('it ends when it is told to before it began, and when its reader has gone', async () => {
	const clock = new FakeClock();
	const signal = AbortSignal.abort();
	assert.equal(await watch({ host: '127.0.0.1', port: 9, clock, stdout: new Pipe(), signal, env: {} }), 0);
	const pipe = new Pipe();
	const { done } = start('127.0.0.1', 9, pipe);
	await until(() => pipe.written !== '');
	pipe.emit('error', new Error('EPIPE'));
	assert.equal(await done, 0);
	assert.equal(pipe.listenerCount('error'), 0);
});
