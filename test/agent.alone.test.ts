// The built agent on a router of network namespaces, under real traffic through a core and past it: what a LAN host
// hears, what the status file says, and what the three other commands show.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { Bytes } from '../src/record.ts';
import type { Status } from '../src/sinks/statusfile.ts';
import { alone, folderFor, netmon, Program, statusIn } from './fakes/netmon.ts';
import { lanRouterAddress, openRouter, type Router, wanHostAddress, whyNoNamespaces } from './fakes/netns.ts';

const forwarderPort = '7890';
const controllerPort = '9090';
const serverPort = '8080';
/** What the core has not read yet when a connection closes, and what it does not count of each. */
const uncountedBytes = 4_096;
const why =
	whyNoNamespaces() ?? (spawnSync('python3', ['--version']).error ? 'no python3: the LAN listens by it' : null);

/** Prints a line for each UDP datagram that arrives at this host. */
const sniffer = `
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind(("eth0", 0))
print("ready", flush=True)
while True:
    p, (_, _, kind, *_) = s.recvfrom(4096)
    if kind != 4 and (p[12:14] == b"\\x08\\x00" and p[23] == 17 or p[12:14] == b"\\x86\\xdd" and p[20] == 17):
        print(p[14:60].hex(), flush=True)
`;

type Name = 'direct' | 'proxy' | 'bypass' | 'WAN';

/** A line of docs/examples/listener.py; null = unknown. */
function readLine(line: string): Record<Name, Bytes | null> {
	const speeds = (['direct', 'proxy', 'bypass', 'WAN'] as const).map((name) => {
		const [, up, down] = new RegExp(`${name} up (\\d+) down (\\d+)`).exec(line) ?? [];
		return [name, up === undefined ? null : { up: Number(up), down: Number(down) }];
	});
	return Object.fromEntries(speeds);
}

/** docs/udp.md, the old frame of 48 bytes, a line of hex. */
function readOld(hex: string): Record<'direct' | 'proxy' | 'bypass', Bytes> {
	const bytes = Buffer.from(hex, 'hex');
	assert.equal(bytes.length, 48);
	const pair = (at: number) => ({ up: Number(bytes.readBigUInt64LE(at)), down: Number(bytes.readBigUInt64LE(at + 8)) });
	return { direct: pair(0), proxy: pair(16), bypass: pair(32) };
}

async function traffic(router: Router, ...args: string[]): Promise<Bytes> {
	return JSON.parse(await router.lan.exec(process.execPath, 'build/test/fakes/traffic.program.js', ...args));
}

const total = (bytes: Bytes) => bytes.up + bytes.down;
const minus = (a: Bytes, b: Bytes): Bytes => ({ up: a.up - b.up, down: a.down - b.down });
const near = (value: number, truth: number, share: number) => Math.abs(value / truth - 1) < share;

