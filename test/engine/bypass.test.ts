import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bypass, type BypassSums } from '../../src/engine/bypass.ts';
import { headerBytesOf } from '../../src/engine/header.ts';
import { Line, type LineMoment, type LineOptions, type Load } from '../fakes/line.ts';
import { randomFrom } from '../fakes/random.ts';

const ways = ['up', 'down'] as const;

/** Feeds a moment and checks the law: exact to the byte, none negative, bypass and local as they must. */
function feed(bypass: Bypass, moment: LineMoment, tellsPackets = true): BypassSums {
	const before = bypass.sums;
	bypass.wanGrew({ bytes: moment.wan, packets: tellsPackets ? moment.packets : null });
	bypass.coreGrew(moment);
	bypass.settle(moment.mono);
	const sums = bypass.sums!;
	for (const way of ways) {
		const { wan, core, overhead, bypass: past, local } = sums;
		assert.equal(wan[way] + local[way], core[way] + overhead[way] + past[way], `${way} at ${moment.mono}`);
		for (const name of ['wan', 'core', 'overhead', 'bypass', 'local'] as const) {
			assert.ok(Number.isInteger(sums[name][way]) && sums[name][way] >= 0, `${name} ${way}: ${sums[name][way]}`);
		}
		assert.ok(past[way] >= (before?.bypass[way] ?? 0), 'bypass never falls');
	}
	return sums;
}

interface Played {
	readonly line: Line;
	readonly sums: BypassSums;
}

function play(options: LineOptions, loads: readonly (readonly [Load, number])[], tellsPackets = true): Played {
	const line = new Line(options);
	const bypass = new Bypass();
	let sums: BypassSums | null = null;
	for (const [load, seconds] of loads) {
		for (const moment of line.run(load, seconds)) sums = feed(bypass, moment, tellsPackets);
	}
	return { line, sums: sums! };
}

const total = (bytes: { readonly up: number; readonly down: number }) => bytes.up + bytes.down;
const rest: readonly [Load, number] = [{}, 15];

const without: Record<string, Load> = {
	'downloads alone': { down: 8e6 },
	'uploads alone': { up: 3e6 },
	'both ways': { down: 8e6, up: 3e6 },
	'downloads in bursts': { down: 20e6, pauses: 0.7 },
	'uploads in bursts': { up: 5e6, pauses: 0.7 },
	'slow clients with 4 MB standing in buffers': { down: 6e6, buffer: 4e6, pauses: 0.2 },
	'an uplink with 4 MB standing in buffers': { up: 2e6, buffer: 4e6, pauses: 0.2 },
	'many small connections': { connections: 50 },
	'a home': { down: 4e6, up: 3e5, connections: 20, pauses: 0.5, buffer: 1e6 },
};

for (const [what, load] of Object.entries(without)) {
	for (const payload of [1448, 64_000]) {
		test(`it reads less than 2 % bypass where there is none: ${what}, packets of ${payload}`, () => {
			for (let seed = 1; seed <= 8; seed++) {
				const skewMs = [0, 50, 250, 500][seed % 4]!;
				const { line, sums } = play({ seed, payload, skewMs }, [rest, [load, 90], rest]);
				const share = total(sums.bypass) / total(line.wan);
				assert.ok(share < 0.02, `seed ${seed}: ${(100 * share).toFixed(2)} %`);
				assert.ok(total(sums.local) / total(line.wan) < 0.02, `seed ${seed}: local`);
			}
		});
	}
}

const withBypass: Record<string, Load> = {
	'and nothing else': {},
	'beside 5 MB/s of the core': { down: 5e6 },
	'beside 10 MB/s of the core': { down: 10e6 },
	'beside both ways': { down: 10e6, up: 2e6 },
	'beside uploads': { up: 10e6 },
	'beside bursts': { down: 10e6, pauses: 0.5 },
	'beside many small connections': { connections: 50 },
};

