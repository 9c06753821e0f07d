// Tells a webhook that a level was reached, or that this is a test: one POST, JSON that docs/api.md describes. No redirect is followed; the URL
// stands in no log and no error.
import type { Clock } from '../../system/clock.ts';
import { request } from '../../system/http.ts';
import { HttpError } from '../../system/httperror.ts';
import { formatTime } from '../answers/zone.ts';
import { percentOf } from '../quota/quota.ts';
import type { AlertNews, Outcome } from '../quota/quotaalerts.ts';

const timeoutMs = 10_000;
const maxAnswerBytes = 64 * 1024;

/** POSTs a body of below. Never rejects. */
export async function sendWebhook(
	webhook: string,
	body: object,
	{ clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Outcome> {
	try {
		const { status } = await request({
			...{ clock, signal },
			url: new URL(webhook),
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify(body),
			timeoutMs,
			maxBytes: maxAnswerBytes,
		});
		return { state: status >= 200 && status < 300 ? 'delivered' : 'refused', outcome: `HTTP ${status}` };
	} catch (error) {
		return { state: 'refused', outcome: error instanceof HttpError ? error.message : 'the webhook failed' };
	}
}

export function webhookBody(alert: AlertNews): object {
	const { id, agent, level, used, raised, settings, cycle, zone } = alert;
	const { limit, counts, direction } = settings;
	return {
		...{ id, type: 'quota', agent_id: agent, text: alertText(alert), level, percent: percentOf(settings, used) },
		...{ used, limit, remaining: Math.max(0, limit - used), counts, direction },
		cycle: { from: formatTime(cycle.from, zone), to: formatTime(cycle.to, zone) },
		at: formatTime(raised, zone),
	};
}

const counted = { wan: 'WAN', proxy: 'proxy', all: 'core' } as const;
const ways = { both: '', up: ', upload', down: ', download' } as const;

/** The same with figures of now, for whoever wants to see that it arrives. */
export function trialBody(news: AlertNews): object {
	return { ...webhookBody(news), type: 'test', text: `${news.agent}: a test of its webhook: ${stateText(news)}` };
}

/** A sentence for people. */
export function alertText(news: AlertNews): string {
	return `${news.agent}: ${news.level} % of its quota: ${stateText(news)}`;
}

function stateText({ used, settings, cycle, zone }: AlertNews): string {
	const { limit, counts, direction } = settings;
	const day = (time: number) => formatTime(time, zone).slice(0, 10);
	const what = `${shownBytes(used)} of ${shownBytes(limit)} (${counted[counts]}${ways[direction]})`;
	return `${what} in the cycle from ${day(cycle.from)} to ${day(cycle.to)}`;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Three digits: `81.2 GB`. */
function shownBytes(bytes: number): string {
	const at = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
	const value = bytes / 1000 ** at;
	return `${at === 0 ? value : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[at]}`;
}
