// The whole agent on a router that lives: what status.json says of the WAN, against the router's own books, by each of
// the three ways and through everything that may happen to them.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWanSources } from '../src/wansources.ts';
import { type Running, start } from './fakes/agent.ts';
import type { releases } from './fakes/lucirelease.ts';
import { until } from './fakes/until.ts';
import { WanRouter } from './fakes/wanrouter.ts';

type Way = 'procfs' | 'ubus' | 'luci' | 'auto';

interface Life {
	readonly router: WanRouter;
	readonly running: Running;
	/** So many seconds, in each of which the WAN moves that much. */
	flow(seconds: number, down?: number, up?: number): Promise<void>;
	/** Seconds without traffic, until something is so. */
	rest(fact?: () => boolean): Promise<void>;
	devices(): readonly string[];
}

interface Scenario {
	readonly title: string;
	readonly ways: readonly Way[];
	/** Before the agent starts. */
	readonly prepare?: (router: WanRouter) => void;
	readonly live: (life: Life) => Promise<void>;
	readonly release?: keyof typeof releases;
	/** Received a second; half of it is sent. */
	readonly speed?: number;
	/** How many are the WAN at first. */
	readonly devices?: number;
}

const all = ['procfs', 'ubus', 'luci'] as const;
/** A LuCI whose rpcd was away is asked again after minutes at the latest. */
const longestRestS = 400;

const scenarios: readonly Scenario[] = [
	{
		title: 'a PPPoE line that redials: another device under the same name',
		ways: all,
		live: async ({ router, flow, rest }) => {
			await flow(10);
			// Where no device's number is told, a new line is known by counters that are lower.
			for (const seconds of [9, 6, 3]) {
				await rest();
				router.hangUp();
				await flow(3);
				router.dial();
				await flow(seconds);
			}
		},
	},
	{
		title: 'a restart of netifd',
		ways: ['procfs', 'ubus'],
		live: async ({ router, flow }) => {
			router.netifd.stop();
			await flow(5);
			router.netifd.start();
			await flow(5);
		},
	},
	{
		title: 'a restart of ubusd, and everybody on it',
		ways: ['procfs', 'ubus'],
		live: async ({ router, flow }) => {
			await router.ubusd.stop();
			await flow(5);
			router.netifd.start();
			await router.ubusd.start();
			await flow(12);
		},
	},
	{
		title: 'a restart of rpcd, which forgets every session',
		ways: ['luci'],
		live: async ({ router, flow, rest }) => {
			router.luci.away = true;
			router.luci.expireSessions();
			await flow(5);
			router.luci.away = false;
			await flow(10);
			await rest();
			router.luci.expireSessions();
			await flow(5);
		},
	},
	{
		title: 'a reboot of the router',
		ways: ['luci'],
		live: async ({ router, running, flow, rest }) => {
			await flow(15);
			await rest();
			const port = Number(new URL(router.luci.url).port);
			await router.luci.stop();
			router.reboot();
			await flow(10);
			await router.luci.start(port);
			await rest(() => running.status().health.find(({ part }) => part === 'wan')!.state === 'up');
			await flow(5);
		},
	},
	{
		title: 'a failover to another WAN and back',
		ways: all,
		live: async ({ router, flow, rest, devices }) => {
			await rest();
			router.hangUp();
			router.failOver();
			await rest(() => devices()[0] === 'wwan0');
			await flow(5);
			await rest();
			router.dial();
			await rest(() => devices()[0] === 'pppoe-wan');
			await flow(5);
		},
	},
	{
		title: 'PPPoE over a VLAN with software flow offload',
		ways: all,
		prepare: (router) => {
			router.offload = true;
		},
		devices: 2,
		live: async ({ flow, devices }) => {
			await flow(5);
			assert.deepEqual([...devices()].sort(), ['eth1.7', 'pppoe-wan']);
		},
	},
	{
		title: 'a WAN of IPv6 alone',
		ways: ['procfs', 'ubus', 'auto'],
		prepare: (router) => {
			router.family = 6;
		},
		live: ({ flow }) => flow(5),
	},
	{
		title: 'counters of 32 bits that wrap',
		ways: ['procfs'],
		prepare: (router) => {
			router.narrow = true;
			router.setCounters(2n ** 32n - 400_000_000n);
		},
		speed: 300_000_000,
		live: ({ flow }) => flow(20),
	},
	{
		title: 'the counters of LuCI before 19.07, 32 bits that wrap',
		ways: ['luci'],
		release: '18.06',
		prepare: (router) => {
			router.luci.insteadOf.set('/cgi-bin/luci/admin/network/iface_status', { status: 404, headers: {}, body: '' });
			router.setCounters(2n ** 32n - 400_000_000n);
		},
		speed: 200_000_000,
		live: ({ flow }) => flow(20),
	},
];

/** `config router` as the init script renders it. */
const rendered = (offload: boolean) =>
	`config agent 'main'\n\nconfig router 'router'\n\toption flow_offload '${offload ? 1 : 0}'\n`;

