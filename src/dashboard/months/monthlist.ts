// The months of a year, each with its sum as a bar in which down and up are two colours; a click shows its days.

import { bytes, exact } from '../language/format.ts';
import { say } from '../language/language.ts';
import { el } from '../parts/element.ts';
import { icon } from '../parts/icon.ts';
import { KeyedList, type Made } from '../parts/keyed.ts';
import { monthName } from './calendar.ts';
import { type MonthSums, totalOf } from './daysums.ts';

export interface MonthList {
	readonly element: HTMLElement;
	/** `years`: how many years ago these are, and whether there are older ones. */
	show(months: readonly MonthSums[], chosen: string, years: { readonly ago: number; readonly older: boolean }): void;
}

export interface MonthListOptions {
	readonly onMonth: (month: string) => void;
	readonly onYears: (ago: number) => void;
}

export function monthList({ onMonth, onYears }: MonthListOptions): MonthList {
	const list = el('ul', { class: 'months' });
	let chosen = '';
	let largest = 0;
	const make = ({ month }: MonthSums): Made<MonthSums> => {
		const figure = el('b', {});
		const bar = el(
			'span',
			{ class: 'bar', 'aria-hidden': 'true' },
			el('i', { class: 'down' }),
			el('i', { class: 'up' }),
		);
		const parts = el('span', { class: 'muted' });
		const button = el(
			'button',
			{ type: 'button', class: 'month-row', on: { click: () => onMonth(month) } },
			el('span', {}, monthName(month)),
			figure,
			bar,
			parts,
		);
		return {
			element: el('li', {}, button),
			update(sums) {
				const total = totalOf(sums);
				button.setAttribute('aria-pressed', String(month === chosen));
				button.title = exact(total);
				figure.textContent = total === null ? say('unknown') : bytes(total);
				const less = sums.unknownDays > 0 ? [say('days unknown', { days: sums.unknownDays })] : [];
				parts.textContent = total === null ? '' : [`↓ ${bytes(sums.down)}`, `↑ ${bytes(sums.up)}`, ...less].join('  ');
				for (const way of ['down', 'up'] as const) {
					bar.style.setProperty(`--${way}`, `${largest > 0 ? ((sums[way] ?? 0) / largest) * 100 : 0}%`);
				}
			},
		};
	};
	let ago = 0;
	const turn = (name: 'left' | 'right', label: 'year before' | 'year after', step: number) =>
		el(
			'button',
			{
				type: 'button',
				class: 'button small quiet',
				'aria-label': say(label),
				on: { click: () => onYears(ago + step) },
			},
			icon(name),
		);
	const [before, after] = [turn('left', 'year before', 1), turn('right', 'year after', -1)];
	const rows = new KeyedList<MonthSums>(list, ({ month }) => month, make);
	return {
		element: el(
			'section',
			{ class: 'card' },
			el(
				'div',
				{ class: 'card-head' },
				el('h2', {}, say('months title')),
				el('div', { class: 'spacer' }),
				before,
				after,
			),
			list,
		),
		show(months, month, years) {
			ago = years.ago;
			before.disabled = !years.older;
			after.disabled = ago === 0;
			chosen = month;
			largest = Math.max(...months.map((one) => totalOf(one) ?? 0));
			rows.show(months);
		},
	};
}
