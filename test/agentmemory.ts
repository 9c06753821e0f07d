// The whole agent for long, and against controllers that mean harm: what it holds in memory before and after. On a fake
// clock, so that an hour takes as long as its work does.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Running, start } from './fakes/agent.ts';
import { FakeCore } from './fakes/core.ts';
import type { Fault } from './fakes/fault.ts';
import { mutate, randomFrom } from './fakes/random.ts';
import { Simulation } from './fakes/simulation.ts';
import { until } from './fakes/until.ts';

setFlagsFromString('--expose_gc');
const collect: () => void = runInNewContext('gc');

interface Home {
	readonly core: FakeCore;
	readonly running: Running;
	/** ms on both clocks, with room for what the sockets bring. */
	pass(ms: number): Promise<void>;
	/** Passes time until something is so. */
	passUntil(fact: () => boolean, what: string): Promise<void>;
	frames(): number;
	failures(): number;
	stop(): Promise<void>;
}

interface Options {
	readonly connections: number;
	readonly churn: number;
	readonly intervalMs: number;
	readonly growing?: number;
}

async function open({ connections, churn, intervalMs, growing = 0.3 }: Options): Promise<Home> {
	const port = await freePort();
	const flags = ['--clash-url', `http://127.0.0.1:${port}`, '--wan-source', 'procfs', '--wan-device', 'lo'];
	const pace = ['--interval', String(intervalMs), '--log-connections', 'off', '--timeout', '3'];
	const running = start([...flags, ...pace]);
	const simulation = new Simulation({ seed: 11, connections, churn, growing });
	const core = new FakeCore({ simulation, listen: { kind: 'tcp', port }, stepMs: 0, clock: running.clock });
	await core.start();
	const mihomo = () =>
		existsSync(running.statusFile) ? running.status().health.find(({ part }) => part === 'mihomo') : undefined;
	const pass = async (ms: number) => {
		simulation.step(ms);
		await running.clock.advance(ms);
		await new Promise((resolve) => setTimeout(resolve, 1));
	};
	const home: Home = {
		core,
		running,
		pass,
		passUntil: async (fact, what) =>
			until(async () => {
				if (!fact()) await pass(250);
				return fact();
			}, what),
		frames: () => mihomo()?.successes ?? 0,
		failures: () => mihomo()?.failures ?? 0,
		stop: async () => {
			await running.stop();
			await core.stop();
		},
	};
	await home.passUntil(() => home.frames() > 2, 'the first frames');
	return home;
}

async function freePort(): Promise<number> {
	const fake = new FakeCore({ simulation: new Simulation({ seed: 1, connections: 1 }) });
	await fake.start();
	await fake.stop();
	return fake.port;
}

/** Bytes in use now, buffers outside the heap too. */
async function held(): Promise<number> {
	for (let round = 0; round < 3; round += 1) {
		collect();
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	const { heapUsed, arrayBuffers } = process.memoryUsage();
	return heapUsed + arrayBuffers;
}

/** Silent UDP leaves the list after a minute: by then as many leave as come. */
const settledS = 120;

/**
 * Seconds of so many connections with a twentieth of them new in each; bytes that are held more at their end. Whole buckets of 5 minutes,
 * in which growth gathers until it is sealed.
 */
export async function churn(seconds: number, connections = 1000): Promise<number> {
	const home = await open({ connections, churn: connections / 20, intervalMs: 1000, growing: 1 });
	try {
		const live = async (count: number) => {
			for (let second = 0; second < count; second += 1) await home.pass(1000);
		};
		// Frames on their way are a megabyte each: the least of several moments is what is kept.
		const kept = async () => {
			const moments: number[] = [];
			for (let moment = 0; moment < 6; moment += 1) {
				await live(2);
				home.running.log.length = 0;
				moments.push(await held());
			}
			return Math.min(...moments);
		};
		await live(settledS);
		const before = await kept();
		await live(seconds - 12);
		const after = await kept();
		assert.ok(home.frames() > seconds * 0.9, `${home.frames()} frames in ${seconds} s`);
		assert.ok(home.running.status().core.connections! > connections * 0.9);
		return after - before;
	} finally {
		await home.stop();
	}
}

/** Frames with damage, through socket, reader, account, meters and status file; bytes held more afterwards, and refused ones. */
export async function damage(count: number, seed: number): Promise<{ grown: number; refused: number }> {
	const home = await open({ connections: 20, churn: 2, intervalMs: 100 });
	try {
		const random = randomFrom(seed);
		const original = home.core.simulation.read();
		const run = async (frames: number) => {
			for (let frame = 0; frame < frames; frame += 1) {
				home.core.fault = { kind: 'garbage', text: mutate(original, random) };
				await home.pass(100);
				if (frame % 1000 === 0) home.running.log.length = 0;
			}
		};
		await run(Math.min(200, count));
		home.running.log.length = 0;
		const before = await held();
		const failed = home.failures();
		await run(count);
		const refused = home.failures() - failed;
		home.core.fault = null;
		const seen = home.frames();
		await home.passUntil(
			() => home.frames() > seen + 5 && home.running.status().core.connected,
			`health, seed ${seed}`,
		);
		home.running.log.length = 0;
		return { grown: (await held()) - before, refused };
	} finally {
		await home.stop();
	}
}

const mega = 1_000_000;
export const hostile: readonly Fault[] = [
	{ kind: 'huge answer', bytes: 300 * mega },
	{ kind: 'huge', bytes: 300 * mega },
	{ kind: 'huge answer', bytes: 10_000, bytesPerSecond: 10 },
	{ kind: 'drip', bytesPerSecond: 100 },
	{ kind: 'banner', text: 'SSH-2.0-OpenSSH_9.6\r\n' },
	{ kind: 'deaf' },
	{ kind: 'html' },
	{ kind: 'status', status: 500 },
	{ kind: 'answer', body: '['.repeat(100_000) },
	{ kind: 'silence' },
	{ kind: 'garbage', text: '{"connections":['.repeat(1000) },
	{ kind: 'truncated', share: 0.5 },
	{ kind: 'binary' },
	{ kind: 'raw', bytes: Buffer.alloc(1000, 0xff) },
	{ kind: 'close', afterFrames: 1 },
	{ kind: 'fin', afterFrames: 1 },
];

/** One controller after the other means harm; bytes held more at the end. Each must be counted, and health come back. */
export async function harm(): Promise<number> {
	const home = await open({ connections: 50, churn: 5, intervalMs: 250 });
	try {
		await home.pass(5_000);
		const before = await held();
		for (const fault of hostile) {
			const failed = home.failures();
			home.core.fault = fault;
			// The stream that stands ends, so that plain requests meet it too.
			await home.core.stop();
			await home.core.start();
			const own = failed + 1;
			await home.passUntil(() => home.failures() > own, `a failure counted: ${fault.kind}`);
			home.core.fault = null;
			const seen = home.frames();
			await home.passUntil(() => home.frames() > seen + 3, `health after ${fault.kind}`);
		}
		home.running.log.length = 0;
		return (await held()) - before;
	} finally {
		await home.stop();
	}
}
