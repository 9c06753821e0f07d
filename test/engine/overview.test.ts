import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Overview } from '../../src/engine/overview.ts';
import { WanCounter } from '../../src/engine/wan.ts';

/** Of TCP over IPv4 on Ethernet: what the model begins with. */
const headerBytes = 66n;
const bytes = (down: number) => ({ up: 0, down });

/** Core and WAN at steady speeds, each at its own pace; the WAN carries 1 MB/s that the core does not. */
function play({ coreEveryMs, wanEveryMs, ms }: { coreEveryMs: number; wanEveryMs: number; ms: number }) {
	const overview = new Overview({ intervalMs: 1000 });
	const counter = new WanCounter({ intervalMs: 1000, bootId: null });
	overview.coreIntervalMs = coreEveryMs;
	const told = [];
	for (let mono = 0; mono <= ms; mono += 50) {
		if (mono % coreEveryMs === 0) {
			const moved = bytes(mono * 2000);
			const none = bytes(0);
			overview.coreFrame(
				{ direct: moved, proxy: none, reject: none, attributed: moved, unattributed: none, core: moved },
				1,
				mono,
			);
		}
		if (mono % wanEveryMs === 0) {
			const packets = BigInt(mono * 3);
			const device = {
				name: 'eth1',
				ifindex: 2,
				rxBytes: BigInt(mono * 3000) + packets * headerBytes,
				txBytes: 0n,
				rxPackets: packets,
				txPackets: 0n,
			};
			const sample = { source: 'procfs', mono, devices: [device], why: 'the only one' } as const;
			overview.wanStep(counter.take(sample, 1000), mono, 1000);
		}
		if (mono % 1000 === 0) told.push(overview.live(mono, mono, 1000));
	}
	return told;
}

for (const [coreEveryMs, wanEveryMs] of [
	[100, 600],
	[250, 750],
	[1000, 1000],
	[2000, 1000],
	[5000, 1000],
] as const) {
	test(`it knows every speed with a frame every ${coreEveryMs} ms and a sample every ${wanEveryMs} ms`, () => {
		const settled = play({ coreEveryMs, wanEveryMs, ms: 120_000 }).slice(60);
		for (const { speeds, coreStale, wanStale } of settled) {
			assert.deepEqual([coreStale, wanStale], [false, false]);
			assert.equal(speeds.core?.down, 2_000_000);
			assert.ok(speeds.wan && speeds.overhead && speeds.bypass, JSON.stringify(speeds));
		}
		const mean = settled.reduce((sum, { speeds }) => sum + speeds.bypass!.down, 0) / settled.length;
		assert.ok(mean > 900_000 && mean < 1_100_000, `bypass reads ${Math.round(mean)} B/s of 1,000,000`);
	});
}

test('it allows nothing for connections that stood before the first frame', () => {
	const overview = new Overview({ intervalMs: 1000 });
	const counter = new WanCounter({ intervalMs: 1000, bootId: null });
	const none = bytes(0);
	for (let mono = 0; mono <= 20_000; mono += 1000) {
		if (mono === 0) for (let count = 0; count < 5000; count += 1) overview.opened();
		const totals = { direct: none, proxy: none, reject: none, attributed: none, unattributed: none, core: none };
		// 100 kB/s go up beside a core that rests.
		const device = { name: 'eth1', ifindex: 2, rxBytes: 0n, txBytes: BigInt(mono * 100), rxPackets: 0n, txPackets: 0n };
		const sample = { source: 'procfs', mono, devices: [device], why: 'the only one' } as const;
		overview.wanStep(counter.take(sample, 1000), mono, 1000);
		// The core answers later than the kernel.
		overview.coreFrame(totals, 5000, mono);
	}
	const { up } = overview.sums!.bypass;
	assert.ok(up > 1_800_000, `${up} of 2,000,000 bytes`);
});
