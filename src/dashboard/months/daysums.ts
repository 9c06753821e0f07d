// What each day of a year moved, from the series of the API: by day and by month, with what is not known. Pure.
import type { Point } from '../parts/scope.ts';

/** A row of `/gaps`. */
export interface Gap {
	readonly agent_id: string;
	readonly kind: 'missing' | 'late' | 'wan_unknown' | 'away';
	/** ISO 8601. */
	readonly from: string;
	readonly to: string;
	readonly what: string;
}

export interface DaySums {
	/** "2026-01-31", by the viewer's calendar. */
	readonly date: string;
	/** ms since the Unix epoch; `to` is not in it. */
	readonly from: number;
	readonly to: number;
	/** null: not known. */
	readonly down: number | null;
	readonly up: number | null;
	/** Less is known of it than of others, and why. */
	readonly gaps: readonly Gap[];
}

export interface MonthSums {
	/** "2026-01" */
	readonly month: string;
	/** Of the days that are known. */
	readonly down: number | null;
	readonly up: number | null;
	readonly unknownDays: number;
	readonly days: readonly DaySums[];
}

export interface SeriesFacts {
	readonly down: readonly Point[];
	readonly up: readonly Point[];
	readonly gaps: readonly Gap[];
	/** ms: before it nothing was counted; days that begin after `now` are not in the answer. */
	readonly first: number;
	readonly now: number;
	/** The bytes are the WAN's: a day without any is one of which they are not known. */
	readonly ofWan: boolean;
}

const dayMs = 86_400_000;

export function daySums({ down, up, gaps, first, now, ofWan }: SeriesFacts): DaySums[] {
	return down.flatMap(({ time, value }, at): DaySums[] => {
		const from = Date.parse(time);
		const next = down[at + 1];
		const to = next ? Date.parse(next.time) : from + dayMs;
		if (from >= now) return [];
		const unknown = to <= first || (ofWan && to <= now && value === 0 && up[at]!.value === 0);
		return [
			{
				...{ date: time.slice(0, 10), from, to },
				...(unknown ? { down: null, up: null } : { down: value, up: up[at]!.value }),
				gaps: gaps.filter((gap) => gap.kind !== 'late' && Date.parse(gap.from) < to && Date.parse(gap.to) > from),
			},
		];
	});
}

/** The newest first. */
export function monthSums(days: readonly DaySums[]): MonthSums[] {
	const months = new Map<string, DaySums[]>();
	for (const day of days) {
		const month = day.date.slice(0, 7);
		months.set(month, [...(months.get(month) ?? []), day]);
	}
	return [...months]
		.map(([month, all]) => ({
			...{ month, days: all, down: added(all, 'down'), up: added(all, 'up') },
			unknownDays: all.filter((day) => totalOf(day) === null).length,
		}))
		.reverse();
}

/** What is known of it; null when nothing is. */
function added(days: readonly DaySums[], way: 'down' | 'up'): number | null {
	const known = days.flatMap((day) => day[way] ?? []);
	return known.length > 0 ? known.reduce((a, b) => a + b, 0) : null;
}

export function totalOf({ down, up }: { readonly down: number | null; readonly up: number | null }): number | null {
	return down === null && up === null ? null : (down ?? 0) + (up ?? 0);
}

/** 19 of 20 days have at most so much: one day without measure does not make all others cold. */
export function warmDay(totals: readonly number[]): number {
	return [...totals].sort((a, b) => a - b)[Math.ceil(totals.length * 0.95) - 1] ?? 0;
}

/** 0 to 5: how warm a figure is among the largest. What is not nothing is at least 1. */
export function heatOf(value: number | null, largest: number): number {
	if (value === null || value <= 0 || largest <= 0) return 0;
	return Math.min(5, Math.max(1, Math.ceil((value / largest) * 5)));
}

/** The days of a month in weeks of 7; null = a day of another month. `firstDay`: 0 = Sunday, 1 = Monday. */
export function weeksOf(month: string, firstDay: number): (string | null)[][] {
	const [year, number] = month.split('-').map(Number) as [number, number];
	const lead = (new Date(Date.UTC(year, number - 1, 1)).getUTCDay() - firstDay + 7) % 7;
	const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
	const cells = [
		...Array<null>(lead).fill(null),
		...Array.from({ length: count }, (_, at) => `${month}-${String(at + 1).padStart(2, '0')}`),
	];
	const weeks = Math.ceil(cells.length / 7);
	return Array.from({ length: weeks }, (_, week) => Array.from({ length: 7 }, (_, at) => cells[week * 7 + at] ?? null));
}
