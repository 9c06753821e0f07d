import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { WanCounter, type WanGrowth, type WanStep } from '../../src/engine/wan.ts';
import type { DeviceCounters, WanSample, WanSourceName } from '../../src/record.ts';
import { ProcfsWan } from '../../src/sources/procfs.ts';
import { FakeClock } from '../fakes/clock.ts';
import { wanHistory } from '../fakes/wanhistory.ts';

function device(rx: bigint, tx: bigint, more: Partial<DeviceCounters> = {}): DeviceCounters {
	return { name: 'eth1', ifindex: 3, rxBytes: rx, txBytes: tx, rxPackets: rx / 1000n, txPackets: tx / 1000n, ...more };
}

function sample(mono: number, devices: readonly DeviceCounters[], source: WanSourceName = 'procfs'): WanSample {
	return { source, mono, devices, why: 'a test' };
}

const open = () => new WanCounter({ intervalMs: 1000, bootId: 'a' });

function grown(step: WanStep): WanGrowth {
	assert.equal(step.kind, 'growth');
	return step as WanGrowth;
}

/** What each sample after the first gave: down, up, and whether the speed is known. */
function run(samples: readonly WanSample[], counter = open()): unknown[] {
	return samples
		.map((one) => counter.take(one))
		.slice(1)
		.map((step) => (step.kind === 'growth' ? [step.bytes.down, step.bytes.up, step.speed !== null] : step.kind));
}

for (const moments of [
	['wrap32-0', 'wrap32-1', 'wrap32-2'],
	['pppoe-reconnect-0', 'pppoe-reconnect-1'],
]) {
	test(`it counts from moment to moment: ${moments.join(', ')}`, async () => {
		const counter = open();
		for (const [index, name] of moments.entries()) {
			const root = join('test/fixtures/openwrt/proc', name);
			const source = new ProcfsWan({ clock: new FakeClock(), proc: join(root, 'proc'), sys: join(root, 'sys') });
			const step = counter.take({ ...(await source.sample()), mono: index * 1000 });
			const expected = JSON.parse(readFileSync(join(root, 'expect.json'), 'utf8'));
			if (index === 0) assert.equal(step.kind, 'baseline');
			else {
				const { rx, tx } = expected.delta_from_previous;
				assert.deepEqual(grown(step).bytes, { up: tx, down: rx });
				assert.equal(grown(step).devices[0]?.reset, expected.reset ?? false);
			}
		}
	});
}

test('it reads a sign-extended counter as the 32 bits it is', () => {
	const before = device(2147483640n, 5n);
	const after = device(18446744071562067973n, 5n, { rxPackets: 2147484n });
	assert.deepEqual(run([sample(0, [before]), sample(1000, [after])]), [[13, 0, true]]);
});

test('it knows a first sample, a standing clock and a missing WAN from 0', () => {
	const steps = run([
		sample(0, [device(5000n, 5000n)]),
		sample(0, [device(6000n, 6000n)]),
		sample(1000, []),
		sample(2000, [device(9000n, 6000n)]),
	]);
	assert.deepEqual(steps, ['unknown', 'unknown', [4000, 1000, true]]);
});

test('it gives bytes and packets and a speed, per device and summed', () => {
	const counter = open();
	const second = { name: 'eth2', ifindex: 4 };
	counter.take(sample(0, [device(0n, 0n), device(0n, 0n, second)]));
	const step = grown(counter.take(sample(2000, [device(6000n, 2000n), device(8000n, 1000n, second)])));
	assert.deepEqual(step.bytes, { up: 3000, down: 14000 });
	assert.deepEqual(step.packets, { up: 3, down: 14 });
	assert.deepEqual(step.speed, { up: 1500, down: 7000 });
	assert.deepEqual(
		step.devices.map(({ name, bytes, speed }) => [name, bytes.down, speed?.down]),
		[
			['eth1', 6000, 3000],
			['eth2', 8000, 4000],
		],
	);
});

test('it leaves packets unknown where one device does not tell them', () => {
	const counter = open();
	const second = { name: 'ppp0', rxPackets: null, txPackets: null };
	counter.take(sample(0, [device(0n, 0n), device(0n, 0n, second)]));
	const step = grown(counter.take(sample(1000, [device(5n, 5n), device(5n, 5n, second)])));
	assert.deepEqual([step.bytes, step.packets], [{ up: 10, down: 10 }, null]);
});

test('it takes a fresh baseline at a change of source, and no spike', () => {
	const steps = run([
		sample(0, [device(1000n, 1000n)]),
		sample(1000, [device(2000n, 2000n)]),
		sample(2000, [device(900_000_000n, 900_000_000n)], 'luci'),
		sample(3000, [device(900_000_500n, 900_000_700n)], 'luci'),
		sample(4000, [device(4000n, 4000n)]),
	]);
	assert.deepEqual(steps, [[1000, 1000, true], 'baseline', [500, 700, true], 'baseline']);
});

