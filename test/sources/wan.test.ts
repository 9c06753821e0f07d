import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WanSample, WanSource, WanSourceName } from '../../src/record.ts';
import { sourceOrder, WanChooser } from '../../src/sources/wan.ts';
import { FakeClock } from '../fakes/clock.ts';

type Answer = 'device' | 'no device' | 'failure' | 'never';

class FakeSource implements WanSource {
	answer: Answer;
	answerMs = 0;
	asked = 0;
	inFlight = 0;
	running = false;
	readonly name: WanSourceName;
	readonly #clock: FakeClock;
	#end: (() => void) | null = null;

	constructor(name: WanSourceName, clock: FakeClock, answer: Answer = 'device') {
		this.name = name;
		this.#clock = clock;
		this.answer = answer;
	}

	start(): void {
		this.running = true;
	}

	async sample(): Promise<WanSample> {
		assert.ok(this.running, 'asked while stopped');
		this.asked += 1;
		this.inFlight += 1;
		await new Promise<void>((resolve) => {
			this.#end = resolve;
			if (this.answer === 'never') return;
			if (this.answerMs > 0) this.#clock.after(this.answerMs, resolve);
			else resolve();
		});
		this.inFlight -= 1;
		if (this.answer === 'failure' || !this.running) throw new Error(`${this.name} is away`);
		const device = { name: 'eth1', ifindex: 3, rxBytes: 1n, txBytes: 1n, rxPackets: 1n, txPackets: 1n };
		const devices = this.answer === 'device' ? [device] : [];
		return { source: this.name, mono: this.#clock.mono(), devices, why: devices.length ? 'a fake' : 'no route' };
	}

	async stop(): Promise<void> {
		this.running = false;
		this.#end?.();
	}
}

function open(...names: WanSourceName[]) {
	const clock = new FakeClock();
	const sources = names.map((name) => new FakeSource(name, clock));
	const samples: string[] = [];
	const failures: string[] = [];
	const changes: string[] = [];
	const chooser = new WanChooser({
		clock,
		sources,
		intervalMs: 1000,
		onSample: (sample, intervalMs) => samples.push(`${sample.source} ${sample.devices.length} ${intervalMs}`),
		onFailure: (error, source) => failures.push(`${source}: ${error}`),
		onChange: (_source, why) => changes.push(why),
	});
	const ticks = async (count: number) => {
		for (let i = 0; i < count; i++) {
			chooser.tick();
			await clock.advance(1000);
		}
	};
	return { clock, sources, samples, failures, changes, chooser, ticks };
}

test('it orders the sources by where it runs and what was given', () => {
	const order = (setting: Parameters<typeof sourceOrder>[0], openwrt: boolean, luci: boolean) =>
		sourceOrder(setting, { openwrt, luci }).join();
	assert.equal(order('auto', true, true), 'procfs,ubus,luci');
	assert.equal(order('auto', true, false), 'procfs,ubus');
	assert.equal(order('auto', false, true), 'luci,procfs');
	assert.equal(order('auto', false, false), 'procfs');
	assert.equal(order('ubus', false, true), 'ubus');
	assert.equal(order('none', true, true), '');
});

test('it takes the first source, a sample each tick', async () => {
	const { chooser, sources, samples, failures, ticks } = open('procfs', 'ubus');
	chooser.start();
	await ticks(3);
	assert.deepEqual(samples, ['procfs 1 1000', 'procfs 1 1000', 'procfs 1 1000']);
	assert.deepEqual([chooser.source, chooser.why, failures], ['procfs', 'procfs: the first of the order', []]);
	assert.equal(sources[1]?.asked, 0);
	await chooser.stop();
	assert.deepEqual(
		sources.map((source) => source.running),
		[false, false],
	);
});

test('it falls to the next after 3 failures, and says why', async () => {
	const { chooser, sources, samples, failures, ticks } = open('procfs', 'ubus');
	chooser.start();
	await ticks(1);
	sources[0]!.answer = 'failure';
	await ticks(2);
	assert.equal(chooser.source, 'procfs');
	await ticks(2);
	assert.deepEqual(samples, ['procfs 1 1000', 'ubus 1 1000']);
	assert.deepEqual(failures, Array(3).fill('procfs: procfs is away'));
	assert.equal(chooser.why, 'ubus: procfs did not do: procfs is away');
	await chooser.stop();
});

test('it goes up again within a minute of the better one working', async () => {
	const { chooser, sources, changes, ticks } = open('procfs', 'ubus', 'luci');
	sources[0]!.answer = 'failure';
	sources[1]!.answer = 'failure';
	chooser.start();
	await ticks(7);
	assert.equal(chooser.source, 'luci');
	const asked = sources[0]!.asked;
	await ticks(59);
	assert.equal(sources[0]!.asked - asked, 1, 'asked once a minute');
	sources[1]!.answer = 'device';
	await ticks(61);
	assert.equal(chooser.source, 'ubus');
	assert.equal(changes.at(-1), 'ubus: it works again and comes before the others');
	sources[0]!.answer = 'device';
	await ticks(61);
	assert.equal(chooser.source, 'procfs');
	await chooser.stop();
});

test('it loses no sample to a better source that answers late or never', async () => {
	const { chooser, sources, samples, ticks, clock } = open('luci', 'procfs');
	sources[0]!.answer = 'failure';
	chooser.start();
	await ticks(3);
	sources[0]!.answerMs = 10_000;
	await ticks(100);
	assert.deepEqual([chooser.source, samples.length], ['procfs', 100]);
	sources[0]!.answer = 'device';
	await ticks(80);
	assert.equal(chooser.source, 'luci');
	assert.equal(clock.pending, 0);
	await chooser.stop();
});

test('it begins anew at the top when the last one fails', async () => {
	const { chooser, sources, ticks } = open('procfs', 'ubus');
	for (const source of sources) source.answer = 'failure';
	chooser.start();
	await ticks(6);
	assert.equal(chooser.source, 'procfs');
	sources[0]!.answer = 'device';
	await ticks(1);
	assert.equal(chooser.source, 'procfs');
	await chooser.stop();
});

test('it goes on asking an only source that fails', async () => {
	const { chooser, sources, samples, failures, ticks } = open('procfs');
	sources[0]!.answer = 'failure';
	chooser.start();
	await ticks(10);
	assert.equal(failures.length, 10);
	sources[0]!.answer = 'device';
	await ticks(1);
	assert.deepEqual(samples, ['procfs 1 1000']);
	assert.equal(chooser.why, 'procfs: the only one to be asked');
	await chooser.stop();
});

test('it passes over a source that has no WAN, but stays with one whose WAN goes down', async () => {
	const { chooser, sources, samples, ticks } = open('procfs', 'ubus');
	sources[0]!.answer = 'no device';
	chooser.start();
	await ticks(4);
	assert.deepEqual(samples, ['procfs 0 1000', 'procfs 0 1000', 'procfs 0 1000', 'ubus 1 1000']);
	assert.equal(chooser.why, 'ubus: procfs did not do: no route');
	sources[1]!.answer = 'no device';
	await ticks(10);
	assert.equal(chooser.source, 'ubus');
	assert.equal(samples.at(-1), 'ubus 0 1000');
	await chooser.stop();
});

test('it has one sample in flight, and asks a slow source less often', async () => {
	const { chooser, sources, samples, clock } = open('luci');
	const luci = sources[0]!;
	luci.answerMs = 800;
	chooser.start();
	for (let i = 0; i < 64; i++) {
		chooser.tick();
		assert.ok(luci.inFlight <= 1);
		await clock.advance(250);
	}
	assert.equal(samples[0], 'luci 1 1600');
	assert.ok(luci.asked >= 9 && luci.asked <= 15, `${luci.asked} in 16 s`);
	luci.answerMs = 100;
	await clock.advance(2000);
	chooser.tick();
	await clock.advance(200);
	assert.equal(samples.at(-1), 'luci 1 1000');
	await chooser.stop();
});

test('it ends with a sample in flight, and tells nothing after that', async () => {
	const { chooser, sources, samples, failures, clock } = open('luci');
	sources[0]!.answer = 'never';
	chooser.start();
	chooser.tick();
	await clock.advance(10);
	await chooser.stop();
	await chooser.stop();
	chooser.tick();
	assert.deepEqual([samples, failures, chooser.source, clock.pending], [[], [], null, 0]);
	sources[0]!.answer = 'device';
	chooser.start();
	chooser.tick();
	await clock.advance(0);
	assert.deepEqual(samples, ['luci 1 1000']);
	await chooser.stop();
});

test('it does nothing where there is no source', async () => {
	const { chooser, samples, ticks } = open();
	chooser.start();
	await ticks(2);
	assert.deepEqual([samples, chooser.source, chooser.why], [[], null, 'no WAN source by the settings']);
	await chooser.stop();
});

test('it samples no more often than tells a speed, however fast it is ticked', async () => {
	for (const everyMs of [100, 250, 400, 500, 900]) {
		const { clock, sources, samples, chooser } = open('procfs');
		chooser.start();
		for (let ms = 0; ms < 12_000; ms += everyMs) {
			chooser.tick();
			await clock.advance(everyMs);
		}
		const { asked } = sources[0]!;
		assert.ok(asked >= 12 && asked <= 20, `${asked} samples in 12 s with a tick each ${everyMs} ms`);
		assert.ok(samples.every((sample) => sample === 'procfs 1 1000'));
		await chooser.stop();
	}
});
