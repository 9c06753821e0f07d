// The built agent and the receiver's program beside a simulated core that outlives them: killed at random moments, then
// brought to rest, so that the receiver's sums can be held against the core's.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Bytes } from '../../src/record.ts';
import type { QueueSums, Status } from '../../src/sinks/statusfile.ts';
import { FakeCore } from './core.ts';
import { alone, folderFor, healthIn, netmon, type Program, start, statusIn } from './netmon.ts';
import { randomFrom } from './random.ts';
import { Receiver } from './receiver.ts';
import { Simulation } from './simulation.ts';

export interface KillingOptions {
	readonly t: TestContext;
	readonly seed: number;
	/** Chance that traffic falls into a frame's seams; 0 = counters never run ahead of the totals. */
	readonly interleave?: number;
}

const settleMs = 60_000;
/** As many as the account looks at, to know rest from a seam between two frames. */
const restFrames = 5;
/** The first may have begun before, the second may not have sealed: it was woken early. */
const wholeSyncs = 3;
const agentName = 'attic';

/** Below the ports that systems give out by themselves: nobody takes it while its owner is dead for a moment. */
export function fixedPort(): number {
	return 20_000 + Math.floor(Math.random() * 10_000);
}

export class Killing {
	readonly core: FakeCore;
	readonly random: () => number;
	readonly #t: TestContext;
	readonly #folder: string;
	readonly #receiverFile: string;
	#agent: Program | null = null;
	#receiver: Program | null = null;
	#port = fixedPort();
	#base: Bytes = { up: 0, down: 0 };
	/** Every life of the agent, for whoever looks for what went wrong. */
	readonly #lives: Program[] = [];

