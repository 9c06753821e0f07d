// How long to wait before the next attempt: exponential with full jitter, so that a thousand agents do not
// come back in one second. Pure: attempt number and a random number in, milliseconds out.

export interface RetryProfile {
	/** Attempts in a row before the part is given up; 0 = for ever. */
	readonly tries: number;
	readonly minMs: number;
	readonly maxMs: number;
}

/** The profiles of the old Network Monitor by name. */
export const retryProfiles = {
	fast: { tries: 5, minMs: 100, maxMs: 5_000 },
	default: { tries: 10, minMs: 500, maxMs: 30_000 },
	slow: { tries: 15, minMs: 1_000, maxMs: 60_000 },
	infinite: { tries: 0, minMs: 1_000, maxMs: 60_000 },
} as const satisfies Record<string, RetryProfile>;

/**
 * ms before attempt `failures + 1`, after `failures` (1 or more) failed in a row; null = give up.
 * @param random a number in [0, 1)
 */
export function retryDelay(profile: RetryProfile, failures: number, random: number): number | null {
	if (profile.tries > 0 && failures >= profile.tries) return null;
	const ceiling = Math.min(profile.maxMs, profile.minMs * 2 ** Math.min(failures - 1, 30));
	return Math.round(profile.minMs / 2 + random * (ceiling - profile.minMs / 2));
}
