// How much a network device moved between two readings of its counters (reference B.5): a device that was made
// anew counts from 0, a 32-bit counter wraps, and a jump that no line carries is no traffic. Pure.
import type { Bytes, DeviceCounters } from '../record.ts';

/** Counters of one device at one moment. */
export interface Reading {
	readonly ifindex: number | null;
	readonly rxBytes: bigint;
	readonly txBytes: bigint;
	readonly rxPackets: bigint | null;
	readonly txPackets: bigint | null;
	/** Monotonic ms. */
	readonly mono: number;
}

export interface Growth {
	readonly bytes: Bytes;
	/** null where packets are not told. */
	readonly packets: Bytes | null;
	/** The counters began again at 0 in between: what was moved before that is not in here. */
	readonly reset: boolean;
}

/** No device has it: a reading of the boot before, when every counter was another. */
export const ifindexBeforeBoot = -1;

/** 100 Gbit/s: beyond what any router's line moves. */
const defaultLineRate = 12_500_000_000;
/** A counter of 32 bits belongs to a small router; 2.5 Gbit/s. Asked only where packets do not tell. */
const wrappingLineRate = 312_500_000;
/** After a longer gap nobody knows how often it wrapped: counted from 0, which is the least that was moved. */
const wrapGapS = 60;
/** Some cards bring their counters up to date only every 2 s, so that one sample gets the bytes of three. */
const lateCountersS = 2.5;
/** What the largest merged packet (GRO) holds, with its headers. */
const packetBytesMax = 65_600;
/** No frame is smaller than an Ethernet header. */
const packetBytesMin = 14;
const range32 = 2n ** 32n;
/** Kernels about 6.1 printed 32-bit counters past 2^31 sign-extended; no true counter gets there. */
const signExtendedFrom = 2n ** 64n - 2n ** 31n;

/** Counters as they are meant. */
export function readingOf(device: DeviceCounters, mono: number): Reading {
	const { ifindex, rxPackets, txPackets } = device;
	return { ifindex, rxBytes: meant(device.rxBytes), txBytes: meant(device.txBytes), rxPackets, txPackets, mono };
}

const meant = (counter: bigint): bigint => (counter >= signExtendedFrom ? BigInt.asUintN(32, counter) : counter);

/**
 * What `device` moved from `old` to `now`; null = no line carries that much in the time.
 * @param lineRate bytes a second, where the device tells it
 */
export function growthBetween(old: Reading, now: Reading, lineRate: number | undefined): Growth | null {
	const seconds = (now.mono - old.mono) / 1000;
	const limit = lineRate === undefined ? defaultLineRate * seconds : lineRate * (seconds + lateCountersS);
	const wrapLimit = seconds > wrapGapS ? 0 : Math.min(limit, wrappingLineRate * seconds);
	const anew =
		old.ifindex === ifindexBeforeBoot || (old.ifindex !== null && now.ifindex !== null && old.ifindex !== now.ifindex);
	const down = anew ? null : stepOf(old.rxBytes, now.rxBytes, old.rxPackets, now.rxPackets, limit, wrapLimit);
	const up = anew ? null : stepOf(old.txBytes, now.txBytes, old.txPackets, now.txPackets, limit, wrapLimit);
	// One direction that began again at 0 says that the other did, even where it has overtaken its old value.
	const reset = down === null || up === null;
	const bytes = reset ? { up: Number(now.txBytes), down: Number(now.rxBytes) } : { up: up.bytes, down: down.bytes };
	if (bytes.up > limit || bytes.down > limit) return null;
	return { bytes, packets: reset ? packetsOf(now) : bothPackets(up.packets, down.packets), reset };
}

/** One direction's growth; null = its counters began again. */
function stepOf(
	old: bigint,
	now: bigint,
	oldPackets: bigint | null,
	nowPackets: bigint | null,
	limit: number,
	wrapLimit: number,
): { readonly bytes: number; readonly packets: number | null } | null {
	if (oldPackets === null || nowPackets === null) {
		if (now >= old) return { bytes: Number(now - old), packets: null };
		const bytes = wrapped(old, now);
		return bytes <= wrapLimit ? { bytes, packets: null } : null;
	}
	if (now < old) {
		const bytes = wrapped(old, now);
		const packets = Number(nowPackets - oldPackets);
		return packets >= 0 && bytes <= limit && bytes <= packets * packetBytesMax ? { bytes, packets } : null;
	}
	const bytes = Number(now - old);
	if (nowPackets >= oldPackets) return { bytes, packets: Number(nowPackets - oldPackets) };
	const packets = wrapped(oldPackets, nowPackets);
	return packets * packetBytesMin <= bytes ? { bytes, packets } : null;
}

/** Growth of a counter that fell, if it has 32 bits and wrapped once; Infinity if it cannot have. */
function wrapped(old: bigint, now: bigint): number {
	return old < range32 ? Number(range32 - old + now) : Number.POSITIVE_INFINITY;
}

function bothPackets(up: number | null, down: number | null): Bytes | null {
	return up === null || down === null ? null : { up, down };
}

function packetsOf({ rxPackets, txPackets }: Reading): Bytes | null {
	return bothPackets(txPackets === null ? null : Number(txPackets), rxPackets === null ? null : Number(rxPackets));
}

/** One device from reading to reading. */
export class KnownDevice {
	#last: Reading;
	/** A reading too far from `last`: true when the next one fits it, a glitch when the next one fits `last`. */
	#suspect: Reading | null = null;

	constructor(first: Reading) {
		this.#last = first;
	}

	get last(): Reading {
		return this.#last;
	}

	/** Growth since the last good reading and the ms it took; null = this reading is in doubt and not used. */
	take(now: Reading, lineRate: number | undefined): (Growth & { readonly ms: number }) | null {
		let from = this.#last;
		let growth = growthBetween(from, now, lineRate);
		if (!growth && this.#suspect) {
			from = this.#suspect;
			growth = growthBetween(from, now, lineRate);
			if (growth?.reset) growth = null;
		}
		if (!growth) {
			this.#suspect = now;
			return null;
		}
		this.#last = now;
		this.#suspect = null;
		return { ...growth, ms: now.mono - from.mono };
	}
}
