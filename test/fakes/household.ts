// A household on a clock of the test's: a simulated core, a receiver, and the whole agent between them on a disk in memory.
// Each can fail and come back; what the receiver has is held against what the core moved.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Bytes } from '../../src/record.ts';
import { type Running, start } from './agent.ts';
import { FakeClock } from './clock.ts';
import { FakeCore } from './core.ts';
import { FakeDisk } from './disk.ts';
import { coreOf } from './killing.ts';
import { Receiver } from './receiver.ts';
import { ReceiverServer } from './receiverserver.ts';
import { Simulation } from './simulation.ts';
import { until } from './until.ts';

const kinds = ['usage', 'unattributed', 'wan', 'overhead', 'bypass'] as const;
export const agentName = 'attic';
const trustedMs = 600_000;
const restFrames = 8;
const startWall = Date.UTC(2026, 5, 1);

export class Household {
	readonly clock = new FakeClock(startWall);
	readonly simulation = new Simulation({ seed: 5, connections: 40, growing: 1, shorts: 5, startWall });
	readonly core = new FakeCore({ simulation: this.simulation, stepMs: 0, clock: this.clock });
	readonly receiver = new Receiver({ wall: this.clock.wall });
	readonly server = new ReceiverServer({ receiver: this.receiver });
	/** Where the queue's file is; the agent that lives has it. */
	disk = new FakeDisk();
	readonly #folder = mkdtempSync(join(tmpdir(), 'netmon-home-'));
	readonly #intervalMs: number;
	#running: Running | null = null;
	#base: Bytes = { up: 0, down: 0 };
	/** What runs of the core that are over have moved. */
	#ended: Bytes = { up: 0, down: 0 };

	/** @param intervalMs between two frames, and steps of the traffic */
	constructor(intervalMs = 1_000) {
		this.#intervalMs = intervalMs;
		this.simulation.step(1_000);
		this.simulation.rest();
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
		const running = start([...peers, ...more, '--interval', String(this.#intervalMs), '--retry-sync', '0:1000:5000'], {
			clock: this.clock,
			disk: this.disk,
		});
		this.#running = running;
		await this.until(() => this.frames > 0, 'a frame');
	}

	/** In order; the state stays. */
	async stopAgent(): Promise<void> {
		const running = this.#running;
		this.#running = null;
		await running!.stop();
	}

	/** As `kill -9` does: what was on the disk is what the next life finds, and nothing more of this one gets there. */
	async killAgent(): Promise<void> {
		const found = this.disk.afterKill();
		this.failDisk('EIO');
		await this.stopAgent();
		this.disk = found;
	}

	/** Every call of the disk fails from now on; null: it works again. */
	failDisk(code: string | null): void {
		this.disk.fault = code === null ? null : { call: this.disk.calls + 1, code, forever: true };
	}

	get running(): Running {
		return this.#running!;
	}

	get frames(): number {
		if (!existsSync(this.running.statusFile)) return 0;
		return this.running.status().health.find(({ part }) => part === 'mihomo')!.successes;
	}

	/** Seconds of traffic, in steps each of which the agent reads. */
	async pass(seconds: number): Promise<void> {
		const ms = this.#intervalMs;
		for (let left = seconds * 1_000; left > 0; left -= ms) {
			this.simulation.step(ms);
			await this.clock.advance(ms);
			await new Promise((resolve) => setTimeout(resolve, 1));
		}
	}

	/** Nothing moves any more, and the agent knows it. */
	async rest(): Promise<void> {
		this.simulation.rest();
		await this.pass((restFrames * this.#intervalMs) / 1_000);
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
		await this.rest();
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
