// Is the core that answers still the one that was read before? Its totals are per process, so a new process means
// new totals from 0 and a mistake means that a home's whole traffic is counted twice, or never. In doubt it is the
// same run: what cannot be proved is reported as a gap.
import type { Bytes } from '../record.ts';

/** What tells one process of the core from the next. */
export interface CoreIdentity {
	/** The kernel's boot id; null when the controller is on another machine. */
	readonly bootId: string | null;
	/** `id` of the proxy DIRECT: new with each process, and with each reload of its configuration. */
	readonly directId: string | null;
	/** When the core's process began, in ms since boot; null when it is not to be found in /proc. */
	readonly processStarted: number | null;
}

export const unknownCore: CoreIdentity = { bootId: null, directId: null, processStarted: null };

/** The core as it was at the last frame. */
export interface Stored {
	readonly identity: CoreIdentity;
	/** The core's totals. */
	readonly total: Bytes;
	/** ms since boot. */
	readonly mono: number;
}

/** The first frame of a new stream, and what is known of who sends it. */
export interface Arrival {
	readonly identity: CoreIdentity;
	readonly total: Bytes;
	/** Is a connection listed that was open at the last frame? */
	readonly someListed: boolean;
	/** What all listed connections that count have moved. */
	readonly listed: Bytes;
}

/** A counter may be ahead of the totals by what flowed while the frame was written. */
const marginBytes = 1024 * 1024;

/** Whether totals alone tell: they never fall within a run. */
export function hasFallen(stored: Bytes, total: Bytes): boolean {
	return total.up < stored.up || total.down < stored.down;
}

/** 'doubt' = signs of a new run, but no proof: to be treated as the same, and said. */
export function judgeRun(stored: Stored, arrival: Arrival): 'same' | 'new' | 'doubt' {
	if (hasFallen(stored.total, arrival.total)) return 'new';
	if (differ(stored.identity.bootId, arrival.identity.bootId)) return 'new';
	if (arrival.someListed || !differ(stored.identity.directId, arrival.identity.directId)) return 'same';
	const gained = { up: arrival.total.up - stored.total.up, down: arrival.total.down - stored.total.down };
	if (arrival.listed.up > gained.up + marginBytes || arrival.listed.down > gained.down + marginBytes) return 'new';
	const { processStarted } = arrival.identity;
	return processStarted !== null && processStarted > stored.mono ? 'new' : 'doubt';
}

function differ(before: string | null, now: string | null): boolean {
	return before !== null && now !== null && before !== now;
}