	constructor({ t, seed, interleave = 0.5 }: KillingOptions) {
		this.#t = t;
		// Before its folder goes.
		const keep = process.env.NETMON_SOAK_KEEP;
		if (keep) t.after(() => this.#keepAll(join(keep, String(seed))));
		this.#folder = folderFor(t);
		this.#receiverFile = join(folderFor(t), 'receiver');
		this.random = randomFrom(seed);
		const startWall = Date.now();
		const simulation = new Simulation({ seed, connections: 40, growing: 1, shorts: 5, interleave, startWall });
		simulation.step(1_000);
		simulation.rest();
		this.core = new FakeCore({ simulation, stepMs: 50, listen: { kind: 'tcp', port: fixedPort() } });
	}

	/** Both run, and the first baseline is on disk, of a core at rest. */
	async start(): Promise<void> {
		await this.core.start();
		this.#t.after(() => this.core.stop());
		this.#base = this.core.simulation.total;
		await this.startReceiver();
		this.startAgent();
		const agent = this.#agent!;
		await agent.until(() => (healthIn(this.#folder, 'mihomo')?.successes ?? 0) > 1, 'frames');
		const commits = () => healthIn(this.#folder, 'queue')?.successes ?? 0;
		const before = commits();
		await agent.until(() => commits() > before + 1, 'a commit after the baseline');
		this.core.simulation.resume();
	}

	startAgent(): void {
		const peers = [
			'--clash-url',
			`http://127.0.0.1:${this.core.port}`,
			'--master-url',
			`http://127.0.0.1:${this.#port}`,
		];
		const quick = ['--interval', '100', '--commit-interval', '1', '--sync-interval', '1', '--retry-mihomo', '0:50:200'];
		const more = [
			'--retry-sync',
			'0:50:500',
			'--agent-id',
			agentName,
			'--listen-port',
			'0',
			'--log-connections',
			'off',
			'--log-level',
			'debug',
		];
		const wan = ['--wan-source', 'procfs', '--wan-device', 'lo'];
		const command = [...netmon, 'agent', ...alone, '--state-dir', this.#folder, ...peers, ...quick, ...more, ...wan];
		this.#agent = start(this.#t, command);
		this.#lives.push(this.#agent);
	}

	async startReceiver(): Promise<void> {
		const program = [
			'build/test/fakes/receiver.program.js',
			'--file',
			this.#receiverFile,
			'--port',
			String(this.#port),
		];
		const receiver = start(this.#t, [process.execPath, ...program]);
		await receiver.until(() => receiver.lines.length > 0, 'its port');
		this.#receiver = receiver;
		this.#port = JSON.parse(receiver.lines[0]!).port;
	}

	async killAgent(): Promise<void> {
		this.#agent!.kill('SIGKILL');
		await this.#agent!.ended;
	}

	async killReceiver(): Promise<void> {
		this.#receiver!.kill('SIGKILL');
		await this.#receiver!.ended;
	}

	/** Resolves after a random while, at most `ms`. */
	async while(ms: number): Promise<void> {
		const wanted = this.random() * ms;
		await new Promise((resolve) => setTimeout(resolve, wanted));
	}

	/** Stops the traffic, and the agent in order, once nothing more waits. Answers what the receiver has. */
	async rest(): Promise<Record<string, Bytes>> {
		this.core.simulation.rest();
		const agent = this.#agent!;
		// Frames of a core at rest, then a sync that began after them, and a status that tells of both.
		await this.#successes('mihomo', restFrames);
		await this.#successes('sync', wholeSyncs);
		await agent.until(() => this.#allAcknowledged(), 'that nothing waits', settleMs);
		agent.kill();
		assert.equal(await agent.ended, 0, agent.errors);
		await this.killReceiver();
		const receiver = new Receiver();
		receiver.fromText(readFileSync(this.#receiverFile, 'utf8'));
		return receiver.sums(agentName);
	}

	#allAcknowledged(): boolean {
		const queue = this.#status()?.queue;
		if (!queue) return false;
		let waiting = 0;
		for (const kind of ['usage', 'unattributed', 'wan', 'overhead', 'bypass'] as const) {
			const { sealed, acknowledged, queued, dropped }: QueueSums = queue[kind];
			for (const way of ['up', 'down'] as const) {
				assert.equal(sealed[way], acknowledged[way] + queued[way] + dropped[way], `${kind} ${way}`);
				if (kind === 'usage' || kind === 'unattributed') waiting += Math.abs(queued[way]);
			}
		}
		return waiting === 0;
	}

	/** Of the life that runs; null before it has said anything. */
	#status(): Status | null {
		const status = statusIn(this.#folder);
		return status?.process.pid === this.#agent!.pid ? status : null;
	}

	/** Resolves when a part has told `more` successes than it had when this was called. */
	async #successes(part: string, more: number): Promise<void> {
		const began = Date.now();
		const agent = this.#agent!;
		const count = () => {
			const status = this.#status();
			if (!status || Date.parse(status.updated) < began) return null;
			return status.health.find((row) => row.part === part)!.successes;
		};
		await agent.until(() => count() !== null, 'a status', settleMs);
		const before = count()!;
		await agent.until(() => count()! >= before + more, `${more} more successes of ${part}`, settleMs);
	}

	/** Download that the core had moved when this was called; resolves when a frame and then a commit have followed. */
	async committed(): Promise<number> {
		const { down } = this.gained;
		await this.#successes('mihomo', 1);
		await this.#successes('queue', 1);
		return down;
	}

	/** State, receiver's file and the log of each life. */
	#keepAll(folder: string): void {
		const log = this.#lives.map(({ pid, errors }) => `== ${pid}\n${errors}`).join('\n');
		cpSync(this.#folder, join(folder, 'state'), { recursive: true, filter: (path) => !path.endsWith('.sock') });
		cpSync(this.#receiverFile, join(folder, 'receiver'), { recursive: true });
		writeFileSync(join(folder, 'log'), log);
	}

	/** The core begins at 0, and the agent knows it. */
	forgetBase(): void {
		this.#base = { up: 0, down: 0 };
	}

	/** Of the newest run of the core, since the agent's first baseline. */
	get gained(): Bytes {
		const { up, down } = this.core.simulation.total;
		return { up: up - this.#base.up, down: down - this.#base.down };
	}
}

/** What a receiver has of the core: named and unnamed. */
export function coreOf(sums: Readonly<Record<string, Bytes>>): Bytes {
	const parts = Object.entries(sums).filter(([key]) => key.startsWith('usage') || key === 'unattributed');
	return parts.reduce((all, [, { up, down }]) => ({ up: all.up + up, down: all.down + down }), { up: 0, down: 0 });
}

/** Kills agent, receiver or both `rounds` times; the core lives on. Answers what was found and what is the truth. */
export async function killRounds(options: KillingOptions, rounds: number) {
	const killing = new Killing(options);
	await killing.start();
	for (let round = 0; round < rounds; round += 1) {
		await killing.while(2_500);
		const which = killing.random();
		if (which < 0.7) await killing.killAgent();
		if (which > 0.5) await killing.killReceiver();
		await killing.while(300);
		if (which > 0.5) await killing.startReceiver();
		if (which < 0.7) killing.startAgent();
	}
	const sums = await killing.rest();
	return { found: coreOf(sums), truth: killing.gained, unnamed: sums.unattributed ?? { up: 0, down: 0 } };
}

/**
 * Agent and core die at one moment, `rounds` times. Answers what the receiver has, what the core moved (`most`), and what
 * of it the agent had committed for certain (`least`).
 */
export async function killTogether(options: Omit<KillingOptions, 'interleave'>, rounds: number) {
	// Counters ahead of their totals stay ahead where a run ends under flow: that is another test's business.
	const killing = new Killing({ ...options, interleave: 0 });
	const { simulation } = killing.core;
	await killing.start();
	let most = 0;
	let least = 0;
	for (let round = 0; round < rounds; round += 1) {
		await killing.while(1_000);
		least += await killing.committed();
		await killing.while(2_000);
		const dying = killing.killAgent();
		const dead = killing.gained.down;
		simulation.rest();
		await dying;
		await killing.core.kill();
		most += dead;
		killing.forgetBase();
		await killing.core.start();
		killing.startAgent();
		simulation.resume();
	}
	const found = coreOf(await killing.rest()).down;
	const last = killing.gained.down;
	return { found, most: most + last, least: least + last };
}
