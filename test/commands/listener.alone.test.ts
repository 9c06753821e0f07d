import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Broadcaster } from '../../src/sinks/broadcast.ts';
import { UdpServer } from '../../src/sinks/udp.ts';
import { Network } from '../../src/system/network.ts';
import { parseBroadcastTarget } from '../../src/system/target.ts';
import { FakeClock } from '../fakes/clock.ts';
import { interfaces } from '../fakes/interfaces.ts';
import { noSpeeds, someLive } from '../fakes/live.ts';
import { Peer, until } from '../fakes/peer.ts';

const speeds =
	'direct up 1000 down 2000, proxy up 300000 down 12000000, bypass up 0 down 5000000000, WAN up 320000 down 5012900000';

function python(t: TestContext): boolean {
	if (spawnSync('python3', ['--version']).status === 0) return true;
	t.skip('no python3: docs/examples/listener.py is not run');
	return false;
}

/** Runs the example; `lines` is what it printed. */
function listen(t: TestContext, argument: string) {
	const child: ChildProcess = spawn('python3', ['docs/examples/listener.py', argument], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let printed = '';
	for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (bytes) => (printed += bytes));
	t.after(async () => {
		child.kill();
		if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
	});
	return { lines: () => printed.split('\n').slice(0, -1) };
}

const identity = { instance: 9, agent: 'router' };

test('it reads frames in the Python example, by registration', async (t) => {
	if (!python(t)) return;
	const clock = new FakeClock();
	const network = new Network({ clock, read: () => interfaces({ lo: ['127.0.0.1/8'] }) });
	const server = new UdpServer({
		port: 0,
		host: '127.0.0.1',
		old: false,
		identity,
		network,
		wanDevices: () => [],
		clock,
	});
	await server.start();
	t.after(() => server.stop());
	const { lines } = listen(t, `127.0.0.1:${server.port}`);
	await until(() => server.counters().clients === 1, 'its registration');
	server.send(someLive());
	server.send(someLive({ speeds: noSpeeds, coreStale: true, wanStale: true }));
	await until(() => lines().length === 2, 'two lines');
	assert.match(lines()[0]!, new RegExp(`^\\d\\d:\\d\\d:\\d\\d #1 ${speeds}$`));
	assert.match(
		lines()[1]!,
		/#2 direct unknown, proxy unknown, bypass unknown, WAN unknown, mihomo is stale, WAN is stale$/,
	);
	assert.equal(server.counters().refused, 0);
});

test('it reads frames in the Python example, by broadcast', async (t) => {
	if (!python(t)) return;
	const clock = new FakeClock();
	const asked = await Peer.open('0.0.0.0');
	const { port } = asked;
	await asked.close();
	const target = parseBroadcastTarget(`lo:${port}`);
	assert.ok(typeof target !== 'string');
	const network = new Network({ clock, read: () => interfaces({ lo: ['127.0.0.1/8'] }) });
	const options = { targets: [target], identity, network, wanDevices: () => [], lanDevices: () => null, clock };
	const broadcaster = new Broadcaster(options);
	await broadcaster.start();
	t.after(() => broadcaster.stop());
	const { lines } = listen(t, `:${port}`);
	await until(() => {
		broadcaster.send(someLive());
		return lines().length > 0;
	}, 'a line');
	assert.ok(lines()[0]!.endsWith(speeds), lines()[0]);
});

test('it keeps the Python example short enough to read', () => {
	assert.ok(readFileSync('docs/examples/listener.py', 'utf8').split('\n').length <= 60);
});
