// From the core's counters to the master's rows, through the whole agent: what the receiver has is what the core moved,
// whatever becomes of the agent, the master or the way between them.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Bytes } from '../src/record.ts';
import { type Running, start } from './fakes/agent.ts';
import { FakeClock } from './fakes/clock.ts';
import { FakeCore } from './fakes/core.ts';
import { coreOf } from './fakes/killing.ts';
import { randomFrom } from './fakes/random.ts';
import { Receiver } from './fakes/receiver.ts';
import { ReceiverServer } from './fakes/receiverserver.ts';
import { Simulation } from './fakes/simulation.ts';
import { until } from './fakes/until.ts';

const kinds = ['usage', 'unattributed', 'wan', 'overhead', 'bypass'] as const;
const agentName = 'attic';
const trustedMs = 600_000;

interface HomeOptions {
	readonly connections?: number;
	readonly kind?: 'netmon' | 'old';
	readonly startWall?: number;
}

/** A core, a receiver, and an agent between them that can be started anew on the same state. */
class Home {
	readonly clock: FakeClock;
	readonly simulation: Simulation;
	readonly core: FakeCore;
	readonly receiver: Receiver;
	readonly server: ReceiverServer;
	readonly #folder = mkdtempSync(join(tmpdir(), 'netmon-home-'));
	#running: Running | null = null;
	#base: Bytes = { up: 0, down: 0 };
	/** What runs of the core that are over have moved. */
	#ended: Bytes = { up: 0, down: 0 };

	constructor({ connections = 40, kind = 'netmon', startWall = Date.UTC(2026, 5, 1) }: HomeOptions = {}) {
		this.clock = new FakeClock(startWall);
		this.simulation = new Simulation({ seed: 5, connections, growing: 1, shorts: 5, startWall });
		this.simulation.step(1_000);
		this.simulation.rest();
		this.core = new FakeCore({ simulation: this.simulation, stepMs: 0, clock: this.clock });
		this.receiver = new Receiver({ kind, wall: this.clock.wall });
		this.server = new ReceiverServer({ receiver: this.receiver });
	}

