// A WAN device's life from a seed: traffic, wraps, redials, resets, glitches, absences, changes of source. It knows
// what a reader of the counters can know, by keeping the books of the traffic itself and not by reading counters.
import type { WanSample, WanSourceName } from '../../src/record.ts';
import { randomFrom } from './random.ts';

export interface WanMoment {
	readonly sample: WanSample;
	/** What was moved since the last sample that could be counted; null = nobody can say now. */
	readonly truth: { readonly down: number; readonly up: number } | null;
	readonly what: string;
}

const moments = 14;
const packetBytes = 1000;

/** One device over `moments` samples about a second apart, below 100 MB/s. */
export function* wanHistory(seed: number): Generator<WanMoment> {
	const random = randomFrom(seed);
	const bits = random() < 0.5 ? 32n : 64n;
	const tellsPackets = random() < 0.7;
	const signExtends = bits === 32n && random() < 0.3;
	const start = bits === 32n ? 2 ** 32 - random() * 1e9 : random() * 2 ** 45;
	const moved = { down: BigInt(Math.floor(start)), up: BigInt(Math.floor(random() * 2 ** 31)) };
	const packets = { down: moved.down / 1000n, up: moved.up / 1000n };
	const open = { down: 0, up: 0 };
	let source: WanSourceName = 'procfs';
	let ifindex = 3;
	let mono = 1000;
	let known = false;

	const printed = (counter: bigint) => {
		const kept = BigInt.asUintN(Number(bits), counter);
		return signExtends ? BigInt.asUintN(64, BigInt.asIntN(32, kept)) : kept;
	};
	const sampleNow = (extra = 0n): WanSample => ({
		source,
		mono,
		why: 'a history',
		devices: [
			{
				name: 'wan',
				ifindex: source === 'luci' ? null : ifindex,
				rxBytes: BigInt.asUintN(64, printed(moved.down) + extra),
				txBytes: BigInt.asUintN(64, printed(moved.up) + extra),
				rxPackets: tellsPackets ? packets.down : null,
				txPackets: tellsPackets ? packets.up : null,
			},
		],
	});
	const flow = () => {
		mono += 900 + random() * 200;
		for (const way of ['down', 'up'] as const) {
			const count = Math.floor(random() ** 4 * 100_000);
			moved[way] += BigInt(count * packetBytes);
			packets[way] += BigInt(count);
			open[way] += count * packetBytes;
		}
	};
	const beginAgain = () => {
		for (const way of ['down', 'up'] as const) {
			open[way] = 0;
			moved[way] = 0n;
			packets[way] = 0n;
		}
	};
	const counted = (what: string, sample = sampleNow()): WanMoment => {
		const truth = known ? { ...open } : null;
		known = true;
		open.down = open.up = 0;
		return { sample, truth, what };
	};

	yield counted('start');
	for (let index = 0; index < moments; index++) {
		flow();
		const event = random();
		if (event < 0.08 && source !== 'luci') {
			// The line redials: what it moved before that is lost to any reader, and LuCI tells no new number.
			ifindex += 1;
			beginAgain();
			flow();
			yield counted('redial');
		} else if (event < 0.14 && tellsPackets && source !== 'luci' && packets.down > 1_000_000n) {
			beginAgain();
			flow();
			yield counted('reset');
		} else if (event < 0.22) {
			yield { sample: { source, mono, devices: [], why: 'no route' }, truth: null, what: 'absence' };
		} else if (event < 0.28) {
			// One wild reading, and the next is fine again.
			yield { sample: sampleNow(2n ** 52n), truth: null, what: 'glitch' };
			flow();
			yield counted('after a glitch');
		} else if (event < 0.34) {
			source = source === 'procfs' ? 'luci' : 'procfs';
			known = false;
			yield counted('source');
		} else yield counted('flow');
	}
}
