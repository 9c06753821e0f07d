// What is read, as the settings want it: mihomo's stream and the WAN's counters, beside one another, so that both
// tell of one moment. Keeps their health; what they say goes on as it comes.
import type { AgentSettings } from './config.ts';
import { type RetryProfile, retryDelay, retryProfiles } from './engine/backoff.ts';
import type { Parts } from './parts.ts';
import type { AddressFact, Snapshot, WanSample } from './record.ts';
import { isLocal } from './sources/controller.ts';
import { type Identity, Mihomo } from './sources/mihomo.ts';
import { Neighbours } from './sources/neighbours.ts';
import { WanChooser } from './sources/wan.ts';
import type { Clock } from './system/clock.ts';
import type { Log } from './system/log.ts';
import { type NotedWanSource, openWanSources } from './wansources.ts';

export interface ReadingsOptions {
	readonly settings: AgentSettings;
	readonly clock: Clock;
	readonly logOf: (part: string) => Log;
	readonly parts: Parts;
	/** ms between two WAN samples. */
	readonly tickMs: number;
	/** A stream begins, and who sends it. */
	readonly onArrive: (identity: Identity) => void;
	readonly onProxies: (types: ReadonlyMap<string, string>, identity: Identity) => void;
	/** Valid until the next. */
	readonly onSnapshot: (snapshot: Snapshot, mono: number) => void;
	readonly onCoreLost: () => void;
	/** ms between two frames, from the start and whenever it changes. */
	readonly onCoreInterval: (ms: number) => void;
	readonly onWanSample: (sample: WanSample, intervalMs: number) => void;
	/** What the router's tables say of the LAN. */
	readonly onNeighbours: (facts: readonly AddressFact[]) => void;
	/** Both were given up: nothing more will be read. */
	readonly onHopeless: () => void;
	/** For tests; the settings' own otherwise. */
	readonly openSources?: typeof openWanSources;
}

/** Frames that come at least so often set the pace of the WAN samples too. */
const pacingIntervalMs = 1200;
/** A closed port on this machine answers at once and costs nothing: `infinite` never waits long for a core that comes back. */
const infiniteHere: RetryProfile = { tries: 0, minMs: 1000, maxMs: 2000 };
/** Frames may be refused for so long before the core counts as down; it is that of a silent one. */
const refusedMs = 5000;

export class Readings {
	readonly #options: ReadingsOptions;
	readonly #mihomo: Mihomo;
	readonly #wan: WanChooser;
	readonly #wanSources: readonly NotedWanSource[];
	readonly #neighbours: Neighbours;
	#coreVersion: string | null = null;
	#frameMono = Number.NEGATIVE_INFINITY;
	#wanSample: WanSample | null = null;