test('it takes a fresh baseline at other counters of the same source, and counts on from a checkpoint of the same', () => {
	const of = (mono: number, basis: string, rx: bigint) => ({ ...sample(mono, [device(rx, 0n)], 'luci'), basis });
	const none = { ...sample(1500, [], 'luci') };
	const counter = open();
	// 64 bits, then the lower 32 of them, then 64 again.
	const samples = [of(0, 'a', 2n ** 33n), of(1000, 'a', 2n ** 33n + 7n), none, of(2000, 'b', 9n), of(3000, 'b', 10n)];
	assert.deepEqual(run([...samples, of(4000, 'a', 2n ** 33n)], counter), [
		[7, 0, true],
		'unknown',
		'baseline',
		[1, 0, true],
		'baseline',
	]);
	const checkpoint = counter.checkpoint()!;
	const later = (basis: string) =>
		new WanCounter({ intervalMs: 1000, bootId: 'a', checkpoint, awayMs: 5000 }).take(of(0, basis, 2n ** 33n + 1n));
	assert.equal(grown(later('a')).bytes.down, 1);
	assert.equal(later('b').kind, 'baseline');
});

test('it counts what flowed in a gap of more than three intervals, and gives it no speed', () => {
	const at = (mono: number, bytes: bigint) => sample(mono, [device(bytes, bytes)]);
	assert.deepEqual(run([at(0, 0n), at(3000, 3000n), at(6001, 9000n), at(6002, 9100n)]), [
		[3000, 3000, true],
		[6000, 6000, false],
		[100, 100, false],
	]);
});

test('it goes by the interval that a slow source keeps', () => {
	const counter = open();
	counter.take(sample(0, [device(0n, 0n)]), 5000);
	assert.deepEqual(grown(counter.take(sample(5000, [device(5000n, 0n)]), 5000)).speed, { up: 0, down: 1000 });
});

test('it counts a device that went and came, by what the kernel counted meanwhile', () => {
	const other = { name: 'eth2', ifindex: 4 };
	const steps = run([
		sample(0, [device(1000n, 0n), device(70_000n, 0n, other)]),
		sample(1000, [device(70_500n, 0n, other)]),
		sample(2000, [device(1300n, 0n), device(70_600n, 0n, other)]),
	]);
	assert.deepEqual(steps, [
		[500, 0, true],
		[400, 0, true],
	]);
});

test('it takes a device never seen before from where it stands, its speed unknown for once', () => {
	const other = device(7_000_000_000n, 0n, { name: 'eth2', ifindex: 4 });
	const steps = run([
		sample(0, [device(1000n, 0n)]),
		sample(1000, [device(1500n, 0n), other]),
		sample(2000, [device(1500n, 0n), { ...other, rxBytes: other.rxBytes + 9n }]),
	]);
	assert.deepEqual(steps, [
		[500, 0, false],
		[9, 0, true],
	]);
});

test('it knows a reset from a wrap by the packets, and by the line where packets are not told', () => {
	const silent = { rxPackets: null, txPackets: null };
	const after = (before: DeviceCounters, now: DeviceCounters) => run([sample(0, [before]), sample(1000, [now])]);
	const high = 4_294_967_000n;
	assert.deepEqual(after(device(high, 9n), device(704n, 9n, { rxPackets: 4_294_968n })), [[1000, 0, true]]);
	assert.deepEqual(after(device(high, 9n), device(704n, 0n)), [[704, 0, true]], 'packets fell: a reset');
	assert.deepEqual(after(device(high, 9n, silent), device(704n, 9n, silent)), [[1000, 0, true]]);
	assert.deepEqual(after(device(2_000_000_000n, 9n, silent), device(704n, 9n, silent)), [[704, 9, true]], 'too much');
	assert.deepEqual(
		after(device(high + 300n, 9n, silent), device(704n, 9n, silent)),
		[[704, 9, true]],
		'more than 32 bits',
	);
	assert.deepEqual(
		after(device(500_000n, 9n), device(900_000n, 9n, { rxPackets: 3n })),
		[[900_000, 9, true]],
		'overtaken',
	);
});

test('it lets both directions begin again where one did', () => {
	const before = device(5_000_000_000n, 1000n);
	const after = device(100_000n, 3000n, { rxPackets: 100n, txPackets: 30n });
	assert.deepEqual(run([sample(0, [before]), sample(1000, [after])]), [[100_000, 3000, true]]);
});