for (const way of ['Down', 'Up'] as const) {
	for (const [what, load] of Object.entries(withBypass)) {
		for (const payload of [1448, 64_000]) {
			test(`it reads 1 MB/s of bypass ${way.toLowerCase()} within 10 %, ${what}, packets of ${payload}`, () => {
				for (let seed = 1; seed <= 6; seed++) {
					const key = way === 'Down' ? 'down' : 'up';
					const options = { seed, payload, skewMs: [0, 50, 500][seed % 3]! };
					const { line, sums } = play(options, [[{ ...load, [`bypass${way}`]: 1e6 }, 40], rest]);
					const read = sums.bypass[key] / line.bypass[key];
					assert.ok(Math.abs(read - 1) < 0.1, `seed ${seed}: ${(100 * read).toFixed(1)} %`);
				}
			});
		}
	}
}

/** Bytes a second that `bypass` read on the way over the last `seconds` of a load. */
function speedUnder(line: Line, bypass: Bypass, load: Load, seconds: number, last: number): number {
	const moments = [...line.run(load, seconds)].map((moment) => total(feed(bypass, moment).bypass));
	return (moments.at(-1)! - moments.at(-1 - last)!) / last;
}

test('it reads 1 MB/s from the start and after hours of other days', () => {
	for (let seed = 1; seed <= 2; seed++) {
		const line = new Line({ seed });
		const bypass = new Bypass();
		const beside = { down: 8e6, bypassDown: 1e6 };
		const near = (speed: number, when: string) =>
			assert.ok(speed > 0.9e6 && speed < 1.15e6, `seed ${seed}, ${when}: ${speed}`);
		near(speedUnder(line, bypass, beside, 20, 12), 'from the start');
		for (let hour = 0; hour < 3; hour++) {
			for (let part = 0; part < 12; part++) {
				const load = [{}, { down: 6e6, pauses: 0.5 }, { connections: 20 }, { bypassDown: 4e5 }][part % 4]!;
				for (const moment of line.run(load, 300)) feed(bypass, moment);
			}
		}
		near(speedUnder(line, bypass, beside, 60, 30), 'after hours');
		near(speedUnder(line, bypass, { down: 10e6, up: 1e6, bypassUp: 1e6 }, 60, 30), 'upwards after hours');
		for (const moment of line.run({}, 30)) feed(bypass, moment);
		const share = total(bypass.sums!.bypass) / total(line.bypass);
		assert.ok(Math.abs(share - 1) < 0.1, `seed ${seed}: ${share}`);
	}
});

test('it reads bypass in bursts by what they hold', () => {
	for (let seed = 1; seed <= 4; seed++) {
		const load = { down: 4e6, bypassDown: 1e6, bypassBurst: 0.2, bypassUp: 1e5 };
		const { line, sums } = play({ seed }, [[load, 60], rest]);
		const read = total(sums.bypass) / total(line.bypass);
		assert.ok(Math.abs(read - 1) < 0.1, `seed ${seed}: ${read}`);
	}
});

test('it learns what a tunnel adds, by the byte and by the connection', () => {
	const load = [{ down: 6e6, pauses: 0.3 }, { connections: 20 }, {}, {}] as const;
	for (const options of [{ tunnel: 0.024 }, { handshake: 4500 }, { header: 86 }, { header: 54 }, { header: 42 }]) {
		const line = new Line({ seed: 7, ...options });
		const bypass = new Bypass();
		const over = (rounds: number) => {
			const before = { bypass: total(bypass.sums?.bypass ?? { up: 0, down: 0 }), wan: total(line.wan) };
			for (let i = 0; i < rounds * load.length; i++) {
				for (const moment of line.run(load[i % load.length]!, 120)) feed(bypass, moment);
			}
			return (total(bypass.sums!.bypass) - before.bypass) / (total(line.wan) - before.wan);
		};
		const first = over(8);
		const later = over(4);
		assert.ok(first < 0.2, `${JSON.stringify(options)} at first: ${first}`);
		assert.ok(later < 0.01, `${JSON.stringify(options)} later: ${later}`);
	}
});

