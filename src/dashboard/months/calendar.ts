// A month as a calendar of days, warm by what they moved. One stop for Tab; arrows, Home, End, Page up and down go on.

import { bytes, dash, day as dayText, exact } from '../language/format.ts';
import { locale, say } from '../language/language.ts';
import { el, fill, write } from '../parts/element.ts';
import { icon } from '../parts/icon.ts';
import { type DaySums, heatOf, totalOf, weeksOf } from './daysums.ts';

export interface CalendarFacts {
	/** "2026-01" */
	readonly month: string;
	readonly days: readonly DaySums[];
	/** Bytes from which on a day is as warm as can be. */
	readonly largest: number;
	/** The months there are, the newest first. */
	readonly months: readonly string[];
}

export interface CalendarOptions {
	readonly onDay: (date: string) => void;
	readonly onMonth: (month: string) => void;
}

export interface Calendar {
	readonly element: HTMLElement;
	show(facts: CalendarFacts): void;
}

/** Days from one to the one a key leads to. */
const strides: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

export function calendar({ onDay, onMonth }: CalendarOptions): Calendar {
	const title = el('h2', {});
	const turn = (name: 'left' | 'right', label: 'month before' | 'month after') =>
		el('button', { type: 'button', class: 'button small quiet', 'aria-label': say(label) }, icon(name));
	const [before, after] = [turn('left', 'month before'), turn('right', 'month after')];
	const caption = el('caption', { class: 'unseen' });
	const body = el('tbody', {});
	const first = firstWeekday();
	const table = el('table', { class: 'calendar' }, caption, el('thead', {}, weekdayRow(first)), body);
	let facts: CalendarFacts | null = null;
	const monthAt = (step: number) => facts?.months[facts.months.indexOf(facts.month) - step] ?? null;
	const go = (step: number) => {
		const month = monthAt(step);
		if (month !== null) onMonth(month);
	};
	before.addEventListener('click', () => go(-1));
	after.addEventListener('click', () => go(1));
	table.addEventListener('keydown', (event) => {
		if (event.key === 'PageUp' || event.key === 'PageDown') {
			event.preventDefault();
			go(event.key === 'PageUp' ? -1 : 1);
			return body.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
		}
		const all = [...body.querySelectorAll<HTMLElement>('button.day')];
		const at = all.indexOf(event.target as HTMLElement);
		const ends: Readonly<Record<string, number>> = { Home: 0, End: all.length - 1 };
		const to = ends[event.key] ?? at + (strides[event.key] ?? Number.NaN);
		const next = at < 0 ? undefined : all[to];
		if (!next) return;
		event.preventDefault();
		for (const one of all) one.tabIndex = one === next ? 0 : -1;
		next.focus();
	});
	return {
		element: el(
			'section',
			{ class: 'card month' },
			el('div', { class: 'card-head' }, title, el('div', { class: 'spacer' }), before, after),
			table,
			legend(),
		),
		show(next) {
			facts = next;
			write(title, monthName(next.month));
			write(caption, say('calendar of', { month: monthName(next.month) }));
			before.disabled = monthAt(-1) === null;
			after.disabled = monthAt(1) === null;
			const known = new Map(next.days.map((day) => [day.date, day]));
			const last = next.days.at(-1)?.date;
			const cell = (date: string | null) => {
				if (date === null) return el('td', {});
				const day = known.get(date);
				if (!day) return el('td', {}, el('span', { class: 'day none' }, el('span', {}, numberOf(date))));
				return el('td', {}, dayButton(day, { largest: next.largest, reached: date === last, onDay }));
			};
			fill(body, ...weeksOf(next.month, first).map((week) => el('tr', {}, ...week.map(cell))));
		},
	};
}

interface DayLook {
	readonly largest: number;
	/** Whether Tab comes here. */
	readonly reached: boolean;
	readonly onDay: (date: string) => void;
}

function dayButton(day: DaySums, { largest, reached, onDay }: DayLook): HTMLElement {
	const total = totalOf(day);
	const gaps = day.gaps.map(({ kind, what, agent_id: agent }) => `${say(`gap ${kind}`, { agent })} (${what})`);
	const date = dayText(noonOf(day.date));
	const rest = [
		...(total === null ? [] : [`${say('down')} ${bytes(day.down)}`, `${say('up')} ${bytes(day.up)}`]),
		...new Set(gaps),
	];
	const figure = total === null ? dash : bytes(total);
	const heard = (text: string) => el('span', { class: 'unseen' }, text);
	return el(
		'button',
		{
			type: 'button',
			class: `day heat-${heatOf(total, largest)}${gaps.length > 0 ? ' gap' : ''}`,
			tabindex: reached ? 0 : -1,
			title: [date, total === null ? say('unknown') : exact(total), ...rest].join('\n'),
			on: { click: () => onDay(day.date) },
		},
		el('span', { 'aria-hidden': 'true' }, numberOf(day.date)),
		heard(`${date}, ${total === null ? say('unknown') : ''}`),
		el('b', { 'aria-hidden': total === null && 'true' }, figure),
		rest.length > 0 && heard(`, ${rest.join(', ')}`),
	);
}

function legend(): HTMLElement {
	return el(
		'p',
		{ class: 'muted heat-legend', 'aria-hidden': 'true' },
		say('less'),
		...[0, 1, 2, 3, 4, 5].map((heat) => el('i', { class: `heat heat-${heat}` })),
		say('more'),
		el('i', { class: 'heat gap' }),
		say('less known'),
	);
}

function weekdayRow(first: number): HTMLElement {
	const [short, long] = (['short', 'long'] as const).map(
		(weekday) => new Intl.DateTimeFormat(locale(), { weekday, timeZone: 'UTC' }),
	);
	return el(
		'tr',
		{},
		...Array.from({ length: 7 }, (_, at) => {
			// 4 January 1970 was a Sunday.
			const time = Date.UTC(1970, 0, 4 + first + at);
			return el('th', { scope: 'col', abbr: long!.format(time) }, short!.format(time));
		}),
	);
}

/** 0 = Sunday. Where the browser does not tell, Monday. */
function firstWeekday(): number {
	type WithWeek = Intl.Locale & { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };
	const own = new Intl.Locale(locale()) as WithWeek;
	return (own.getWeekInfo?.().firstDay ?? own.weekInfo?.firstDay ?? 1) % 7;
}

const numberOf = (date: string) => String(Number(date.slice(8)));

/** A moment of the date, in the viewer's zone. */
export function noonOf(date: string): number {
	const [year, month, day] = date.split('-').map(Number) as [number, number, number];
	return new Date(year, month - 1, day, 12).getTime();
}

/** "November 2026" */
export function monthName(month: string): string {
	return new Intl.DateTimeFormat(locale(), { month: 'long', year: 'numeric' }).format(noonOf(`${month}-15`));
}
