// Sums at moments -> speeds. By the monotonic clock only; what is not known is null, never a spike and never 0.
import type { Bytes } from '../record.ts';

/** What is measured, by name. */
export type Sums<Name extends string> = { readonly [Key in Name]: Bytes };

interface Reading<Name extends string> {
	readonly mono: number;
	readonly sums: Sums<Name>;
}

/** A display shows a second: readings that come faster are taken together. */
const spanMs = 1000;
/** A reading that came later than this many intervals after the one before says nothing of "now". */
const gapIntervals = 3;
/** Without a reading for this many intervals the source is stale. */
const staleIntervals = 2;

export class Meter<Name extends string> {
	#readings: Reading<Name>[] = [];
	#intervalMs: number;

	/** @param intervalMs the time between two readings when all is well */
	constructor(intervalMs: number) {
		this.#intervalMs = intervalMs;
	}

	set intervalMs(ms: number) {
		this.#intervalMs = ms;
	}

	/** Sums that only ever grow (a correction downwards reads as speed 0), at `mono` ms. */
	add(mono: number, sums: Sums<Name>): void {
		const last = this.#readings.at(-1);
		if (last && mono - last.mono > gapIntervals * this.#intervalMs) this.#readings = [];
		this.#readings.push({ mono, sums });
		// The second reading that lies a whole span back serves no one.
		while (this.#readings.length > 2 && mono - this.#readings[1]!.mono >= this.#span()) this.#readings.shift();
	}

	/** The sums begin anew (another run, another source): nothing before can be compared with what comes. */
	reset(): void {
		this.#readings = [];
	}

	/** Heard before, but not for two intervals. */
	isStale(mono: number): boolean {
		const last = this.#readings.at(-1);
		return last !== undefined && mono - last.mono > staleIntervals * this.#intervalMs;
	}

	/** Bytes per second, each name; null after a first reading, after a gap, and while stale. */
	speeds(mono: number): { readonly [Key in Name]: Bytes } | null {
		const first = this.#readings[0];
		const last = this.#readings.at(-1);
		if (!first || !last || this.isStale(mono)) return null;
		const seconds = (last.mono - first.mono) / 1000;
		if (seconds * 1000 < this.#intervalMs / 2) return null;
		const speed = (name: Name, way: keyof Bytes) =>
			Math.max(0, Math.round((last.sums[name][way] - first.sums[name][way]) / seconds));
		const names = Object.keys(last.sums) as Name[];
		return Object.fromEntries(
			names.map((name) => [name, { up: speed(name, 'up'), down: speed(name, 'down') }]),
		) as Sums<Name>;
	}

	/** Readings half an interval apart are one moment as good as two; a second is what is shown. */
	#span(): number {
		return Math.max(this.#intervalMs / 2, spanMs * 0.9);
	}
}
