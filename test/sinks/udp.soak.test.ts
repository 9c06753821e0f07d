import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { UdpServer } from '../../src/sinks/udp.ts';
import { Network } from '../../src/system/network.ts';
import { FakeClock } from '../fakes/clock.ts';
import { interfaces } from '../fakes/interfaces.ts';
import { barrage } from './barrage.ts';

/** NETMON_SOAK_DATAGRAMS: how many random ones, after every length from 0 to 2,000. */
const datagrams = Number(process.env.NETMON_SOAK_DATAGRAMS ?? 100_000);
/** Heap that a barrage may leave behind. */
const slackBytes = 4 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

for (const old of [true, false]) {
	test(`it survives ${datagrams} random datagrams with flat memory, old registrations ${old ? 'on' : 'off'}`, async () => {
		const clock = new FakeClock();
		const network = new Network({ clock, read: () => interfaces({ lo: ['127.0.0.1/8'] }) });
		const identity = { instance: 1, agent: 'soak' };
		const server = new UdpServer({ port: 0, host: '127.0.0.1', old, identity, network, wanDevices: () => [], clock });
		await server.start();
		const heap = () => {
			collect();
			return process.memoryUsage().heapUsed;
		};
		let early = 0;
		const onProgress = (sent: number) => {
			if (early === 0 && sent > 5_000) early = heap();
		};
		await barrage({ server, old, datagrams, seed: Date.now() % 1_000_000, onProgress });
		const grown = heap() - early;
		await server.stop();
		assert.ok(early > 0 && grown < slackBytes, `the heap grew by ${grown} bytes`);
	});
}