test('it takes local traffic for what it is, and not for a debt of later bypass', () => {
	const { line, sums } = play({ seed: 3 }, [
		[{ down: 2e6 }, 30],
		[{ local: 10e6 }, 60],
		rest,
		[{ bypassDown: 1e6 }, 30],
		rest,
	]);
	assert.ok(Math.abs(sums.local.down / 600e6 - 1) < 0.02, `local ${sums.local.down}`);
	assert.ok(Math.abs(sums.bypass.down / line.bypass.down - 1) < 0.1, `bypass ${sums.bypass.down}`);
});

test('it holds without packets told: little where there is none, and most of what there is', () => {
	for (const load of [{ down: 8e6 }, { up: 3e6 }, { connections: 30 }]) {
		const { line, sums } = play({ seed: 5 }, [rest, [load, 60], rest], false);
		assert.ok(total(sums.bypass) / total(line.wan) < 0.03, JSON.stringify(load));
	}
	const { line, sums } = play({ seed: 5 }, [[{ down: 5e6, bypassDown: 1e6 }, 60], rest], false);
	assert.ok(Math.abs(sums.bypass.down / line.bypass.down - 1) < 0.15, `${sums.bypass.down}`);
});

test('it takes the noise of an idle line for what it is: a few kB', () => {
	const bypass = new Bypass();
	for (let second = 0; second < 600; second++) {
		const arp = second % 30 === 0 ? 1 : 0;
		bypass.wanGrew({ bytes: { up: 42 * arp, down: 60 * arp + 90 }, packets: { up: arp, down: arp + 1 } });
		bypass.settle(second * 1000);
	}
	assert.ok(total(bypass.sums!.bypass) < 30_000);
});

test('it counts on from a checkpoint as if it had never stopped', () => {
	const line = new Line({ seed: 11 });
	let bypass = new Bypass();
	for (const moment of line.run({ down: 6e6, connections: 5, bypassDown: 5e5 }, 400)) {
		feed(bypass, moment);
		if (moment.mono % 50_000 === 0) {
			const checkpoint = JSON.parse(JSON.stringify(bypass.checkpoint()));
			const sums = bypass.sums;
			bypass = new Bypass({ checkpoint });
			assert.deepEqual(bypass.sums, sums);
			assert.deepEqual(bypass.checkpoint(), checkpoint);
		}
	}
	for (const moment of line.run({}, 15)) feed(bypass, moment);
	assert.ok(Math.abs(bypass.sums!.bypass.down / line.bypass.down - 1) < 0.1);
});

test('it knows nothing before both were heard, and leaves out what has no counterpart', () => {
	const bypass = new Bypass();
	assert.equal(bypass.sums, null);
	const core = { up: 5e6, down: 5e9 };
	bypass.coreGrew({ core, proxied: core, connections: 100 });
	bypass.skip();
	bypass.wanGrew({ bytes: { up: 0, down: 1000 }, packets: { up: 0, down: 10 } });
	assert.equal(bypass.sums, null);
	bypass.settle(1000);
	assert.deepEqual(bypass.sums, {
		wan: { up: 0, down: 1000 },
		core: { up: 0, down: 0 },
		overhead: { up: 0, down: 1000 },
		bypass: { up: 0, down: 0 },
		local: { up: 0, down: 0 },
	});
});

