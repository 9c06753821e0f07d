// What a master's status means for the agent, and how long `Retry-After` asks to wait. Pure. The table is docs/sync.md's.

/** `read`: look into the answer. `retry`: soon, with backoff. `blocked`: a person has to act; probed now and then. */
export type Verdict =
	| { readonly action: 'read' }
	| { readonly action: 'split' }
	| { readonly action: 'plain' }
	| { readonly action: 'retry' | 'blocked'; readonly why: string };

const splitStatuses = [400, 413, 422];
const retryStatuses = [408, 425, 429];

/** @param who the master, for sentences: `master.example:9091` */
export function verdictOn(status: number, who: string): Verdict {
	if (status >= 200 && status <= 299) return { action: 'read' };
	if (splitStatuses.includes(status)) return { action: 'split' };
	if (status === 415) return { action: 'plain' };
	if (retryStatuses.includes(status)) return { action: 'retry', why: `${who} asks to come later (${status})` };
	if (status >= 500 && status <= 599) return { action: 'retry', why: `${who} cannot take it now (${status})` };
	if (status >= 300 && status <= 499) return { action: 'blocked', why: `${who} ${blockedBecause(status)}` };
	return { action: 'retry', why: `${who} answered with status ${status}, which HTTP does not know` };
}

function blockedBecause(status: number): string {
	if (status <= 399) return `points elsewhere (${status}): set --master-url to where the master really is`;
	if (status === 401) return 'does not accept the token (401): check --master-token';
	if (status === 403) return 'forbids it (403): the token is not for this agent, or something before it refuses';
	if (status === 404) return 'has no /api/v1/sync (404): check the path in --master-url';
	if (status === 407) return 'is behind a proxy that wants a login (407)';
	if (status === 409) return 'hears two agents under this name (409): give one of them another --agent-id';
	if (status === 426) return 'speaks another version (426): bring netmon and its master to the same release';
	return `refuses every body (${status}): is it a master?`;
}

/** Beyond this a master is not obeyed: it may have meant another unit. */
const longestRetryAfterMs = 15 * 60_000;

/**
 * `Retry-After` (RFC 9110 10.2.3: seconds or a date) in ms from `wall`, at most 15 minutes; 0 where it asks for
 * nothing that makes sense.
 */
export function retryAfterMs(header: string | undefined, wall: number): number {
	const text = header?.trim() ?? '';
	if (/^\d+$/.test(text)) return Math.min(longestRetryAfterMs, Number(text) * 1000);
	// Date.parse takes much that is no HTTP date ("-5", "1.5"); the day's name comes first in all three forms.
	if (!/^[A-Z][a-z]+,? /.test(text)) return 0;
	const at = Date.parse(text);
	return Number.isNaN(at) ? 0 : Math.min(longestRetryAfterMs, Math.max(0, at - wall));
}

/**
 * How long to wait where a master asked for `askedMs`: somewhat longer, so that those who were told the same do not
 * come back in the same second, but never over 15 minutes.
 * @param random in [0, 1)
 */
export function afterAsked(askedMs: number, random: number): number {
	if (askedMs === 0) return 0;
	return Math.round(Math.min(longestRetryAfterMs, askedMs + random * Math.max(10_000, askedMs / 2)));
}
