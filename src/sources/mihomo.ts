// mihomo's controller as a source: asks who it is, reads its stream of connections, and comes back after every end
// with a growing, jittered delay. Works with every core that speaks this API (Clash, mihomo's forks, sing-box).
import type { Snapshot } from '../record.ts';
import { type Clock, every } from '../system/clock.ts';
import { Controller, type ControllerAddress, isLocal, type Proxies } from './controller.ts';
import { bootId, coreStarted } from './coreprocess.ts';
import { SnapshotReader } from './reader.ts';
import { isRefusal } from './snapshot.ts';
import { Stream } from './stream.ts';

/** What is known of the core's process; the shape of engine/run.ts's CoreIdentity. */
export interface Identity {
	readonly bootId: string | null;
	readonly directId: string | null;
	readonly processStarted: number | null;
}

export interface MihomoOptions {
	readonly address: ControllerAddress;
	/** ms between two frames, or `auto`. */
	readonly interval: number | 'auto';
	readonly timeoutMs: number;
	readonly clock: Clock;
	/** ms until the next try after so many failures in a row; null = give up. */
	readonly retryDelay: (failures: number) => number | null;
	/** A try begins. */
	readonly onAttempt: () => void;
	/** The controller answered; frames may follow. `version` as `/version` tells it. */
	readonly onArrive: (identity: Identity, version: string) => void;
	/** Types of all proxies: at each arrival, each minute, and when `lookUpTypes` was called. */
	readonly onProxies: (types: ReadonlyMap<string, string>, identity: Identity) => void;
	/** Valid until the next call. `mono` = when the frame arrived. */
	readonly onSnapshot: (snapshot: Snapshot, mono: number) => void;
	/** A frame was refused; the stream goes on. */
	readonly onRefused: (why: string) => void;
	/** The controller cannot be read, or no more. */
	readonly onFailure: (why: string) => void;
	/** The retry profile has ended; nothing more will come. */
	readonly onGiveUp: () => void;
	/** `auto` has chosen another interval. */
	readonly onInterval: (ms: number) => void;
}

const proxiesEveryMs = 60_000;
/** `auto`: so many bytes of frames a second, at intervals from 250 ms to 2 s; changed when it is off by a third. */
const autoBytesPerSecond = 500_000;
const autoRangeMs = [250, 2000] as const;
const autoTolerance = 1.33;

export class Mihomo {
	readonly #options: MihomoOptions;
	readonly #controller: Controller;
	readonly #reader = new SnapshotReader();
	#stream: Stream | null = null;
	#intervalMs: number;
	#identity: Identity = { bootId: null, directId: null, processStarted: null };
	#failures = 0;
	#frameBytes = 0;
	#asking = false;
	#stopped = false;
	#cancelRetry = () => {};
	#stopMinutes = () => {};

	constructor(options: MihomoOptions) {
		this.#options = options;
		this.#controller = new Controller(options);
		this.#intervalMs = options.interval === 'auto' ? 1000 : options.interval;
	}

	get intervalMs(): number {
		return this.#intervalMs;
	}

	start(): void {
		this.#stopMinutes = every(this.#options.clock, proxiesEveryMs, () => this.#eachMinute());
		void this.#connect();
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		this.#cancelRetry();
		this.#stopMinutes();
		this.#stream?.close();
		this.#controller.close();
	}

	/** Asks `/proxies` anew: a leaf was seen that is not known. */
	lookUpTypes(): void {
		if (!this.#asking && this.#stream) void this.#askProxies();
	}

	async #connect(): Promise<void> {
		this.#options.onAttempt();
		try {
			const version = await this.#controller.version();
			const proxies = await this.#controller.proxies();
			if (this.#stopped) return;
			this.#identity = this.#identify(proxies);
			this.#options.onArrive(this.#identity, version);
			this.#options.onProxies(proxies?.types ?? new Map(), this.#identity);
		} catch (error) {
			if (!this.#stopped) this.#fail((error as Error).message);
			return;
		}
		this.#open();
	}

	#open() {
		const { address, clock, timeoutMs } = this.#options;
		this.#reader.forget();
		this.#stream = new Stream({
			address,
			clock,
			timeoutMs,
			intervalMs: this.#intervalMs,
			onFrame: (frame, mono) => this.#read(frame, mono),
			onEnd: (why, restMs) => {
				this.#stream = null;
				this.#fail(why, restMs);
			},
		});
	}

	#read(frame: Buffer, mono: number) {
		this.#frameBytes = frame.length;
		const snapshot = this.#reader.read(frame);
		if (isRefusal(snapshot)) return this.#options.onRefused(snapshot.refused);
		this.#failures = 0;
		this.#options.onSnapshot(snapshot, mono);
	}

	/** @param restMs at least so long the core is left alone */
	#fail(why: string, restMs = 0) {
		this.#failures += 1;
		this.#options.onFailure(why);
		const delay = this.#options.retryDelay(this.#failures);
		if (delay === null) {
			this.#stopMinutes();
			return this.#options.onGiveUp();
		}
		this.#cancelRetry = this.#options.clock.after(Math.max(delay, restMs), () => void this.#connect());
	}

	#eachMinute() {
		this.lookUpTypes();
		this.#tuneInterval();
	}

	async #askProxies(): Promise<void> {
		this.#asking = true;
		const proxies = await this.#controller.proxies().catch(() => null);
		this.#asking = false;
		if (this.#stopped || !this.#stream) return;
		// An answer that did not come is no other id.
		if (proxies) this.#identity = { ...this.#identity, directId: proxies.directId };
		this.#options.onProxies(proxies?.types ?? new Map(), this.#identity);
	}

	/** With `auto`, opens the stream anew at the interval that the frames' size allows. */
	#tuneInterval() {
		if (this.#options.interval !== 'auto' || !this.#stream || this.#frameBytes === 0) return;
		const [least, most] = autoRangeMs;
		const wanted = Math.round(Math.min(most, Math.max(least, (this.#frameBytes / autoBytesPerSecond) * 1000)));
		const ratio = wanted / this.#intervalMs;
		if (ratio < autoTolerance && ratio > 1 / autoTolerance) return;
		this.#intervalMs = wanted;
		this.#options.onInterval(wanted);
		this.#stream.close();
		this.#open();
	}

	#identify(proxies: Proxies | null): Identity {
		const local = isLocal(this.#options.address);
		return {
			bootId: local ? bootId() : null,
			directId: proxies?.directId ?? null,
			processStarted: local ? coreStarted() : null,
		};
	}
}
