import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../fakes/clock.ts';
import { Receiver } from '../fakes/receiver.ts';
import type { TransportFault } from '../fakes/receivertransport.ts';
import { SyncRig } from '../fakes/syncrig.ts';

const agents = 1_000;

/** A thousand agents of one master, and how many requests it got in each second. */
class Fleet {
	readonly clock = new FakeClock();
	readonly perSecond: number[] = [];
	fault: TransportFault | null = null;
	readonly #rigs: SyncRig[];

	constructor() {
		const receiver = new Receiver({ gzip: false });
		this.#rigs = Array.from({ length: agents }, (_, index) => {
			const rig = new SyncRig({ clock: this.clock, receiver, seed: index + 1, sync: { agentId: `agent-${index}` } });
			rig.wake.fault = () => ({ kind: 'status', status: 404 });
			rig.transport.fault = () => {
				const second = Math.floor(this.clock.mono() / 1000);
				this.perSecond[second] = (this.perSecond[second] ?? 0) + 1;
				return this.fault;
			};
			return rig;
		});
		for (const rig of this.#rigs) rig.sync.start();
	}

	/** Requests of the busiest second and of the mean one, from second to second. */
	load(from: number, to: number) {
		const counts = Array.from({ length: to - from }, (_, index) => this.perSecond[from + index] ?? 0);
		return { peak: Math.max(...counts), mean: counts.reduce((sum, count) => sum + count, 0) / counts.length };
	}

	async stop(): Promise<void> {
		for (const rig of this.#rigs) await rig.sync.stop();
	}
}

test('it spreads a thousand agents that are started in one second', async () => {
	const fleet = new Fleet();
	await fleet.clock.advance(130_000);
	const first = fleet.load(0, 10);
	assert.ok(first.mean >= 100 && first.peak < 3 * first.mean, JSON.stringify(first));
	const steady = fleet.load(70, 130);
	assert.ok(steady.mean > 10 && steady.peak < 3 * steady.mean, JSON.stringify(steady));
	await fleet.stop();
});

for (const [name, fault] of [
	['was away', { kind: 'error', code: 'refused' }],
	['was overloaded and said when to come', { kind: 'status', status: 503, headers: { 'retry-after': '30' } }],
] as const) {
	test(`it spreads a thousand agents that come back to a master that ${name}`, async () => {
		const fleet = new Fleet();
		fleet.fault = fault;
		await fleet.clock.advance(120_000);
		const away = fleet.load(60, 120);
		assert.ok(away.peak < 3 * away.mean, JSON.stringify(away));
		fleet.fault = null;
		await fleet.clock.advance(60_000);
		const back = fleet.load(120, 180);
		assert.ok(back.peak < 3 * back.mean, JSON.stringify(back));
		await fleet.stop();
	});
}