	/** All of it, and the baseline taken of a core at rest. */
	async start(t: TestContext): Promise<this> {
		await this.core.start();
		await this.server.start();
		t.after(async () => {
			await this.#running?.stop();
			await this.core.stop();
			await this.server.stop();
			rmSync(this.#folder, { recursive: true, force: true });
		});
		// A machine that has been up for so long is believed what time it is.
		await this.clock.advance(trustedMs);
		this.#base = this.simulation.total;
		await this.startAgent();
		await this.pass(2);
		this.simulation.resume();
		return this;
	}

	async startAgent(): Promise<void> {
		const peers = ['--clash-url', `http://127.0.0.1:${this.core.port}`, '--master-url', this.server.url];
		const more = ['--sync-interval', '5', '--agent-id', agentName, '--wan-source', 'none', '--state-dir', this.#folder];
		const running = start([...peers, ...more, '--retry-sync', '0:1000:5000'], { clock: this.clock });
		this.#running = running;
		await this.until(() => this.frames > 0, 'a frame');
	}

	/** In order; the state stays. */
	async stopAgent(): Promise<void> {
		const running = this.#running;
		this.#running = null;
		await running!.stop();
	}

	get running(): Running {
		return this.#running!;
	}

	get frames(): number {
		if (!existsSync(this.running.statusFile)) return 0;
		return this.running.status().health.find(({ part }) => part === 'mihomo')!.successes;
	}

	/** Seconds of traffic, each of which the agent reads. */
	async pass(seconds: number): Promise<void> {
		for (let second = 0; second < seconds; second += 1) {
			this.simulation.step(1_000);
			await this.clock.advance(1_000);
			await new Promise((resolve) => setTimeout(resolve, 1));
		}
	}

	/** Time goes on until it is so. */
	until(fact: () => boolean, what: string): Promise<void> {
		return until(async () => {
			await this.clock.advance(250);
			return fact();
		}, what);
	}

	/** The core's process dies and comes back. */
	async restartCore(): Promise<void> {
		const { up, down } = this.gained;
		await this.core.kill();
		this.#ended = { up, down };
		this.#base = { up: 0, down: 0 };
		await this.core.start();
	}

	get gained(): Bytes {
		const { up, down } = this.simulation.total;
		return { up: this.#ended.up + up - this.#base.up, down: this.#ended.down + down - this.#base.down };
	}

	/** Brings all to rest, and holds the receiver and the status against the core. */
	async settle(): Promise<void> {
		this.simulation.rest();
		await this.pass(8);
		const truth = this.gained;
		const found = () => coreOf(this.receiver.sums(agentName));
		await this.until(
			() => found().up === truth.up && found().down === truth.down && this.queued === 0,
			`${JSON.stringify(truth)} of the core at the receiver, which has ${JSON.stringify(found())}`,
		).catch(() => assert.deepEqual(found(), truth));
		// status.json is of the last second.
		await this.pass(2);
		this.checkSums(truth);
	}

	get queued(): number {
		const { queue } = this.running.status();
		return kinds.reduce((sum, kind) => sum + Math.abs(queue![kind].queued.up) + Math.abs(queue![kind].queued.down), 0);
	}

	checkSums(truth: Bytes): void {
		const queue = this.running.status().queue!;
		for (const way of ['up', 'down'] as const) {
			for (const kind of kinds) {
				const { sealed, acknowledged, queued, dropped } = queue[kind];
				assert.equal(sealed[way], acknowledged[way] + queued[way] + dropped[way], `${kind} ${way}`);
			}
			assert.equal(queue.usage.sealed[way] + queue.unattributed.sealed[way], truth[way]);
		}
	}
}

test("it brings the core's bytes to the master, to the byte", async (t) => {
	const home = await new Home().start(t);
	await home.pass(20);
	await home.settle();
	home.simulation.resume();
	await home.pass(7);
	await home.settle();
	assert.ok(home.gained.down > 10_000_000);
});

test('it goes on to the byte after a restart of the agent, and what flowed meanwhile is there', async (t) => {
	const home = await new Home().start(t);
	for (let life = 0; life < 3; life += 1) {
		await home.pass(9);
		await home.stopAgent();
		home.simulation.step(5_000);
		await home.clock.advance(5_000);
		await home.startAgent();
	}
	await home.settle();
});

test('it keeps what a master that is away misses, and brings it once', async (t) => {
	const home = await new Home().start(t);
	await home.pass(12);
	await home.server.stop();
	await home.pass(60);
	await home.server.start();
	await home.settle();
});

test('it brings nothing twice where answers are lost after the commit', async (t) => {
	const home = await new Home().start(t);
	let lost = 0;
	home.server.fault = () => {
		if (home.server.syncs % 2 === 0) return null;
		lost += 1;
		return { kind: 'reset', commits: true };
	};
	await home.pass(60);
	await home.settle();
	assert.ok(lost > 3, `${lost} answers were lost`);
});

test('it brings again what a master put back to an older copy has lost', async (t) => {
	const home = await new Home().start(t);
	await home.pass(15);
	const putBack = home.receiver.backup();
	await home.pass(15);
	putBack();
	await home.pass(15);
	await home.settle();
	assert.deepEqual(home.receiver.gapsOf(agentName), []);
});

test('it counts through deaths of the core, the agent and the master, and a stepping clock', async (t) => {
	const home = await new Home().start(t);
	for (const what of ['core', 'agent', 'master', 'clock', 'agent', 'core'] as const) {
		await home.pass(10);
		if (what === 'clock') home.clock.stepWall(3_600_000);
		if (what === 'agent') {
			await home.stopAgent();
			await home.startAgent();
		}
		if (what === 'core') {
			home.simulation.rest();
			await home.pass(8);
			await home.restartCore();
			home.simulation.resume();
		}
		if (what === 'master') {
			await home.server.stop();
			await home.pass(20);
			await home.server.start();
		}
	}
	await home.pass(70);
	await home.settle();
});

/** Of a day that the soak runs whole (86,400). */
const daySeconds = Number(process.env.NETMON_SOAK_DAY_SECONDS ?? 300);
const seed = Number(process.env.NETMON_SEED ?? 1 + Math.floor(Math.random() * 1e9));

test(`it has every byte after ${daySeconds} s of a day in which everything fails (seed ${seed})`, async (t) => {
	const home = await new Home().start(t);
	const random = randomFrom(seed);
	const end = home.clock.mono() + daySeconds * 1_000;
	const happenings: readonly (() => Promise<void>)[] = [
		async () => home.clock.stepWall(Math.round((random() - 0.2) * 7_200_000)),
		async () => {
			await home.stopAgent();
			home.simulation.step(3_000);
			await home.clock.advance(3_000);
			await home.startAgent();
		},
		async () => {
			await home.server.stop();
			await home.pass(1 + random() * 30);
			await home.server.start();
		},
		async () => {
			home.simulation.rest();
			await home.pass(8);
			await home.restartCore();
			home.simulation.resume();
		},
	];
	while (home.clock.mono() < end) {
		await home.pass(5 + random() * 25);
		await happenings[Math.floor(random() * happenings.length)]!();
	}
	await home.pass(70);
	await home.settle();
});
