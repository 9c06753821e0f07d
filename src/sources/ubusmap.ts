// Keeps the map of the WAN devices fresh by asking netifd over ubus: every 30 s and soon after an event.
import type { ProcfsMap } from './procfs.ts';
import { UbusClient, type UbusOptions } from './ubus.ts';
import { countersFor, devicesOf, type Offload, readDump, type WanMap, wanMap } from './wanmap.ts';

const askEveryMs = 30_000;
/** netifd may be restarting; it is back within seconds. */
const askAgainMs = 3_000;
/** An event comes twice and before the routes are all in place. */
const afterEventMs = 300;
/** A flapping interface sends events without end; each dump costs netifd about 1 ms. */
const minGapMs = 1_000;
/** Three asks without an answer: the WAN may have moved since. */
const staleMs = 3 * askEveryMs;

export interface UbusMapOptions extends Pick<UbusOptions, 'clock' | 'retryDelay' | 'paths' | 'timeoutMs'> {
	/** The firewall's flow offload, asked with each dump. */
	readonly offload: () => Offload;
	/** Another map than before (a new uptime is none); null when what was known became too old. */
	readonly onChange?: (map: WanMap | null) => void;
}

export class UbusMap {
	readonly client: UbusClient;
	readonly #options: UbusMapOptions;
	#map: WanMap | null = null;
	#answeredMono = 0;
	#error: string | null = null;
	#asking: Promise<WanMap> | null = null;
	#askedMono = Number.NEGATIVE_INFINITY;
	#cancel: (() => void) | null = null;
	#dueMono = 0;
	#started = false;

	constructor(options: UbusMapOptions) {
		this.#options = options;
		this.client = new UbusClient({
			...options,
			events: ['network.interface'],
			onEvent: () => this.hint(),
			onUp: () => this.#askWithin(0),
			onDown: (error) => {
				this.#error = error.message;
			},
		});
	}

	start(): void {
		if (this.#started) return;
		this.#started = true;
		this.client.start();
		this.#askWithin(askEveryMs);
	}

	async stop(): Promise<void> {
		this.#started = false;
		this.#cancel?.();
		this.#cancel = null;
		await this.client.stop();
		this.#map = null;
	}

	/** The last map; null before the first and when netifd has not answered for 90 s. */
	current(): WanMap | null {
		if (this.#map && this.#options.clock.mono() - this.#answeredMono > staleMs) this.#become(null);
		return this.#map;
	}

	/** The map as `ProcfsWan` wants it; null also where netifd knows no WAN, for the routes may. */
	forProcfs(): ProcfsMap | null {
		const map = this.current();
		if (!map || map.wans.length === 0) return null;
		return { devices: devicesOf(map), why: map.why, pick: (devices) => countersFor(map, devices) };
	}

	/** When netifd answered last, monotonic ms. */
	get answeredMono(): number {
		return this.#answeredMono;
	}

	/** Why the last ask failed; null when it did not. */
	get error(): string | null {
		return this.#error;
	}

	/** Something may have changed: asks soon. */
	hint(): void {
		this.#askWithin(afterEventMs);
	}

	/** Asks netifd now, or joins the ask under way. Rejects with an error in words. */
	ask(): Promise<WanMap> {
		this.#asking ??= this.#ask().finally(() => {
			this.#asking = null;
		});
		return this.#asking;
	}

	async #ask(): Promise<WanMap> {
		// This ask is also the one that was due; a hint that comes meanwhile wants another.
		this.#cancel?.();
		this.#cancel = null;
		this.#askedMono = this.#options.clock.mono();
		try {
			const interfaces = readDump((await this.client.call('network.interface', 'dump'))[0]);
			if (typeof interfaces === 'string') throw new Error(interfaces);
			this.#error = null;
			this.#answeredMono = this.#options.clock.mono();
			this.#askWithin(askEveryMs);
			return this.#become(wanMap(interfaces, this.#options.offload()));
		} catch (error) {
			this.#error = (error as Error).message;
			this.#askWithin(askAgainMs);
			throw error;
		}
	}

	#become<Next extends WanMap | null>(map: Next): Next {
		const changed = sameness(map) !== sameness(this.#map);
		this.#map = map;
		if (changed) this.#options.onChange?.(map);
		return map;
	}

	/** Brings the next ask forward to `ms` from now, but not closer than `minGapMs` to the last. */
	#askWithin(ms: number): void {
		if (!this.#started) return;
		const now = this.#options.clock.mono();
		const due = Math.max(now + ms, this.#askedMono + minGapMs);
		if (this.#cancel && this.#dueMono <= due) return;
		this.#cancel?.();
		this.#dueMono = due;
		this.#cancel = this.#options.clock.after(due - now, () => {
			// Why it failed stays in `error`; the next try is on its way.
			this.ask().catch(() => {});
		});
	}
}

/** A map without what changes by itself. */
function sameness(map: WanMap | null): string {
	return JSON.stringify(map && { ...map, wans: map.wans.map((wan) => ({ ...wan, uptimeS: null })) });
}
