// A chart in words: the same figures as a table, made when somebody opens it.

import { dash } from '../language/format.ts';
import { say } from '../language/language.ts';
import { el, fill } from '../parts/element.ts';
import type { ChartData } from './chartdata.ts';

export interface ChartTable {
	readonly element: HTMLElement;
	show(data: ChartData, figure: (value: number) => string, title: (at: number) => string): void;
}

export function chartTable(): ChartTable {
	const body = el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': say('as table') });
	const element = el('details', { class: 'chart-table' }, el('summary', {}, say('as table')), body);
	let draw = () => {};
	element.addEventListener('toggle', () => {
		if (element.open) draw();
		else fill(body);
	});
	return {
		element,
		show(data, figure, title) {
			draw = () => fill(body, tableOf(data, figure, title));
			if (element.open) draw();
		},
	};
}

function tableOf(data: ChartData, figure: (value: number) => string, title: (at: number) => string): HTMLElement {
	const lines = [...data.layers, ...(data.outline ? [data.outline] : [])];
	const heads = lines.flatMap(({ name }) => [`${say(name)} ↓`, `${say(name)} ↑`]);
	const cell = (value: number | null | undefined) =>
		el('td', { class: 'number' }, value === null || value === undefined ? dash : figure(value));
	return el(
		'table',
		{ class: 'plain' },
		el(
			'thead',
			{},
			el(
				'tr',
				{},
				el('th', { scope: 'col' }, say('time')),
				...heads.map((head) => el('th', { scope: 'col', class: 'number' }, head)),
			),
		),
		el(
			'tbody',
			{},
			...data.times.map((at, index) =>
				el(
					'tr',
					{},
					el('th', { scope: 'row' }, title(at)),
					...lines.flatMap(({ down, up }) => [cell(down[index]), cell(up[index])]),
				),
			),
		),
	);
}
