// The range of time that a view shows, in the viewer's zone: "24h", "7d", "30d", "12m", own days ("2026-01-01..2026-01-31",
// both included) or moments ("2026-01-01T10:00Z..2026-01-01T14:00Z", what dragging in a chart makes). Pure.

export const presets = ['24h', '7d', '30d', '12m'] as const;
export type Preset = (typeof presets)[number];
export type Interval = '5m' | 'hour' | 'day' | 'month';

export interface Range {
	/** ms since the Unix epoch; `to` is not in it. */
	readonly from: number;
	readonly to: number;
	/** How long one point of a chart is. */
	readonly interval: Interval;
}

const minuteMs = 60_000;
const stepMs = 5 * minuteMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** What is no range is the last 24 hours. */
export function parseRange(text: string, now: number): Range {
	return presetRange(text, now) ?? daysRange(text) ?? momentsRange(text) ?? presetRange('24h', now)!;
}

/** Moments as a range is written; rounded outwards to 5 minutes, finer than which nothing is known. */
export function momentsText(from: number, to: number): string {
	const text = (ms: number) => `${new Date(ms).toISOString().slice(0, 16)}Z`;
	return `${text(Math.floor(from / stepMs) * stepMs)}..${text(Math.ceil(to / stepMs) * stepMs)}`;
}

export function daysText(from: string, to: string): string {
	return from <= to ? `${from}..${to}` : `${to}..${from}`;
}

/** As `<input type=date>` has it, in the viewer's zone. */
export function dateText(ms: number): string {
	const date = new Date(ms);
	const two = (value: number) => String(value).padStart(2, '0');
	return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** As long, and ending where this one begins; whole days stay whole days. */
export function rangeBefore({ from, to, interval }: Range): Range {
	const days = Math.round((to - from) / dayMs);
	const whole = startOfDay(from, 0) === from && startOfDay(to, 0) === to;
	return { from: whole ? startOfDay(from, -days) : from - (to - from), to: from, interval };
}

/** A range around this one, three times as long, that ends at `now` at the latest. */
export function widened({ from, to }: Range, now: number): string {
	const length = to - from;
	const end = Math.min(to + length, Math.max(to, Math.ceil(now / stepMs) * stepMs));
	return momentsText(end - 3 * length, end);
}

function presetRange(text: string, now: number): Range | null {
	const to = Math.ceil(now / hourMs) * hourMs;
	switch (text as Preset) {
		case '24h':
			return { from: to - dayMs, to, interval: '5m' };
		case '7d':
			return { from: to - 7 * dayMs, to, interval: 'hour' };
		case '30d':
			return { from: startOfDay(now, -29), to: startOfDay(now, 1), interval: 'day' };
		case '12m':
			return { from: startOfDay(now, -364), to: startOfDay(now, 1), interval: 'day' };
		default:
			return null;
	}
}

function daysRange(text: string): Range | null {
	const days = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(text);
	if (!days) return null;
	const [from, last] = [Date.parse(`${days[1]}T00:00:00`), Date.parse(`${days[2]}T00:00:00`)];
	return between(from, startOfDay(last, 1));
}

function momentsRange(text: string): Range | null {
	const moments = /^(\d{4}-\d\d-\d\dT\d\d:\d\dZ)\.\.(\d{4}-\d\d-\d\dT\d\d:\d\dZ)$/.exec(text);
	return moments ? between(Date.parse(moments[1]!), Date.parse(moments[2]!)) : null;
}

function between(from: number, to: number): Range | null {
	if (!(to > from)) return null;
	const length = to - from;
	const interval =
		length <= 1.5 * dayMs ? '5m' : length <= 15 * dayMs ? 'hour' : length <= 1200 * dayMs ? 'day' : 'month';
	return { from, to, interval };
}

/** Midnight of a day, so many days on; days of 23 and 25 hours are days too. */
function startOfDay(ms: number, days: number): number {
	const date = new Date(ms);
	return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}
