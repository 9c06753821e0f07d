import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WanCounter } from '../../src/engine/wan.ts';
import type { LuciWanOptions } from '../../src/sources/luci.ts';
import type { FakeLuci } from '../fakes/luci.ts';
import { randomFrom } from '../fakes/random.ts';
import { router, seconds, wanOf } from './lucidriver.ts';

/** Drives a router through `steps` random seconds and counts what its WAN moved, beside what was truly moved. */
async function count(fake: FakeLuci, options: Partial<LuciWanOptions>, steps: number, random: () => number) {
	const { wan, clock } = wanOf(fake, options);
	const counter = new WanCounter({ intervalMs: 1000, bootId: null });
	const told = { up: 0, down: 0 };
	const truth = { up: 0, down: 0 };
	let highest = 0;
	async function step() {
		const sampling = wan.sample().catch(() => null);
		await seconds(fake, clock, sampling);
		const sample = await sampling;
		const growth = sample && counter.take(sample);
		if (growth?.kind !== 'growth') return growth?.kind ?? 'failed';
		assert(growth.bytes.up >= 0 && growth.bytes.down >= 0);
		told.up += growth.bytes.up;
		told.down += growth.bytes.down;
		highest = Math.max(highest, growth.speed?.down ?? 0);
		return 'growth';
	}
	let last = await step();
	assert.equal(last, 'baseline');
	for (let i = 0; i < steps; i++) {
		const event = random();
		if (event < 0.05) fake.expireSessions();
		else if (event < 0.08) fake.away = true;
		else if (event < 0.15 && last === 'growth' && fake.devices.get('eth1')!.rx > 100_000_000n) {
			// A reboot just after a sample, so that nothing of before is lost, and seen at once: the counter falls.
			fake.away = false;
			fake.expireSessions();
			for (const device of fake.devices.values()) Object.assign(device, { rx: 0n, tx: 0n });
		} else if (event < 0.3) fake.away = false;
		const [down, up] = [Math.floor(random() * 100e6), Math.floor(random() * 20e6)];
		fake.grow('eth1', BigInt(down), BigInt(up));
		truth.down += down;
		truth.up += up;
		fake.now += 1;
		await clock.advance(1000);
		last = await step();
	}
	fake.away = false;
	fake.now += 60;
	await clock.advance(60_000);
	assert.equal(await step(), 'growth');
	return { told, truth, highest };
}

for (const [release, devices] of [
	['17.01', []],
	['18.06', ['eth1']],
	['22.03', []],
	['25.12', []],
] as const) {
	test(`it counts the truth at OpenWrt ${release} through dead sessions, an absent rpcd and reboots`, async () => {
		const seed = Date.now() % 1_000_000;
		const fake = await router(release);
		const rows = release === '18.06';
		// With a device named and no iface_status it is the rows of luci-bwc, which wrap at 4 GiB.
		if (rows) fake.insteadOf.set('/cgi-bin/luci/admin/network/iface_status', { status: 404, headers: {}, body: '' });
		fake.devices.set('eth1', { rx: 2n ** 32n - 10n, tx: 5n, ifindex: 3 });
		const { told, truth, highest } = await count(fake, { devices }, 150, randomFrom(seed));
		assert.deepEqual(told, truth, `seed ${seed}`);
		assert(highest <= 200e6, `seed ${seed}: ${highest} bytes a second`);
	});
}
