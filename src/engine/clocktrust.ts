// Is the wall clock to be believed? Routers without RTC begin in the past and jump when NTP answers; nothing may be
// booked under such a time. Pure.
import type { Moment } from './buckets.ts';

/** No netmon ran before 2026: a clock that says so was never set. */
const earliestMs = Date.UTC(2026, 0, 1);
/** After this long without a step it is believed. */
const stableMs = 60_000;
/** A machine up for so long has heard of NTP, if it ever will. */
const settledUptimeMs = 600_000;
/** A tick that comes late moves both clocks; slewing moves one by 0.5 ms a second. */
const stepMs = 2_000;
const dayMs = 86_400_000;

export class ClockTrust {
	readonly #lastWall: number;
	#offset: number | null = null;
	/** `mono` from which on the clock has not stepped. */
	#steadySince = Number.NEGATIVE_INFINITY;

	/** @param lastWall ms since the Unix epoch of the last trusted moment of an earlier life; 0 = none */
	constructor(lastWall = 0) {
		this.#lastWall = lastWall;
	}

	/** To be asked each tick: a step is seen between two calls. */
	moment(wall: number, mono: number): Moment {
		const offset = wall - mono;
		const fresh = this.#offset === null;
		const doubtful = fresh && (mono < settledUptimeMs || wall < this.#lastWall - dayMs);
		const stepped = !fresh && Math.abs(offset - this.#offset!) > stepMs;
		if (doubtful || stepped) this.#steadySince = mono;
		this.#offset = offset;
		return { wall, mono, trusted: wall >= earliestMs && mono - this.#steadySince >= stableMs };
	}
}
