// In which 5 minutes something flowed. While the wall clock is not to be trusted (a router without RTC before NTP) time
// is kept as time since boot, and gets its bucket when the clock is. Pure.

export const bucketSeconds = 300;

/** Both clocks at one moment, in ms, and whether `wall` is to be believed. */
export interface Moment {
	readonly wall: number;
	readonly mono: number;
	readonly trusted: boolean;
}

/** s since the Unix epoch; below 0: -1 - (s since boot), while that is all that is known. */
type Key = number;

/** The 5 minutes that something is booked in, and since when it may have flowed (null: in that bucket). */
export interface TimeKeys {
	readonly bucket: Key;
	readonly since: Key | null;
}

/** Nobody looked for so long: what is found then has flowed at any time in between. */
const absenceMs = 30_000;

/** The core's frames and the WAN's samples come and go apart. */
export type Teller = 'core' | 'wan';

export class Buckets {
	readonly #last: Record<Teller, Moment | null> = { core: null, wan: null };
	readonly #keys: Record<Teller, TimeKeys> = { core: { bucket: 0, since: null }, wan: { bucket: 0, since: null } };
	#mono = 0;
	/** ms: wall - mono, while the clock is trusted. */
	#offset: number | null = null;
	/** s since the Unix epoch of the last trusted moment, earlier lives included. */
	#wall = 0;
	#sameBoot = true;

	/** `teller` looked: what it tells from now on has flowed since it looked before. */
	look(teller: Teller, now: Moment): void {
		this.learn(now);
		const last = this.#last[teller];
		this.#last[teller] = now;
		const bucket = startOf(keyOf(now));
		const since = last !== null && now.mono - last.mono > absenceMs ? keyOf(last) : null;
		// An absence within one bucket needs no telling.
		this.#keys[teller] = { bucket, since: since !== null && startOf(since) === bucket ? null : since };
	}

	/** Where to book what `teller` tells. */
	keys(teller: Teller): TimeKeys {
		return this.#keys[teller];
	}

	/** Time has gone on; perhaps the clock is trusted now. */
	learn({ wall, mono, trusted }: Moment): void {
		this.#mono = mono;
		this.#offset = trusted ? wall - mono : null;
		if (trusted) this.#wall = Math.floor(wall / 1000);
	}

	/** In s since the Unix epoch; null as long as that is not known. */
	resolve({ bucket, since }: TimeKeys): { readonly bucket: number; readonly since: number | null } | null {
		if (bucket >= 0 && (since === null || since >= 0)) return { bucket, since };
		const offset = this.#offset;
		if (offset === null) return null;
		const wallOf = (key: Key) => (key >= 0 ? key : Math.max(0, Math.floor(offset / 1000) - 1 - key));
		const start = startOf(wallOf(bucket));
		const from = since === null ? null : wallOf(since);
		return { bucket: start, since: from !== null && from < start ? from : null };
	}

	/** An earlier life was last awake then: `mono` in ms, `wall` in s (0: its clock was never trusted). */
	restore({ mono, wall }: { readonly mono: number; readonly wall: number }, sameBoot: boolean): void {
		this.#wall = wall;
		this.#sameBoot = sameBoot;
		if (wall === 0 && !sameBoot) return;
		const last = { mono: sameBoot ? mono : Number.NEGATIVE_INFINITY, wall: wall * 1000, trusted: wall > 0 };
		this.#last.core = last;
		this.#last.wan = last;
	}

	/** Keys of an earlier life. Time since another boot says nothing now, but that it was after all that is known. */
	restored({ bucket, since }: TimeKeys): TimeKeys {
		if (this.#sameBoot) return { bucket, since };
		const known = (key: Key) => (key >= 0 ? key : this.#wall > 0 ? this.#wall : -1);
		return { bucket: startOf(known(bucket)), since: since === null ? null : known(since) };
	}

	/** For `restore`. */
	state(): { readonly mono: number; readonly wall: number } {
		return { mono: this.#mono, wall: this.#wall };
	}
}

function keyOf({ wall, mono, trusted }: Moment): Key {
	return trusted ? Math.max(0, Math.floor(wall / 1000)) : -1 - Math.floor(mono / 1000);
}

function startOf(key: Key): Key {
	const seconds = key >= 0 ? key : -1 - key;
	const start = seconds - (seconds % bucketSeconds);
	return key >= 0 ? start : -1 - start;
}