test('it discards a jump above the line rate, and counts on from either side of it', () => {
	const at = (mono: number, bytes: bigint, lineRate?: number) =>
		sample(mono, [device(bytes, 0n, lineRate ? { lineRate } : {})]);
	const jump = 2n ** 50n;
	assert.deepEqual(run([at(0, 0n), at(1000, jump), at(2000, 3000n)]), ['unknown', [3000, 0, true]], 'a glitch');
	assert.deepEqual(
		run([at(0, 0n), at(1000, jump), at(2000, jump + 5n), at(3000, jump + 6n)]),
		['unknown', [5, 0, true], [1, 0, true]],
		'for good',
	);
	const gigabit = 125_000_000;
	assert.deepEqual(run([at(0, 0n, gigabit), at(1000, 600_000_000n, gigabit)]), ['unknown']);
	const late = open();
	late.take(at(0, 0n, gigabit));
	const { bytes, speed } = grown(late.take(at(1000, 300_000_000n, gigabit)));
	assert.deepEqual([bytes.down, speed?.down], [300_000_000, gigabit], 'counters that come late are no jump');
});

test('it counts the halves of an offloaded WAN apart from the same device whole', () => {
	const lower = (rx: bigint): DeviceCounters => device(rx, 0n, { name: 'wan', counts: 'received' });
	const upper = (tx: bigint): DeviceCounters => device(0n, tx, { name: 'pppoe-wan', counts: 'sent' });
	const steps = run([
		sample(0, [device(50n, 9000n, { name: 'pppoe-wan' })]),
		sample(1000, [lower(700n), upper(9100n)]),
		sample(2000, [lower(900n), upper(9150n)]),
	]);
	assert.deepEqual(steps, ['baseline', [200, 50, true]]);
});

test('it counts nothing twice when flow offload is switched on and off', () => {
	const whole = (bytes: bigint) => [device(bytes, bytes, { name: 'pppoe-wan' })];
	const halves = (bytes: bigint) => [
		device(bytes, 0n, { name: 'wan', counts: 'received' }),
		device(0n, bytes, { name: 'pppoe-wan', counts: 'sent' }),
	];
	const moments = [whole(0n), whole(10n), halves(20n), halves(50n), whole(60n), whole(80n), halves(90n), halves(95n)];
	assert.deepEqual(run(moments.map((devices, index) => sample(index * 1000, devices))), [
		[10, 10, true],
		'baseline',
		[30, 30, true],
		'baseline',
		[20, 20, true],
		'baseline',
		[5, 5, true],
	]);
});

test('it counts a device once that is listed twice', () => {
	const twice = (rx: bigint) => [device(rx, 0n), device(rx, 0n)];
	assert.deepEqual(run([sample(0, twice(0n)), sample(1000, twice(70n))]), [[70, 0, true]]);
});

test('it counts on from a checkpoint: the absence in the same boot, everything after another', () => {
	const first = open();
	first.take(sample(5000, [device(1000n, 2000n)]));
	const checkpoint = JSON.parse(JSON.stringify(first.checkpoint()));
	const later = (bootId: string, rx: bigint, source: WanSourceName = 'procfs') => {
		const counter = new WanCounter({ intervalMs: 1000, bootId, checkpoint, awayMs: 60_000 });
		const step = counter.take(sample(10, [device(rx, 2500n)], source));
		return step.kind === 'growth' ? [step.bytes.down, step.bytes.up, step.speed] : step.kind;
	};
	assert.deepEqual(later('a', 7000n), [6000, 500, null]);
	assert.deepEqual(later('b', 7000n), [7000, 2500, null]);
	assert.deepEqual(later('a', 500n), [500, 2500, null]);
	assert.deepEqual(later('a', 2n ** 60n), 'unknown');
	assert.deepEqual(later('a', 7000n, 'luci'), 'baseline');
	assert.equal(open().checkpoint(), null);
});

test('it stays bounded with devices that never come again', () => {
	const counter = open();
	for (let i = 0; i < 500; i++) counter.take(sample(i * 1000, [device(1n, 1n, { name: `ppp${i}` })]));
	assert.ok(counter.checkpoint()!.devices.length <= 32);
});

test('it equals the truth over 10,000 random histories: never negative, never above the line', () => {
	const seed = Number(process.env.NETMON_SEED ?? 1);
	for (let run = 0; run < 10_000; run++) {
		const counter = open();
		let mono = 0;
		for (const { sample: one, truth, what } of wanHistory(seed * 100_000 + run)) {
			const step = counter.take(one);
			const place = `seed ${seed}, run ${run}, ${what} at ${one.mono}`;
			if (truth === null) assert.notEqual(step.kind, 'growth', place);
			else {
				const { bytes, speed } = grown(step);
				assert.deepEqual([bytes.down, bytes.up], [truth.down, truth.up], place);
				assert.ok(bytes.down >= 0 && bytes.up >= 0, place);
				if (speed) assert.ok(Math.max(speed.down, speed.up) <= 12_500_000_000, place);
				mono = one.mono;
			}
		}
		assert.ok(mono > 0);
	}
});
