import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import WebSocket from 'ws';
import { Bypass, type BypassSums } from '../../src/engine/bypass.ts';
import { WanCounter } from '../../src/engine/wan.ts';
import type { Bytes } from '../../src/record.ts';
import { ProcfsWan } from '../../src/sources/procfs.ts';
import { systemClock } from '../../src/system/clock.ts';
import { lanRouterAddress, openRouter, type Router, wanHostAddress, whyNoNamespaces } from '../fakes/netns.ts';

const forwarderPort = '7890';
const serverPort = '8080';
const why = whyNoNamespaces();

interface Frame {
	readonly uploadTotal: number;
	readonly downloadTotal: number;
	readonly connections: readonly { readonly id: string }[] | null;
}

/** The agent's arithmetic on the router's own counters, fed by the forwarder's frames. */
class Meter {
	readonly bypass = new Bypass();
	readonly #wan: ProcfsWan;
	readonly #counter = new WanCounter({ intervalMs: 1000, bootId: null });
	readonly #socket: WebSocket;
	#core: Bytes | null = null;
	#ids = new Set<string>();
	#settled: (() => void)[] = [];

	constructor(controller: string, routerPid: number) {
		// A process of the router shows the router's network under its own number.
		this.#wan = new ProcfsWan({ clock: systemClock, proc: `/proc/${routerPid}`, sys: '/nowhere' });
		this.#socket = new WebSocket(`ws+unix://${controller}:/connections`);
		this.#socket.on('message', (data) => void this.#frame(JSON.parse(String(data))));
	}

	/** The sums after `frames` more frames. */
	async after(frames: number): Promise<BypassSums> {
		for (let i = 0; i < frames; i++) await new Promise<void>((resolve) => this.#settled.push(resolve));
		return this.bypass.sums!;
	}

	async close(): Promise<void> {
		this.#socket.terminate();
		await this.#wan.stop();
	}

	async #frame({ uploadTotal, downloadTotal, connections }: Frame): Promise<void> {
		const step = this.#counter.take(await this.#wan.sample());
		const core = { up: uploadTotal, down: downloadTotal };
		const before = this.#core;
		this.#core = core;
		const listed = (connections ?? []).map(({ id }) => id);
		const opened = listed.filter((id) => !this.#ids.has(id)).length;
		this.#ids = new Set(listed);
		if (!before || step.kind !== 'growth') return;
		this.bypass.wanGrew(step);
		const grown = { up: core.up - before.up, down: core.down - before.down };
		this.bypass.coreGrew({ core: grown, proxied: { up: 0, down: 0 }, connections: opened });
		this.bypass.settle(systemClock.mono());
		for (const settled of this.#settled.splice(0)) settled();
	}
}

async function traffic(router: Router, ...args: string[]): Promise<Bytes> {
	return JSON.parse(await router.lan.exec(process.execPath, 'build/test/fakes/traffic.program.js', ...args));
}

const minus = (a: Bytes, b: Bytes): Bytes => ({ up: a.up - b.up, down: a.down - b.down });
const total = (bytes: Bytes) => bytes.up + bytes.down;

test('it tells bypass from the core on real packets', { skip: why ?? false }, async (t) => {
	const router = await openRouter();
	t.after(() => router.close());
	const folder = mkdtempSync(join(tmpdir(), 'netmon-wan-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const controller = join(folder, 'controller.sock');
	await router.wan.program('traffic', 'serve', serverPort);
	const core = await router.router.program('forwarder', forwarderPort, wanHostAddress, serverPort, controller);
	const meter = new Meter(controller, core.pid!);
	t.after(() => meter.close());
	const through = [lanRouterAddress, forwarderPort] as const;
	const past = [wanHostAddress, serverPort] as const;

	/** Lets traffic run, until the counters rest; what it moved and what was read of it. */
	async function during(...runs: string[][]) {
		const before = await meter.after(1);
		const moved = await Promise.all(runs.map((run) => traffic(router, ...run)));
		const after = await meter.after(6);
		const wan = minus(after.wan, before.wan);
		const bypass = minus(after.bypass, before.bypass);
		t.diagnostic(`WAN ${wan.down} down ${wan.up} up, bypass ${bypass.down} down ${bypass.up} up`);
		return { moved, wan, bypass };
	}

	await t.test('it reads under 2 % bypass when everything goes through the core', async () => {
		const { wan, bypass } = await during(
			['down', ...through, '8000000', '5'],
			['up', ...through, '2000000', '5'],
			['small', ...through, '30', '5'],
		);
		assert.ok(wan.down > 40e6 && wan.up > 10e6, JSON.stringify(wan));
		assert.ok(total(bypass) < 0.02 * total(wan), JSON.stringify(bypass));
	});

	await t.test('it reads 1 MB/s of bypass within 10 %, each way, beside the core', async () => {
		const { moved, bypass } = await during(
			['down', ...past, '1000000', '6'],
			['up', ...past, '1000000', '6'],
			['down', ...through, '5000000', '6'],
		);
		for (const [way, truth] of [
			['down', moved[0]!.down],
			['up', moved[1]!.up],
		] as const) {
			assert.ok(Math.abs(bypass[way] / truth - 1) < 0.1, `${way}: ${bypass[way]} of ${truth}`);
		}
	});
});
