// The WAN of a router with PPPoE over a VLAN, a second WAN and flow offload, over random lives: what map, counters and
// meter make of it together, against the books of the traffic itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WanCounter } from '../../src/engine/wan.ts';
import type { DeviceCounters } from '../../src/record.ts';
import { countersFor, devicesOf, type Offload, readDump, wanMap } from '../../src/sources/wanmap.ts';
import { default4 } from '../fakes/netifd.ts';
import { randomFrom } from '../fakes/random.ts';

const histories = 10_000;
const ticks = 20;
/** Bytes a second and direction. */
const lineRate = 1_000_000;

/** The kernel: PPPoE over eth1.7, and wwan0. Software offload hides what is received from pppoe-wan, not what is sent. */
class Router {
	readonly counters = new Map<string, { ifindex: number; rx: number; tx: number }>();
	offload: Offload = 'off';
	pppoe = true;
	lte = false;
	#nextIfindex = 20;

	constructor() {
		for (const name of ['eth1', 'eth1.7', 'wwan0']) this.#add(name);
		this.#add('pppoe-wan');
	}

	#add(name: string) {
		this.counters.set(name, { ifindex: this.#nextIfindex++, rx: 0, tx: 0 });
	}

	hangUp() {
		this.pppoe = false;
		this.counters.delete('pppoe-wan');
	}

	dial() {
		this.pppoe = true;
		this.#add('pppoe-wan');
	}

	move(down: number, up: number) {
		const offloaded = this.offload === 'off' ? 0 : Math.floor(down * 0.9);
		const through = this.pppoe
			? ([
					['eth1', 0],
					['eth1.7', 0],
					['pppoe-wan', offloaded],
				] as const)
			: this.lte
				? ([['wwan0', 0]] as const)
				: [];
		for (const [name, hidden] of through) {
			const device = this.counters.get(name)!;
			device.rx += down - hidden;
			device.tx += up;
		}
		return through.length > 0;
	}

	/** What netifd says now. */
	map() {
		const entries = [
			{
				interface: 'wan',
				proto: 'pppoe',
				device: 'eth1.7',
				l3_device: 'pppoe-wan',
				up: this.pppoe,
				route: this.pppoe ? [default4()] : [],
			},
			{
				interface: 'lte',
				proto: 'qmi',
				device: 'wwan0',
				l3_device: 'wwan0',
				metric: 20,
				up: this.lte,
				route: this.lte ? [default4()] : [],
			},
		];
		const read = readDump({ interface: entries });
		assert.ok(typeof read !== 'string');
		return wanMap(read, this.offload);
	}

	read(names: readonly string[], tellsIfindex: boolean): DeviceCounters[] {
		return names.flatMap((name) => {
			const device = this.counters.get(name);
			if (!device) return [];
			const { rx, tx } = device;
			// Both sources tell packets, which is what tells a redial from a wrap.
			const packets = { rxPackets: BigInt(Math.ceil(rx / 1_000)), txPackets: BigInt(Math.ceil(tx / 1_000)) };
			return [
				{
					name,
					ifindex: tellsIfindex ? device.ifindex : null,
					rxBytes: BigInt(rx),
					txBytes: BigInt(tx),
					...packets,
				},
			];
		});
	}
}

test(`it never counts a byte twice over ${histories} random lives, and none wrong while nothing changes`, () => {
	const seed = Number(process.env.NETMON_SEED ?? 20261123);
	for (let history = 0; history < histories; history++) {
		const random = randomFrom(seed + history);
		const router = new Router();
		const source = random() < 0.5 ? 'procfs' : 'ubus';
		const counter = new WanCounter({ intervalMs: 1_000, bootId: 'a' });
		let map = router.map();
		const total = { down: 0, up: 0, countedDown: 0, countedUp: 0 };
		let quiet = 0;
		for (let tick = 0; tick < ticks; tick++) {
			const event = random();
			quiet += 1;
			if (event < 0.08) router.offload = router.offload === 'off' ? 'soft' : 'off';
			else if (event < 0.2) router.lte = !router.lte;
			else if (event < 0.35) router.pppoe ? router.hangUp() : router.dial();
			// The map follows by an event or later.
			if (event < 0.35) quiet = 0;
			if (random() < 0.6) map = router.map();
			const down = Math.floor(random() * lineRate);
			const up = Math.floor(random() * lineRate);
			const moved = router.move(down, up);
			if (moved) {
				total.down += down;
				total.up += up;
			}
			const which = `seed ${seed}, history ${history}, tick ${tick}`;
			const devices = countersFor(map, router.read(devicesOf(map), source === 'procfs'));
			const step = counter.take({ source, mono: tick * 1_000, devices, why: '' });
			if (JSON.stringify(map) !== JSON.stringify(router.map())) quiet = 0;
			if (step.kind === 'growth') {
				assert.ok(step.bytes.down >= 0 && step.bytes.up >= 0, which);
				if (step.speed) assert.ok(step.speed.down <= lineRate * 1.5 && step.speed.up <= lineRate * 1.5, which);
				total.countedDown += step.bytes.down;
				total.countedUp += step.bytes.up;
			}
			if (quiet >= 3 && moved) assert.deepEqual(step.kind === 'growth' && step.bytes, { down, up }, which);
			assert.ok(total.countedDown <= total.down && total.countedUp <= total.up, which);
		}
	}
});
