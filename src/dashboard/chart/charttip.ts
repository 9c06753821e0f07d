// What a chart tells of the place under the pointer: each class's figures there, and what is to be known of that time.

import { say } from '../language/language.ts';
import { el, fill } from '../parts/element.ts';
import type { Band, ChartData } from './chartdata.ts';

export interface Pointed {
	readonly index: number;
	readonly band: Band | null;
}

export interface TipWords {
	readonly figure: (value: number) => string;
	/** The time of a value, in full. */
	readonly title: (at: number) => string;
}

export function fillTip(
	tip: HTMLElement,
	data: ChartData,
	{ index, band }: Pointed,
	{ figure, title }: TipWords,
): void {
	const rows = [...data.layers]
		.reverse()
		.map((layer) => ({ layer, down: layer.down[index] ?? null, up: layer.up[index] ?? null }));
	const known = rows.filter(({ down, up }) => down !== null || up !== null);
	const shown = known.filter(({ down, up }) => down !== 0 || up !== 0);
	const total = (pick: 'down' | 'up') => known.reduce((sum, row) => sum + (row[pick] ?? 0), 0);
	fill(
		tip,
		el('p', { class: 'tip-title' }, title(data.times[index]!)),
		known.length === 0 && el('p', { class: 'muted' }, say('unknown')),
		...shown.map(({ layer, down, up }) =>
			el(
				'p',
				{ class: 'tip-row' },
				el('i', { class: `dot ${layer.name}` }),
				el('span', {}, say(layer.name)),
				el('b', {}, `↓ ${figure(down ?? 0)}`),
				el('b', {}, `↑ ${figure(up ?? 0)}`),
			),
		),
		known.length > 0 &&
			el(
				'p',
				{ class: 'tip-row tip-total' },
				el('i', {}),
				el('span', {}, say('total')),
				el('b', {}, `↓ ${figure(total('down'))}`),
				el('b', {}, `↑ ${figure(total('up'))}`),
			),
		band !== null && el('p', { class: 'tip-band' }, band.text),
	);
}
