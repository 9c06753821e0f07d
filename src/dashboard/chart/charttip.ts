// What a chart tells of the place under the pointer: each class's figures there, and what is to be known of that time.

import { say, type TextName } from '../language/language.ts';
import { el, fill } from '../parts/element.ts';
import type { Band, ChartData } from './chartdata.ts';

export interface Pointed {
	readonly index: number;
	readonly band: Band | null;
}

export interface TipWords {
	/** null: not known. */
	readonly figure: (value: number | null) => string;
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
	const over = data.outline && { down: data.outline.down[index] ?? null, up: data.outline.up[index] ?? null };
	const row = (kind: string, mark: string, name: TextName, down: number | null, up: number | null) =>
		el(
			'p',
			{ class: `tip-row ${kind}` },
			el('i', { class: mark }),
			el('span', {}, say(name)),
			el('b', {}, `↓ ${figure(down)}`),
			el('b', {}, `↑ ${figure(up)}`),
		);
	fill(
		tip,
		el('p', { class: 'tip-title' }, title(data.times[index]!)),
		known.length === 0 && el('p', { class: 'muted' }, say('unknown')),
		...shown.map(({ layer: { name }, down, up }) => row('', `dot ${name}`, name, down ?? 0, up ?? 0)),
		known.length > 0 && row('tip-total', '', 'total', total('down'), total('up')),
		over !== null && row('', 'line', data.outline!.name, over.down, over.up),
		band !== null && el('p', { class: 'tip-band' }, band.text),
	);
}
