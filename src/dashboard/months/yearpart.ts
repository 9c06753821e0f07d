// A year of days: its months with their sums, and the calendar of one of them. A day leads to its history.

import { ask } from '../client.ts';
import { say } from '../language/language.ts';
import { agentOf } from '../parts/agentpicker.ts';
import { el, fill } from '../parts/element.ts';
import { withFilter, withoutFilter } from '../parts/filter.ts';
import { Loader } from '../parts/loader.ts';
import { empty, failed, loading } from '../parts/notice.ts';
import { askLines } from '../parts/scope.ts';
import { choose, type Place } from '../place.ts';
import type { Page } from '../view.ts';
import { calendar } from './calendar.ts';
import { type DaySums, daySums, type Gap, monthSums, totalOf, warmDay } from './daysums.ts';
import { monthList } from './monthlist.ts';

export const countings = ['core', 'wan', 'direct', 'proxy', 'bypass'] as const;
export type Counting = (typeof countings)[number];

export interface YearPart {
	readonly element: HTMLElement;
	show(place: Place): void;
	stop(): void;
}

export function countingOf({ choices }: Place): Counting {
	return countings.find((name) => name === choices.counts) ?? 'core';
}

export function yearPart(page: Page): YearPart {
	const element = el('div', { class: 'year' });
	const loader = new Loader(() => page.signOut());
	const onMonth = (month: string) => page.replace(choose(page.place(), { month }));
	const list = monthList({
		onMonth,
		onYears: (ago) => page.go(choose(page.place(), { years: ago === 0 ? '' : String(ago), month: '' })),
	});
	const days = calendar({ onMonth, onDay: (date) => page.go(historyOf(page.place(), date)) });
	let shown = '';
	let year: Year | null = null;

	function load(place: Place): void {
		year = null;
		const focused = element.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
		fill(element, loading(8));
		const now = Date.now();
		void loader.load((signal) => askYear(place, now, signal), {
			done(told) {
				year = told;
				draw(page.place());
				const lost = focused?.matches(':disabled') ?? false;
				(lost ? element.querySelector<HTMLElement>('button:enabled') : focused)?.focus();
			},
			failed: (error) =>
				fill(
					element,
					failed(error, () => load(place)),
				),
		});
	}

	function draw(place: Place): void {
		if (!year) return;
		const months = monthSums(year.days);
		const chosen = months.find(({ month }) => month === place.choices.month) ?? months[0];
		if (!chosen) return fill(element, empty(say('nothing here')));
		if (list.element.parentElement !== element) fill(element, list.element, days.element);
		list.show(months, chosen.month, { ago: yearsOf(place), older: year.older });
		const largest = warmDay(year.days.flatMap((day) => totalOf(day) ?? []));
		days.show({ month: chosen.month, days: chosen.days, largest, months: months.map(({ month }) => month) });
	}

	return {
		element,
		show(place) {
			const wanted = `${agentOf(place)} ${countingOf(place)} ${yearsOf(place)}`;
			if (wanted === shown) return draw(place);
			shown = wanted;
			load(place);
		},
		stop: () => loader.stop(),
	};
}

interface Year {
	readonly days: readonly DaySums[];
	/** Whether anything is known from before. */
	readonly older: boolean;
}

async function askYear(place: Place, now: number, signal: AbortSignal): Promise<Year> {
	const [agent, counting] = [agentOf(place), countingOf(place)];
	const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
	const ago = yearsOf(place);
	const from = firstOfMonth(now, -11 - 12 * ago);
	const to = ago === 0 ? new Date(now).toISOString() : firstOfMonth(now, 1 - 12 * ago);
	const range = { from, to, tz, agent_id: agent };
	const narrowed = { ...range, class: counting === 'core' ? null : counting };
	const [lines, gaps, agents] = await Promise.all([
		askLines({ interval: 'day', ...narrowed }, signal),
		ask<Gap[]>('gaps', range, signal),
		ask<{ agent_id: string; first_sync: string }[]>('agents', {}, signal),
	]);
	const of = (wanted: 'download' | 'upload') => lines.find(({ metric }) => metric === wanted)!.points;
	const [down, up] = [of('download'), of('upload')];
	const meant = agents.filter(({ agent_id }) => agent === null || agent_id === agent);
	// An imported history is older than the first word of its agent.
	const told = [...down, ...up].filter(({ value }) => value !== 0).map(({ time }) => Date.parse(time));
	const first = Math.min(...meant.map(({ first_sync }) => Date.parse(first_sync)), ...told);
	// One of many that is silent for months makes the days of all others no less known.
	const doubts = gaps.filter(({ kind }) => kind !== 'away' || agent !== null);
	return {
		days: daySums({ down, up, gaps: doubts, first, now, ofWan: counting === 'wan' }),
		older: first <= Date.parse(down[0]!.time),
	};
}

/** A day, with everything that was behind its figure. */
function historyOf(place: Place, date: string): Place {
	const counting = countingOf(place);
	const filters = withoutFilter(place.filters, 'class');
	const narrowed =
		counting === 'core' || counting === 'wan' ? filters : withFilter(filters, { name: 'class', value: counting });
	return { view: 'history', range: `${date}..${date}`, filters: narrowed, choices: {} };
}

/** How many years back the viewer went. */
function yearsOf({ choices }: Place): number {
	return /^\d{1,2}$/.test(choices.years ?? '') ? Number(choices.years) : 0;
}

/** Of the month so many months from now: "2026-01-01". */
function firstOfMonth(now: number, months: number): string {
	const date = new Date(now);
	const first = new Date(date.getFullYear(), date.getMonth() + months, 1);
	return `${first.getFullYear()}-${String(first.getMonth() + 1).padStart(2, '0')}-01`;
}
