// Where everything that was read comes together: the core's sums and the WAN's growth, held against each other
// (WAN = core + overhead + bypass) -> what is told once a second. Pure; knows no peer and no display.
import { type Bytes, type Live, noBytes } from '../record.ts';
import type { CoreTotals } from './account.ts';
import { Bypass, type BypassCheckpoint, type BypassSums } from './bypass.ts';
import { Meter } from './meter.ts';
import type { WanStep } from './wan.ts';

type CoreName = 'direct' | 'proxy' | 'reject' | 'unattributed' | 'core';

const unknownCore = { direct: null, proxy: null, reject: null, unattributed: null, core: null } as const;

export interface OverviewOptions {
	/** ms between two frames of the core, and between two WAN samples. */
	readonly intervalMs: number;
	readonly checkpoint?: BypassCheckpoint;
}

export class Overview {
	readonly #core: Meter<CoreName>;
	readonly #wan: Meter<'wan'>;
	readonly #beside: Meter<'overhead' | 'bypass'>;
	readonly #bypass: Bypass;
	/** The core's sums at the last frame of this life, and where a checkpoint has them begin. */
	#told: CoreTotals | null = null;
	#totals: CoreTotals | null = null;
	#connections: number | null = null;
	#wanTotal: Bytes | null = null;
	/** Connections opened since the last frame. */
	#opened = 0;
	/** What earlier lives had. */
	readonly #before: BypassSums | null;
	#coreIntervalMs: number;
	#wanIntervalMs: number;
	/** When each of the two told last; null = nothing that is not settled. */
	#coreMono: number | null = null;
	#wanMono: number | null = null;

	constructor({ intervalMs, checkpoint }: OverviewOptions) {
		this.#coreIntervalMs = intervalMs;
		this.#wanIntervalMs = intervalMs;
		this.#core = new Meter(intervalMs);
		this.#wan = new Meter(intervalMs);
		this.#beside = new Meter(intervalMs);
		this.#bypass = new Bypass(checkpoint ? { checkpoint } : {});
		this.#before = this.#bypass.sums;
		// A life that goes on: what the core moved meanwhile has its counterpart in what the WAN did.
		if (checkpoint) this.#totals = noTotals;
	}

	/** A connection was seen for the first time. */
	opened(): void {
		this.#opened += 1;
	}

	/** A frame: the core's sums of this life and its open connections, at `mono` ms. */
	coreFrame(totals: CoreTotals, connections: number, mono: number): void {
		const before = this.#totals ?? totals;
		// What the WAN moved before the core's first frame has no counterpart.
		if (this.#totals === null) this.#bypass.skip();
		this.#bypass.coreGrew({
			core: positive(minus(totals.core, before.core)),
			proxied: minus(totals.proxy, before.proxy),
			// Those of the first frame were opened before it: what that added was moved before it, too.
			connections: this.#told === null ? 0 : this.#opened,
		});
		this.#opened = 0;
		this.#totals = totals;
		this.#told = totals;
		this.#connections = connections;
		this.#coreMono = mono;
		const { direct, proxy, reject, unattributed, core } = totals;
		this.#core.add(mono, { direct, proxy, reject, unattributed, core });
		this.#settle(mono);
	}

	/** The core is not heard; `coreFrame` ends that. */
	coreLost(): void {
		this.#connections = null;
	}

	/** `--interval auto` reads at another pace. */
	set coreIntervalMs(ms: number) {
		this.#coreIntervalMs = ms;
		this.#core.intervalMs = ms;
		this.#pace();
	}

	/** The WAN is this device now. */
	wanDeviceIs(name: string): void {
		this.#bypass.deviceIs(name);
	}

	/** What a WAN sample, taken at `mono` ms, says against the one before. */
	wanStep(step: WanStep, mono: number, intervalMs: number): void {
		this.#wanIntervalMs = intervalMs;
		this.#wan.intervalMs = intervalMs;
		this.#pace();
		if (step.kind === 'baseline') {
			this.#wan.reset();
			this.#wanTotal ??= noBytes;
			this.#wan.add(mono, { wan: this.#wanTotal });
			this.#bypass.skip();
			this.#wanMono = mono;
		}
		if (step.kind !== 'growth') return;
		this.#wanTotal = plus(this.#wanTotal ?? noBytes, step.bytes);
		// A growth whose speed is in doubt (a gap, a device just found) is bytes, but no speed.
		if (step.speed === null) this.#wan.reset();
		this.#wan.add(mono, { wan: this.#wanTotal });
		this.#bypass.wanGrew(step);
		this.#wanMono = mono;
		this.#settle(mono);
	}

	/** What is told now. Totals of this life; null = unknown. */
	live(wall: number, mono: number, tickMs: number): Live {
		const core = this.#core.speeds(mono);
		const wan = this.#wan.speeds(mono)?.wan ?? null;
		const beside = wan && core ? this.#beside.speeds(mono) : null;
		const sums = this.#bypass.sums;
		return {
			wall,
			intervalMs: tickMs,
			speeds: {
				...(core ?? unknownCore),
				wan,
				overhead: beside?.overhead ?? null,
				bypass: beside?.bypass ?? null,
			},
			coreStale: this.#core.isStale(mono),
			wanStale: this.#wan.isStale(mono),
			totals: {
				...(this.#told ?? unknownTotals),
				wan: this.#wanTotal,
				overhead: sums && minus(sums.overhead, this.#before?.overhead ?? noBytes),
				bypass: sums && minus(sums.bypass, this.#before?.bypass ?? noBytes),
			},
			connections: this.#core.isStale(mono) ? null : this.#connections,
		};
	}

	/** What WAN and core say together; null before both were heard. */
	get sums(): BypassSums | null {
		return this.#bypass.sums;
	}

	/** For a later life; null before both were heard. */
	checkpoint(): BypassCheckpoint | null {
		return this.#bypass.checkpoint();
	}

	/** What both say together comes at the pace of the slower. */
	#pace() {
		this.#beside.intervalMs = Math.max(this.#coreIntervalMs, this.#wanIntervalMs);
	}

	/** Both have told up to now: what they moved since they last had is one stretch of time. */
	#settle(mono: number) {
		if (this.#coreMono === null || this.#wanMono === null) return;
		if (Math.abs(this.#coreMono - this.#wanMono) > settleMs) return;
		this.#coreMono = null;
		this.#wanMono = null;
		this.#bypass.settle(mono);
		const { sums } = this.#bypass;
		if (sums) this.#beside.add(mono, { overhead: sums.overhead, bypass: sums.bypass });
	}
}

/** A frame and the WAN sample taken beside it lie a few ms apart; a source of its own pace may be half a second off. */
const settleMs = 500;

const noTotals: CoreTotals = {
	direct: noBytes,
	proxy: noBytes,
	reject: noBytes,
	attributed: noBytes,
	unattributed: noBytes,
	core: noBytes,
};
const unknownTotals = { ...unknownCore, attributed: null } as const;

function plus(a: Bytes, b: Bytes): Bytes {
	return { up: a.up + b.up, down: a.down + b.down };
}

/** The core's sum falls by what a killed run had counted ahead of its totals. */
function positive({ up, down }: Bytes): Bytes {
	return { up: Math.max(0, up), down: Math.max(0, down) };
}

function minus(a: Bytes, b: Bytes): Bytes {
	return { up: a.up - b.up, down: a.down - b.down };
}
