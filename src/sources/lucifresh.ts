// luci-bwc samples once a second while somebody asks and stops 10 s later; rows of an earlier run come back
// after a pause. Tells fresh rows from stale ones by how the router's seconds go on beside ours.
import type { Row } from './lucicounters.ts';

/** A row may be this much behind: whole seconds, a daemon that sleeps a little more than one each round. */
const lagSeconds = 3;

export class Freshness {
	readonly #seen = new Map<string, { readonly time: number; readonly mono: number }>();

	/**
	 * Whether `row` of `device`, in an answer at `mono` (ms), is of now: the row before must be known, and the router's
	 * time have gone on since as ours did. A router whose clock was set is fresh again one row later.
	 */
	isFresh(device: string, row: Row, mono: number): boolean {
		const last = this.#seen.get(device);
		if (last && row.time === last.time) return false;
		this.#seen.set(device, { time: row.time, mono });
		if (!last) return false;
		const passed = row.time - last.time;
		return passed > 0 && passed >= (mono - last.mono) / 1000 - lagSeconds;
	}
}
