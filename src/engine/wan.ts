// WAN samples one after the other -> what the WAN moved in between, per device and summed. Pure. Never negative,
// never more than a line carries; what cannot be said is unknown, and not 0.
import type { Bytes, DeviceCounters, WanSample, WanSourceName } from '../record.ts';
import { type Growth, ifindexBeforeBoot, KnownDevice, type Reading, readingOf } from './devicegrowth.ts';

export interface DeviceGrowth extends Growth {
	readonly name: string;
	/** Bytes a second; null = unknown. */
	readonly speed: Bytes | null;
}

export interface WanGrowth {
	readonly kind: 'growth';
	readonly bytes: Bytes;
	/** null where one of the devices does not tell them. */
	readonly packets: Bytes | null;
	/** Bytes a second; null = unknown: after a gap, with a device just found or one whose counters are in doubt. */
	readonly speed: Bytes | null;
	readonly devices: readonly DeviceGrowth[];
}

/**
 * `baseline`: counted from here on; what was moved since the last growth is unknown for good.
 * `unknown`: no WAN at the moment, or its counters in doubt; what it moves meanwhile may still be counted later.
 */
export type WanStep = WanGrowth | { readonly kind: 'baseline' } | { readonly kind: 'unknown' };

/** What a later life needs to count on from here; plain JSON. */
export interface WanCheckpoint {
	readonly source: WanSourceName;
	readonly basis?: string;
	readonly bootId: string | null;
	readonly devices: readonly {
		/** Name, a space, and `DeviceCounters.counts`. */
		readonly key: string;
		readonly ifindex: number | null;
		/** Bytes received and sent, packets received and sent, in decimal digits. */
		readonly counters: readonly [string, string, string | null, string | null];
	}[];
}

export interface WanCounterOptions {
	/** ms between two samples; a gap of more than three leaves the speed unknown. */
	readonly intervalMs: number;
	/** This machine's; another one than the checkpoint's says that its kernel's counters began again at 0. */
	readonly bootId: string | null;
	readonly checkpoint?: WanCheckpoint;
	/** ms since the checkpoint, which bounds what can have been moved meanwhile; absent = not known. */
	readonly awayMs?: number;
}

const gapIntervals = 3;
/** More than a router has WANs; the one unseen for the longest is forgotten. */
const knownMax = 32;

export class WanCounter {
	readonly #options: WanCounterOptions;
	#source: WanSourceName | null = null;
	#basis: string | undefined;
	#mono: number | null = null;
	readonly #known = new Map<string, KnownDevice>();

	constructor(options: WanCounterOptions) {
		this.#options = options;
	}

	/** @param intervalMs ms between two samples now, where the source had to slow down */
	take(sample: WanSample, intervalMs = this.#options.intervalMs): WanStep {
		if (this.#mono === null) this.#restore(sample.mono);
		else if (sample.source === this.#source && sample.mono <= this.#mono) return { kind: 'unknown' };
		if (sample.source !== this.#source) this.#known.clear();
		this.#source = sample.source;
		this.#mono = sample.mono;
		if (sample.devices.length === 0) return { kind: 'unknown' };
		if (sample.basis !== this.#basis) this.#known.clear();
		this.#basis = sample.basis;

		const found = new Map(sample.devices.map((device) => [keyOf(device), device]));
		this.#forgetOtherHalves(sample.devices, found);
		const grown: DeviceGrowth[] = [];
		let doubted = 0;
		for (const [key, device] of found) {
			const now = readingOf(device, sample.mono);
			const known = this.#known.get(key);
			if (!known) {
				this.#known.set(key, new KnownDevice(now));
				continue;
			}
			const growth = known.take(now, device.lineRate);
			if (growth) grown.push({ name: device.name, ...growth, speed: speedOf(growth, intervalMs, device.lineRate) });
			else doubted += 1;
		}
		this.#forget();
		if (grown.length > 0) return summed(grown, grown.length < found.size);
		return { kind: doubted > 0 ? 'unknown' : 'baseline' };
	}

	/** null before the first sample. */
	checkpoint(): WanCheckpoint | null {
		if (this.#source === null) return null;
		const text = (counter: bigint | null) => (counter === null ? null : String(counter));
		const devices = [...this.#known].map(([key, { last }]) => ({
			key,
			ifindex: last.ifindex,
			counters: [String(last.rxBytes), String(last.txBytes), text(last.rxPackets), text(last.txPackets)] as const,
		}));
		const basis = this.#basis === undefined ? {} : { basis: this.#basis };
		return { source: this.#source, ...basis, bootId: this.#options.bootId, devices };
	}

	#restore(mono: number): void {
		const { checkpoint, bootId, awayMs } = this.#options;
		if (!checkpoint) return;
		this.#source = checkpoint.source;
		this.#basis = checkpoint.basis;
		// LuCI's counters are another machine's: this one's boots say nothing of them.
		const booted = checkpoint.source !== 'luci' && checkpoint.bootId !== bootId;
		const number = (digits: string | null) => (digits === null ? null : BigInt(digits));
		for (const { key, ifindex, counters } of checkpoint.devices) {
			const last: Reading = {
				ifindex: booted ? ifindexBeforeBoot : ifindex,
				rxBytes: BigInt(counters[0]),
				txBytes: BigInt(counters[1]),
				rxPackets: number(counters[2]),
				txPackets: number(counters[3]),
				mono: mono - (awayMs ?? Number.POSITIVE_INFINITY),
			};
			this.#known.set(key, new KnownDevice(last));
		}
	}

	/**
	 * Flow offload was switched: what one device counted whole is now counted in halves, or the other way round. A
	 * reading from before the switch would count once more what the others counted since.
	 */
	#forgetOtherHalves(devices: readonly DeviceCounters[], found: ReadonlyMap<string, DeviceCounters>): void {
		const other = devices.flatMap(({ name, counts }) => (counts ? [`${name} `] : [`${name} received`, `${name} sent`]));
		if (!other.some((key) => this.#known.has(key))) return;
		for (const key of [...this.#known.keys()]) if (!found.has(key)) this.#known.delete(key);
	}

	#forget(): void {
		if (this.#known.size <= knownMax) return;
		const oldest = [...this.#known].sort(([, a], [, b]) => a.last.mono - b.last.mono);
		for (const [key] of oldest.slice(0, this.#known.size - knownMax)) this.#known.delete(key);
	}
}

const keyOf = (device: DeviceCounters): string => `${device.name} ${device.counts ?? ''}`;

function speedOf(
	{ bytes, ms }: { readonly bytes: Bytes; readonly ms: number },
	intervalMs: number,
	lineRate = Number.POSITIVE_INFINITY,
): Bytes | null {
	if (ms > gapIntervals * intervalMs || ms < intervalMs / 2) return null;
	const speed = (moved: number) => Math.round(Math.min(lineRate, (moved * 1000) / ms));
	return { up: speed(bytes.up), down: speed(bytes.down) };
}

function summed(devices: readonly DeviceGrowth[], incomplete: boolean): WanGrowth {
	const sum = (parts: readonly (Bytes | null)[]) =>
		parts.reduce((a, b) => (a && b ? { up: a.up + b.up, down: a.down + b.down } : null), { up: 0, down: 0 });
	return {
		kind: 'growth',
		bytes: sum(devices.map((device) => device.bytes)) ?? { up: 0, down: 0 },
		packets: sum(devices.map((device) => device.packets)),
		speed: incomplete ? null : sum(devices.map((device) => device.speed)),
		devices,
	};
}
