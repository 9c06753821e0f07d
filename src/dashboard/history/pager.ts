// Steps from page to page of a list whose length is known.

import { whole } from '../language/format.ts';
import { say, type TextName } from '../language/language.ts';
import { el, write } from '../parts/element.ts';
import { icon } from '../parts/icon.ts';

export interface Pager {
	readonly element: HTMLElement;
	/** `at` counts from 0, `size` is rows a page. Hidden while all rows are on one page. */
	show(count: number, at: number, size: number): void;
}

export function pager(onPage: (to: number) => void): Pager {
	let now = 0;
	const step = (by: number, name: 'left' | 'right', text: TextName) =>
		el(
			'button',
			{
				...{ type: 'button', class: 'button quiet small', 'aria-label': say(text) },
				on: { click: () => onPage(now + by) },
			},
			icon(name),
		);
	const [before, after] = [step(-1, 'left', 'page before'), step(1, 'right', 'page after')];
	const words = el('span', { class: 'muted' });
	const element = el('div', { class: 'pager' }, before, words, after);
	return {
		element,
		show(count, at, size) {
			element.hidden = count <= size;
			now = at;
			const [from, to] = [at * size + 1, Math.min(count, (at + 1) * size)];
			write(words, say('rows', { from: whole(from), to: whole(to), count: whole(count) }));
			const focused = document.activeElement;
			before.disabled = at === 0;
			after.disabled = to >= count;
			// The last step took the way on from under the finger.
			if (focused === before && before.disabled) after.focus();
			if (focused === after && after.disabled) before.focus();
		},
	};
}
