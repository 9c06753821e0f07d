// One direction of `wan + local = core + overhead + bypass`, to the byte at every moment. What is not settled yet,
// because proxies buffer and the two counters are not read at one instant, is carried, signed. Pure.
import type { Shares } from './envelope.ts';

/** Bytes so far; `wan + local = core + overhead + bypass + carry`. Plain JSON. */
export interface BalanceState {
	readonly wan: number;
	readonly core: number;
	/** By the model, before the carry. */
	readonly overhead: number;
	readonly bypass: number;
	readonly local: number;
	readonly carry: number;
	/** Bypass told while the core was busy: if it was a buffer that filled, the carry gives it back. */
	readonly owed: number;
}

const emptyBalance: BalanceState = { wan: 0, core: 0, overhead: 0, bypass: 0, local: 0, carry: 0, owed: 0 };

/** What was moved in one direction since the step before. */
export interface BalanceStep {
	readonly mono: number;
	readonly wan: number;
	/** null = not told. */
	readonly packets: number | null;
	readonly core: number;
	/** Of `core`, what the share for it applies to. */
	readonly costly: number;
	/** The core's in the other direction. */
	readonly other: number;
	readonly connections: number;
	/** Bytes per packet. */
	readonly header: number;
	readonly shares: Shares;
}

/** What sockets and proxies hold back at most: beyond it a lack on the WAN is local traffic, not lateness. */
const carryMax = 8_000_000;
const owedMax = 16_000_000;
/** Bypass is the smallest gap of this long: while the core moves bytes, buffers fill and drain in it. */
const busyHorizonMs = 4_000;
/** At rest only the distance between the two readings is to be bridged. */
const restHorizonMs = 1_500;
/** A step longer than this is an absence. */
const gapMs = 10_000;
const busyBytes = 16_384;
/** The core has been quiet for so long that its buffers are empty. */
const restMs = 10_000;
/** An allowance that nothing needed is gone after this; it must outlast the horizon. */
const creditMs = 20_000;
/** "Lately", for the share of headers: half of it is forgotten in this time. */
const latelyMs = 20_000;
/** What a full packet carries: the share of headers in bypass is not more than in such packets. */
const fullPayload = 1_448;

export class Balance {
	#wan: number;
	#core: number;
	#overhead: number;
	#bypass: number;
	#local: number;
	#carry: number;
	#owed: number;
	#overheadAtRest: number;
	/** Overhead that is to be expected, oldest first. */
	#credits: { readonly mono: number; bytes: number }[] = [];
	#mono: number | null = null;
	/** The next step holds an absence: what it leaves over was moved in it, and must not look like the moment after. */
	#afterGap: boolean;
	#busyMono = Number.NEGATIVE_INFINITY;
	/** The carry at the last moments, as it would be had later bookings been made before. */
	#recent: { readonly mono: number; carry: number }[] = [];
	/** Payload and headers on the wire, lately. */
	#payload = 0;
	#headers = 0;

	/** @param restored an earlier life's; null = none */
	constructor(restored: BalanceState | null) {
		const state = restored ?? emptyBalance;
		this.#afterGap = restored !== null;
		this.#wan = state.wan;
		this.#core = state.core;
		this.#overhead = state.overhead;
		this.#bypass = state.bypass;
		this.#local = state.local;
		this.#carry = state.carry;
		this.#owed = state.owed;
		this.#overheadAtRest = state.overhead;
	}

	/** The sums as they are told: the carry counts as overhead while that allows it, else as local. */
	get sums(): { wan: number; core: number; overhead: number; bypass: number; local: number } {
		const overhead = this.#overhead + this.#carry;
		return {
			wan: this.#wan,
			core: this.#core,
			overhead: Math.max(0, overhead),
			bypass: this.#bypass,
			local: this.#local + Math.max(0, -overhead),
		};
	}

	get state(): BalanceState {
		return {
			wan: this.#wan,
			core: this.#core,
			overhead: this.#overhead,
			bypass: this.#bypass,
			local: this.#local,
			carry: this.#carry,
			owed: this.#owed,
		};
	}