async function play(scenario: Scenario, way: Way): Promise<void> {
	const { prepare, live, release = '25.12', speed = 1_000_000, devices = 1 } = scenario;
	const folder = mkdtempSync(join(tmpdir(), 'netmon-wan-'));
	const router = new WanRouter(folder, release);
	prepare?.(router);
	await router.start();
	writeFileSync(join(folder, 'password'), router.luci.password, { mode: 0o600 });
	writeFileSync(join(folder, 'config'), rendered(router.offload), { mode: 0o600 });
	const luci = ['--luci-url', router.luci.url, '--luci-password-file', join(folder, 'password')];
	const named = release === '18.06' ? ['--wan-device', 'pppoe-wan'] : [];
	const running = start(
		[
			'--clash-url',
			'http://127.0.0.1:9',
			'--wan-source',
			way,
			...(way === 'luci' ? luci : []),
			...named,
			'--config',
			join(folder, 'config'),
		],
		{
			openSources: (options) =>
				openWanSources({ ...options, openwrt: true, ubusPaths: [router.ubusd.path], kernel: router.kernel }),
		},
	);
	const told = () => (existsSync(running.statusFile) ? running.status() : null);
	const fastest = { up: 0, down: 0 };
	const second = async () => {
		for (let quarter = 0; quarter < 4; quarter += 1) {
			await running.clock.advance(250);
			await new Promise((resolve) => setTimeout(resolve, 2));
		}
		const wan = told()?.speeds.wan;
		assert.ok(!wan || (wan.up <= 1.01 * speed * 2 && wan.down <= 1.01 * speed * 2), JSON.stringify(wan));
		fastest.down = Math.max(fastest.down, wan?.down ?? 0);
	};
	const life: Life = {
		router,
		running,
		flow: async (seconds, down = speed, up = speed / 2) => {
			for (let i = 0; i < seconds; i += 1) {
				router.move(down, up);
				await second();
			}
		},
		rest: async (fact = () => true) => {
			for (let i = 0; i < 4 || !fact(); i += 1) {
				assert.ok(i < longestRestS, `not within ${longestRestS} s: ${fact}\n${running.log.join('')}`);
				router.move(0, 0);
				await second();
			}
		},
		devices: () => told()?.wan.devices ?? [],
	};
	try {
		await life.rest(() => Boolean(told()?.totals.wan) && life.devices().length === devices);
		await life.flow(5);
		await live(life);
		const same = () => JSON.stringify(told()!.totals.wan) === JSON.stringify(router.moved);
		for (let i = 0; i < longestRestS && !same(); i += 1) {
			router.move(0, 0);
			await second();
		}
		assert.deepEqual(told()!.totals.wan, router.moved, running.log.join(''));
		assert.ok(router.moved.down > 5 * speed && fastest.down > 0);
		await running.stop();
		assert.equal(running.clock.pending, 0);
	} finally {
		await running.stop();
		await router.stop();
		rmSync(folder, { recursive: true, force: true });
	}
}

for (const scenario of scenarios)
	for (const way of scenario.ways)
		test(`it counts the truth by ${way} through ${scenario.title}`, async () => {
			await play(scenario, way);
		});

test('it falls from procfs to ubus where /proc is not the router, says why, and climbs back', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-wan-'));
	const router = new WanRouter(folder, '25.12');
	await router.start();
	// A container's own network: a WAN by its routes, but not the one that netifd tells of.
	const container = new WanRouter(join(folder, 'container'), '25.12');
	container.line = 'lte';
	container.show();
	const dev = (of: WanRouter) => join(of.kernel.proc, 'net', 'dev');
	writeFileSync(dev(container), readFileSync(dev(container), 'utf8').replaceAll(/^(pppoe-wan|eth1.*):.*$/gm, ''));
	const running = start(['--clash-url', 'http://127.0.0.1:9', '--wan-source', 'auto'], {
		openSources: (options) =>
			openWanSources({ ...options, openwrt: true, ubusPaths: [router.ubusd.path], kernel: container.kernel }),
	});
	t.after(async () => {
		await running.stop();
		await router.stop();
		rmSync(folder, { recursive: true, force: true });
	});
	let seen = false;
	const second = async () => {
		if (seen) copyFileSync(dev(router), dev(container));
		for (let quarter = 0; quarter < 4; quarter += 1) {
			await running.clock.advance(250);
			await new Promise((resolve) => setTimeout(resolve, 1));
		}
	};
	const flow = async () => {
		for (let i = 0; i < 5; i += 1) {
			router.move(1_000, 500);
			await second();
		}
		await second();
		await second();
		assert.deepEqual(running.status().totals.wan, router.moved);
	};
	await until(async () => {
		await second();
		return existsSync(running.statusFile) && running.status().wan.source === 'ubus' && running.status().totals.wan;
	});
	assert.deepEqual(running.status().totals.wan, { up: 0, down: 0 });
	assert.match(running.status().wan.why, /procfs did not do: netifd says that pppoe-wan is up, but \/proc has it not/);
	await flow();
	seen = true;
	await until(async () => {
		await second();
		return running.status().wan.source === 'procfs';
	});
	assert.match(running.status().wan.why, /it works again and comes before the others/);
	await flow();
});
