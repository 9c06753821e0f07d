// Where a cycle will end, by the simplest model that people can check: as in the last 7 days, so until its end.

/** How far back it looks. */
export const lookBackMs = 7 * 86_400_000;
/** Less than a day tells nothing of a day. */
const leastMs = 86_400_000;

export interface ForecastFacts {
	/** ms since the Unix epoch; `until` is the cycle's end. */
	readonly now: number;
	readonly until: number;
	/** Bytes of the cycle so far, and its limit. */
	readonly used: number;
	readonly limit: number;
	/** Bytes since `since`, which is the begin of the look back or of what is known, the later of both. */
	readonly recent: number;
	readonly since: number;
}

export interface Forecast {
	/** Bytes at the cycle's end. */
	readonly used: number;
	/** ms since the Unix epoch; null = not in this cycle, or it has been reached. */
	readonly limitAt: number | null;
}

/** null: too little is known. */
export function forecast({ now, until, used, limit, recent, since }: ForecastFacts): Forecast | null {
	const span = now - since;
	if (span < leastMs || now >= until) return null;
	const perMs = Math.max(0, recent) / span;
	const limitAt = used < limit && perMs > 0 ? now + (limit - used) / perMs : null;
	return {
		used: Math.round(used + perMs * (until - now)),
		limitAt: limitAt !== null && limitAt < until ? Math.round(limitAt) : null,
	};
}