test('it tells the LAN what flows through the core and past it, and the WAN nothing', {
	skip: why ?? false,
}, async (t) => {
	const router = await openRouter();
	t.after(() => router.close());
	const folder = folderFor(t);
	const onWan = new Program(router.wan.spawn('python3', '-c', sniffer));
	await onWan.until(() => onWan.lines.length > 0, 'the sniffer');
	await router.wan.program('traffic', 'serve', serverPort);
	await router.router.program('forwarder', forwarderPort, wanHostAddress, serverPort, controllerPort);
	const own = [...alone, '--state-dir', folder, '--clash-url', `http://127.0.0.1:${controllerPort}`];
	const agentFlags = [...own, '--udp-broadcast', 'lan0', '--view', 'on', '--log-connections', 'off'];
	const agent = new Program(router.router.spawn('sh', '-c', 'exec "$@" 2>&1', 'sh', ...netmon, 'agent', ...agentFlags));
	const broadcasts = new Program(router.lan.spawn('python3', 'docs/examples/listener.py'));
	const status = () => statusIn(folder) as Status;
	const through = [lanRouterAddress, forwarderPort] as const;
	const past = [wanHostAddress, serverPort] as const;
	await agent.until(() => statusIn(folder)?.core.connected && statusIn(folder)?.speeds.bypass, 'core and WAN');
	await broadcasts.until(() => broadcasts.lines.length > 0, 'frames');

	/** Lets traffic run, until what it moved is settled. */
	async function during(...runs: string[][]) {
		const before = status().totals;
		const heard = listeners.map(({ lines }) => lines.length);
		const began = performance.now();
		const moved = await Promise.all(runs.map((run) => traffic(router, ...run)));
		const seconds = (performance.now() - began) / 1000;
		// Bypass shows 4 s late, and at rest the sums are exact.
		const frames = broadcasts.lines.length + 6;
		await broadcasts.until(() => broadcasts.lines.length >= frames, 'six seconds of rest');
		const after = status().totals;
		const grown = (name: 'core' | 'wan' | 'bypass' | 'overhead') => minus(after[name]!, before[name]!);
		const lines = listeners.map((listener, index) => listener.lines.slice(heard[index]));
		return { moved, seconds, lines, core: grown('core'), wan: grown('wan'), bypass: grown('bypass'), after };
	}

	await t.test('it shows the same to netmon watch, status and doctor', async () => {
		const asked = new Program(router.lan.spawn(...netmon, 'watch', lanRouterAddress));
		const found = new Program(router.lan.spawn(...netmon, 'watch'));
		const flow = traffic(router, 'down', ...through, '4000000', '5');
		for (const watch of [asked, found]) {
			await watch.until(() => /direct.*\b[34]\.\d+ MB\/s/.test(watch.out), '4 MB/s in netmon watch');
			watch.kill('SIGINT');
			assert.equal(await watch.ended, 0, watch.errors);
		}
		const told = await router.router.exec(...netmon, 'status', ...own);
		assert.match(told, /core +\S+: connected, a forwarder, \d+ connections/);
		assert.match(told, /wan +procfs, wan0: /);
		assert.match(told, /direct .*[34]\.\d+ MB\/s/);
		const checked = await router.router.exec(...netmon, 'doctor', ...own);
		assert.match(checked, /^ok +agent +runs as process \d+$/m);
		assert.match(checked, /^ok +core +\S+ is a core of version a forwarder/m);
		assert.match(checked, /^ok +wan +procfs: wan0: /m);
		assert.match(checked, /^nothing is wrong$/m);
		await flow;
		await agent.until(() => total(status().speeds.core ?? { up: 1, down: 1 }) === 0, 'rest');
	});

	const registered = new Program(router.lan.spawn('python3', 'docs/examples/listener.py', lanRouterAddress));
	const old = new Program(
		router.lan.spawn(process.execPath, 'build/test/fakes/display.program.js', lanRouterAddress, '17890'),
	);
	const listeners = [broadcasts, registered, old];
	for (const listener of listeners) await listener.until(() => listener.lines.length > 0, 'frames');

	await t.test('it reads under 2 % bypass when everything goes through the core', async (t) => {
		const { moved, seconds, lines, core, wan, bypass, after } = await during(
			['down', ...through, '8000000', '5'],
			['up', ...through, '2000000', '5'],
			['small', ...through, '30', '5'],
		);
		t.diagnostic(`WAN ${wan.down} down ${wan.up} up, bypass ${bypass.down} down ${bypass.up} up`);
		const truth = moved.reduce((sum, { up, down }) => ({ up: sum.up + up, down: sum.down + down }));
		assert.equal(core.down, truth.down);
		assert.ok(core.up <= truth.up && core.up > truth.up - 152 * uncountedBytes, `${core.up} of ${truth.up}`);
		assert.equal(total(after.attributed!) + total(after.unattributed!), total(after.core!));
		assert.ok(wan.down > core.down && wan.up > core.up, JSON.stringify({ wan, core }));
		assert.ok(total(bypass) < 0.02 * total(wan), JSON.stringify(bypass));
		for (const [index, read] of [readLine, readLine, readOld].entries()) {
			// A machine that is busy lets frames out: the others must not hold more than flowed, nor all of them less than the mean.
			const speeds = lines[index]!.map((line) => read(line).direct);
			for (const way of ['up', 'down'] as const) {
				const shown = speeds.map((speed) => speed?.[way] ?? 0);
				const sum = shown.reduce((bytes, speed) => bytes + speed, 0);
				const mean = core[way] / seconds;
				assert.ok(sum < 1.1 * core[way], `listener ${index} ${way}: ${sum} of ${core[way]}`);
				assert.ok(
					Math.max(...shown) > 0.9 * mean,
					`listener ${index} ${way}: at most ${Math.max(...shown)}, mean ${mean}`,
				);
			}
		}
	});

	await t.test('it reads 1 MB/s of bypass within 10 %, each way, beside the core', async (t) => {
		const { moved, lines, bypass } = await during(
			['down', ...past, '1000000', '6'],
			['up', ...past, '1000000', '6'],
			['down', ...through, '5000000', '6'],
		);
		t.diagnostic(`bypass ${bypass.down} down ${bypass.up} up of ${moved[0]!.down} and ${moved[1]!.up}`);
		assert.ok(near(bypass.down, moved[0]!.down, 0.1) && near(bypass.up, moved[1]!.up, 0.1), JSON.stringify(bypass));
		for (const [index, read] of [readLine, readLine, readOld].entries()) {
			// Every frame's speed is that of one second: together they are what flowed.
			const sum = lines[index]!.reduce((bytes, line) => bytes + (read(line).bypass?.down ?? 0), 0);
			assert.ok(near(sum, moved[0]!.down, 0.15), `listener ${index}: ${sum} of ${moved[0]!.down}`);
		}
	});

	await t.test('it ends in order on SIGTERM, and its status file with it', async () => {
		agent.kill();
		assert.equal(await agent.ended, 0);
		assert.equal(statusIn(folder), null);
		assert.doesNotMatch(agent.out, / (WARN|ERROR) /);
	});
	assert.deepEqual(onWan.lines, ['ready'], 'a datagram left by the WAN');
	assert.deepEqual(
		old.lines.filter((line) => line.length !== 96 && line.length !== 64),
		[],
	);
});