	add(step: BalanceStep): void {
		const { mono, wan, core, shares } = step;
		const headers = step.packets === null ? 0 : Math.min(wan, Math.round(step.header * step.packets));
		const elapsed = this.#mono === null ? 0 : mono - this.#mono;
		const fade = 0.5 ** (elapsed / latelyMs);
		if (elapsed > gapMs) this.#afterGap = true;
		this.#mono = mono;
		this.#wan += wan;
		this.#core += core;
		this.#overhead += headers;
		this.#carry += wan - headers - core;
		this.#allow(mono, shares.core * step.costly + shares.other * step.other + shares.connection * step.connections);
		this.#payload = this.#payload * fade + wan - headers;
		this.#headers = this.#headers * fade + headers;
		if (core >= busyBytes) this.#busyMono = mono;
		this.#bound(headers);
		if (mono - this.#busyMono >= restMs) this.#rest();
		if (this.#afterGap) this.#recent = [];
		this.#recent.push({ mono, carry: this.#carry });
		this.#raise(mono, step.header);
	}

	/** A lack beyond all buffers: too much overhead was assumed in this step, or the core moved bytes that never met the WAN. */
	#bound(headers: number): void {
		const lack = -carryMax - this.#owed - this.#carry;
		if (lack <= 0) return;
		const assumed = Math.min(lack, headers);
		this.#overhead -= assumed;
		this.#local += lack - assumed;
		this.#shift(lack);
	}

	/** Nothing is in a buffer: a lack now is overhead that was not, or local, but for bypass that was a buffer. */
	#rest(): void {
		this.#owed = Math.min(this.#owed, Math.max(0, -this.#carry));
		const lack = Math.floor(-this.#carry - this.#owed);
		if (lack > 0) {
			const assumed = Math.min(lack, Math.max(0, this.#overhead - this.#overheadAtRest));
			this.#overhead -= assumed;
			this.#local += lack - assumed;
			this.#shift(lack);
		}
		this.#overheadAtRest = this.#overhead;
	}

	/** What was too much at every moment of the horizon is no lateness: allowed overhead first, then bypass. */
	#raise(mono: number, header: number): void {
		const busy = mono - this.#busyMono < busyHorizonMs;
		const horizon = busy ? busyHorizonMs : restHorizonMs;
		while (this.#recent.length > 2 && this.#recent[0]!.mono < mono - horizon) this.#recent.shift();
		if (this.#recent.length < 2 && !this.#afterGap) return;
		this.#afterGap = false;
		const surplus = Math.min(...this.#recent.map(({ carry }) => carry));
		if (surplus <= 0) return;
		const allowed = this.#spend(surplus);
		const found = surplus - allowed;
		this.#shift(-surplus);
		// Bypass has headers too; the model took them for the core's.
		const share = Math.min(header / fullPayload, this.#headers / Math.max(1, this.#payload));
		const headers = Math.min(this.#overhead, Math.round(found * share));
		this.#overhead += allowed - headers;
		this.#bypass += found + headers;
		if (busy) this.#owed = Math.min(owedMax, this.#owed + found);
	}

	#allow(mono: number, bytes: number): void {
		if (bytes >= 1) this.#credits.push({ mono, bytes: Math.floor(bytes) });
		while (this.#credits[0] && this.#credits[0].mono < mono - creditMs) this.#credits.shift();
	}

	/** How much of `bytes` is allowed; it is so once. */
	#spend(bytes: number): number {
		let left = bytes;
		for (let credit = this.#credits[0]; credit && left > 0; credit = this.#credits[0]) {
			const spent = Math.min(left, credit.bytes);
			left -= spent;
			credit.bytes -= spent;
			if (credit.bytes === 0) this.#credits.shift();
		}
		return bytes - left;
	}

	#shift(bytes: number): void {
		this.#carry += bytes;
		for (const moment of this.#recent) moment.carry += bytes;
	}
}
