import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bytes } from '../../src/record.ts';
import { reuseFrame } from './frame.ts';
import { classOf, proxyTypes } from './home.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';
import type { Counted } from './tracker.ts';
import { truthOf } from './truth.ts';

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

/** Frames of `seconds` of traffic, then of rest until all that is listed has been said. */
function record(simulation: Simulation, seconds: number): string[] {
	const frames: string[] = [];
	for (let second = 0; second < seconds; second += 1) {
		frames.push(String(simulation.read()));
		simulation.step(1000);
	}
	simulation.rest();
	frames.push(String(simulation.read()), String(simulation.read()));
	simulation.resume();
	return frames;
}

/** Names with 0 bytes left out, and what goes beyond bytes. */
function bytes(sums: Readonly<Record<string, Bytes>>): Record<string, Bytes> {
	const some = Object.entries(sums).filter(([, { up, down }]) => up + down > 0);
	return Object.fromEntries(some.map(([name, { up, down }]) => [name, { up, down }]));
}

function assertShown(found: ReturnType<typeof truthOf>[number], shown: Counted, hint: string) {
	assert.deepEqual(found.attributed, { up: shown.up, down: shown.down }, hint);
	assert.deepEqual(bytes(found.classes), bytes(shown.classes), hint);
	assert.deepEqual(bytes(found.devices), bytes(shown.devices), hint);
}

test('it knows the truth that the oracle finds in its frames at rest', () => {
	let own = 0;
	for (const seed of seeds) {
		const simulation = new Simulation({ seed, connections: 60, churn: 6, shorts: 5, rejects: 9, interleave: 0.8 });
		const found = truthOf({ frames: record(simulation, 90), types: proxyTypes, from: 'zero' });
		const [run] = simulation.truth();
		assert.equal(found.length, 1, `seed ${seed}`);
		assert.deepEqual(found[0]!.total, run!.total, `seed ${seed}`);
		assertShown(found[0]!, run!.shown, `seed ${seed}`);
		assert.deepEqual(sum(run!.listed, run!.neverListed), run!.total, `seed ${seed}`);
		assert.ok(run!.listed.down > run!.shown.down, `seed ${seed}: nothing was lost between two frames`);
		assert.ok(found[0]!.listedButNotCounted.up > 0 && found[0]!.listedButNotCounted.seen > 0, `seed ${seed}`);
		own += found[0]!.devices['']?.down ?? 0;
		assert.ok(Object.keys(found[0]!.devices).length > 4, `seed ${seed}`);
	}
	assert.ok(own > 0, 'the core downloads nothing of its own');
});

test('it names every byte of a flow that lives until the rest', () => {
	const simulation = new Simulation({ seed: 11, connections: 40, churn: 0, shorts: 0, rejects: 0, interleave: 0 });
	const found = truthOf({ frames: record(simulation, 30), types: proxyTypes, from: 'zero' });
	const run = simulation.truth()[0]!;
	assert.deepEqual(run.shown, run.listed);
	assert.deepEqual(found[0]!.unattributed, { up: 0, down: 0 });
});

test('it reads in the core’s order: counters ahead of totals in one frame, connections missing in another', () => {
	let ahead = 0;
	let missing = 0;
	for (const seed of seeds) {
		const options = { seed, connections: 50, churn: 0, shorts: 0, rejects: 0, interleave: 1 };
		const simulation = new Simulation(options);
		for (let second = 0; second < 20; second += 1) {
			const [run] = truthOf({ frames: [simulation.read()], types: proxyTypes, from: 'zero' });
			if (run!.unattributed.down < 0) ahead += 1;
			if (run!.connectionsSeen < simulation.listed) missing += 1;
			simulation.step(1000);
		}
	}
	assert.ok(ahead > 10 && missing > 100, `${ahead} ahead, ${missing} missing`);
});

test('it starts a new run with a restart and keeps it through a reload', () => {
	const simulation = new Simulation({ seed: 5, connections: 30 });
	const frames = record(simulation, 10);
	const ids = [simulation.directId];
	simulation.reload();
	ids.push(simulation.directId);
	frames.push(...record(simulation, 10));
	assert.equal(simulation.truth().length, 1);
	const newRunAt = [frames.length];
	simulation.restart();
	simulation.rest();
	ids.push(simulation.directId);
	assert.equal(String(simulation.read()), '{"downloadTotal":0,"uploadTotal":0,"connections":null,"memory":0}\n');
	simulation.resume();
	simulation.step(1000);
	frames.push(...record(simulation, 10));
	assert.equal(new Set(ids).size, 3);
	const found = truthOf({ frames, types: proxyTypes, newRunAt, from: 'zero' });
	assert.equal(found.length, 2);
	simulation.truth().forEach((run, index) => {
		assert.deepEqual(found[index]!.total, run.total);
		assertShown(found[index]!, run.shown, `run ${index}`);
	});
	assert.ok(JSON.parse(simulation.proxiesText()).proxies.DIRECT.id === simulation.directId);
});

test('it keeps a silent UDP connection listed for its idle time and no longer', () => {
	const simulation = new Simulation({ seed: 3, connections: 200, churn: 20, udpIdleMs: 60_000 });
	for (let second = 0; second < 120; second += 1) simulation.step(1000);
	const udp = () => String(simulation.read()).match(/"network":"udp"/g)?.length ?? 0;
	simulation.rest();
	const before = udp();
	simulation.step(59_000);
	const later = udp();
	simulation.step(2_000);
	assert.ok(before > later && later > udp() && udp() > 0, `${before}, ${later}, ${udp()}`);
});

test('it writes what JSON.parse reads and JSON.stringify in Go’s escaping gives back', () => {
	const simulation = new Simulation({ seed: 9, connections: 80 });
	simulation.step(5_000);
	const text = String(simulation.read());
	const again = `${JSON.stringify(JSON.parse(text)).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)}\n`;
	assert.equal(text, again);
	assert.match(text, /\\u003cA\\u0026B\\u003e/);
	const { connections } = JSON.parse(text);
	assert.ok(connections.every((one: { chains: string[] }) => classOf(proxyTypes[one.chains[0]!]) !== 'reject'));
});

test('it gives the same frames for the same seed', () => {
	const run = (options: SimulationOptions) => record(new Simulation(options), 20).join('');
	assert.equal(run({ seed: 77, connections: 50 }), run({ seed: 77, connections: 50 }));
	assert.notEqual(run({ seed: 77, connections: 50 }), run({ seed: 78, connections: 50 }));
});

test('it costs the machine little: ms per step and frame (printed, not judged)', (t) => {
	for (const [connections, growing] of [
		[1_000, 0.1],
		[1_000, 1],
		[10_000, 0.1],
		[10_000, 1],
	] as const) {
		const simulation = new Simulation({ seed: 1, connections, growing, churn: 50 });
		const rounds = 20;
		const spent = { step: 0, read: 0 };
		let size = 0;
		for (let round = 0; round < rounds; round += 1) {
			const start = performance.now();
			simulation.step(1000);
			const stepped = performance.now();
			const frame = simulation.read();
			size = frame.length;
			reuseFrame(frame);
			spent.step += stepped - start;
			spent.read += performance.now() - stepped;
		}
		const each = `step ${(spent.step / rounds).toFixed(2)}, frame ${(spent.read / rounds).toFixed(2)} ms`;
		t.diagnostic(
			`${connections} connections, ${growing} growing: ${each}, ${Math.round(size / connections)} bytes each`,
		);
	}
});

function sum(a: Bytes, b: Bytes): Bytes {
	return { up: a.up + b.up, down: a.down + b.down };
}