	constructor(options: ReadingsOptions) {
		this.#options = options;
		const { settings, clock, logOf, openSources = openWanSources } = options;
		this.#mihomo = this.#openMihomo();
		this.#wanSources = openSources({ settings, clock, log: logOf('wan') });
		this.#wan = this.#openWan();
		this.#neighbours = new Neighbours({
			clock,
			wanDevices: () => this.#wanSample?.devices.map(({ name }) => name) ?? settings.wanDevice ?? [],
			onFacts: options.onNeighbours,
			onProblem: (text) => logOf('devices').warn(text),
		});
	}

	start(): void {
		const { parts, onCoreInterval } = this.#options;
		onCoreInterval(this.#mihomo.intervalMs);
		parts.begin('mihomo');
		if (this.#wanSources.length === 0) parts.off('wan');
		else parts.begin('wan');
		this.#wan.start();
		this.#sampleWan();
		this.#neighbours.start();
		this.#mihomo.start();
	}

	async stop(): Promise<void> {
		await this.#mihomo.stop();
		await this.#wan.stop();
		await this.#neighbours.stop();
	}

	/** To be called once a second: the WAN is sampled also while no frame sets the pace. */
	tick(): void {
		const silence = this.#options.clock.mono() - this.#frameMono;
		if (silence > pacingIntervalMs || this.#mihomo.intervalMs > pacingIntervalMs) this.#sampleWan();
	}

	/** A leaf was seen whose type is not known. */
	lookUpTypes(): void {
		this.#mihomo.lookUpTypes();
	}

	/** Who is behind this address? The answer comes by `onNeighbours`. */
	ask(ip: string): void {
		this.#neighbours.ask(ip);
	}

	/** Sentences about what cannot be read of the LAN. */
	get neighbourNotes(): readonly string[] {
		return this.#neighbours.notes();
	}

	/** null while the core is not reached. */
	get core(): { readonly version: string } | null {
		return this.#coreVersion === null ? null : { version: this.#coreVersion };
	}

	get coreIntervalMs(): number {
		return this.#mihomo.intervalMs;
	}

	/** The source in use, why it and its devices, and what it has to say. */
	get wan() {
		const { source, why } = this.#wan;
		const notes = this.#wanSources.find(({ name }) => name === source)?.notes() ?? [];
		return { source, why, sample: this.#wanSample, notes };
	}

	#openMihomo(): Mihomo {
		const { settings, clock, parts, logOf, onArrive, onProxies, onSnapshot, onCoreLost, onCoreInterval } =
			this.#options;
		return new Mihomo({
			address: settings.clash,
			interval: settings.interval,
			timeoutMs: settings.timeoutMs,
			clock,
			retryDelay: (failures) => retryDelay(retryProfileOf(settings), failures, Math.random()),
			onAttempt: () => parts.attempt('mihomo'),
			onArrive: (identity, version) => {
				this.#coreVersion = version;
				onArrive(identity);
			},
			onProxies,
			onSnapshot: (snapshot, mono) => {
				parts.ok('mihomo');
				this.#frameMono = mono;
				onSnapshot(snapshot, mono);
				if (this.#mihomo.intervalMs <= pacingIntervalMs) this.#sampleWan();
			},
			onRefused: (why) => this.#refused(`a frame was refused: ${why}`),
			onFailure: (why) => {
				this.#coreVersion = null;
				parts.fail('mihomo', why);
				onCoreLost();
			},
			onGiveUp: () => this.#giveUp('mihomo'),
			onInterval: (ms) => {
				logOf('mihomo').info(`reading every ${ms} ms from now on`);
				onCoreInterval(ms);
			},
		});
	}

	#openWan(): WanChooser {
		const { clock, parts, logOf, tickMs, onWanSample } = this.#options;
		return new WanChooser({
			clock,
			sources: this.#wanSources,
			intervalMs: tickMs,
			onSample: (sample, intervalMs) => {
				this.#wanSample = sample;
				onWanSample(sample, intervalMs);
				if (sample.devices.length > 0) parts.ok('wan');
				else parts.fail('wan', sample.why);
			},
			onFailure: (error, source) => {
				parts.fail('wan', `${source}: ${error}`);
				if (this.#wanSources.every((one) => one.isOver?.())) this.#giveUp('wan');
			},
			onChange: (_source, why) => logOf('wan').info(`counters by ${why}`),
		});
	}

	#sampleWan(): void {
		const { parts } = this.#options;
		if (parts.isOver('wan')) return;
		if (this.#wan.tick()) parts.attempt('wan');
	}

	/** One bad frame among good ones is counted; nothing but bad ones is a core that cannot be read. */
	#refused(why: string): void {
		const { parts, clock } = this.#options;
		if (clock.mono() - this.#frameMono < refusedMs + this.#mihomo.intervalMs) parts.refuse('mihomo', why);
		else parts.fail('mihomo', why);
	}

	/** A finite retry profile has ended: that part is over; with both sources over there is nothing left to read. */
	#giveUp(source: 'mihomo' | 'wan'): void {
		const { parts, onHopeless } = this.#options;
		parts.giveUp(source);
		if (parts.isOver('mihomo') && parts.isOver('wan')) onHopeless();
	}
}

function retryProfileOf({ retryMihomo, clash }: AgentSettings): RetryProfile {
	return retryMihomo === retryProfiles.infinite && isLocal(clash) ? infiniteHere : retryMihomo;
}
