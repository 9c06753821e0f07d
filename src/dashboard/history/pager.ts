// Steps from page to page of a list whose length is known.

import { whole } from '../language/format.ts';
import { say, type TextName } from '../language/language.ts';
import { el } from '../parts/element.ts';
import { icon } from '../parts/icon.ts';

export interface PagerOptions {
	/** Rows a page. */
	readonly size: number;
	/** From 0. */
	readonly onPage: (to: number) => void;
}

/** null: all rows are on one page. `at` counts from 0. */
export function pager(count: number, at: number, { size, onPage }: PagerOptions): HTMLElement | null {
	if (count <= size) return null;
	const last = Math.ceil(count / size) - 1;
	const step = (to: number, name: 'left' | 'right', text: TextName) =>
		el(
			'button',
			{
				...{ type: 'button', class: 'button quiet small', 'aria-label': say(text), disabled: to < 0 || to > last },
				on: { click: () => onPage(to) },
			},
			icon(name),
		);
	const words = say('rows', {
		from: whole(at * size + 1),
		to: whole(Math.min(count, (at + 1) * size)),
		count: whole(count),
	});
	return el(
		'div',
		{ class: 'pager' },
		step(at - 1, 'left', 'page before'),
		el('span', { class: 'muted' }, words),
		step(at + 1, 'right', 'page after'),
	);
}