test('it waits for a source that answers late: what was moved meanwhile meets its counterpart', () => {
	const bypass = new Bypass();
	for (let second = 1; second <= 60; second++) {
		bypass.coreGrew({ core: { up: 0, down: 1e6 }, proxied: { up: 0, down: 0 }, connections: 0 });
		if (second % 10) continue;
		bypass.wanGrew({ bytes: { up: 0, down: 10e6 + 66 * 7000 }, packets: { up: 0, down: 7000 } });
		bypass.settle(second * 1000);
	}
	assert.deepEqual(bypass.sums?.bypass, { up: 0, down: 0 });
	assert.equal(bypass.sums?.overhead.down, 6 * 66 * 7000);
});

test('it books what an absence moved at once, and not as the speed of the moment after', () => {
	let bypass = new Bypass();
	let mono = 0;
	const settle = (ms: number, down: number) => {
		mono += ms;
		bypass.wanGrew({ bytes: { up: 0, down }, packets: { up: 0, down: 0 } });
		bypass.settle(mono);
		return bypass.sums!.bypass.down;
	};
	for (let i = 0; i < 5; i++) settle(1000, 1000);
	assert.equal(settle(60_000, 5e8), 5e8 + 5000);
	assert.equal(settle(1000, 0), 5e8 + 5000);
	bypass = new Bypass({ checkpoint: JSON.parse(JSON.stringify(bypass.checkpoint())) });
	mono = 0;
	assert.equal(settle(1000, 7e8), 12e8 + 5000);
	assert.equal(settle(1000, 0), 12e8 + 5000);
});

test('it keeps the law whatever it is fed', () => {
	const seed = Number(process.env.NETMON_SEED ?? 1);
	const random = randomFrom(seed);
	for (let run = 0; run < 300; run++) {
		let bypass = new Bypass();
		let mono = 0;
		const some = () => Math.floor(random() ** 6 * 1e9);
		for (let step = 0; step < 60; step++) {
			mono += random() < 0.05 ? 60_000 : random() * 2_000;
			const both = () => ({ up: some(), down: some() });
			const core = both();
			feed(
				bypass,
				{ mono, wan: both(), packets: both(), core, proxied: random() < 0.5 ? core : both(), connections: some() },
				random() < 0.8,
			);
			if (random() < 0.05) bypass = new Bypass({ checkpoint: JSON.parse(JSON.stringify(bypass.checkpoint())) });
		}
	}
});

test('it begins with the headers of the device', () => {
	const overhead = (...names: string[]) => {
		const bypass = new Bypass();
		for (const name of names) bypass.deviceIs(name);
		bypass.wanGrew({ bytes: { up: 0, down: 6000 }, packets: { up: 0, down: 100 } });
		for (let mono = 0; mono < 5000; mono += 1000) bypass.settle(mono);
		return bypass.sums?.overhead.down;
	};
	assert.deepEqual([overhead(), overhead('eth1'), overhead('eth1', 'pppoe-wan')], [6000, 6000, 5200 - 29]);
	assert.equal(headerBytesOf('eth1'), 66);
	for (const name of ['pppoe-wan', 'ppp0', 'wwan0', 'l2tp-vpn']) assert.equal(headerBytesOf(name), 52);
});

test('it carries through a checkpoint what one of the two has told and the other not yet', () => {
	const moved = { bytes: { up: 0, down: 5_000 }, packets: { up: 0, down: 5 } };
	const core = { core: { up: 0, down: 4_000 }, proxied: { up: 0, down: 0 }, connections: 1 };
	const sumsOf = (between: (bypass: Bypass) => Bypass) => {
		let bypass = new Bypass();
		bypass.settle(1_000);
		bypass.coreGrew(core);
		bypass = between(bypass);
		bypass.wanGrew(moved);
		bypass.settle(2_000);
		return bypass.sums;
	};
	const killed = sumsOf((bypass) => new Bypass({ checkpoint: JSON.parse(JSON.stringify(bypass.checkpoint())) }));
	// Of the rest the horizon, begun anew, decides when it is told.
	assert.deepEqual([killed!.wan.down, killed!.core.down], [5_000, 4_000]);
	assert.equal(new Bypass().checkpoint(), null);
});
