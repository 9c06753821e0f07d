// The head of a view of a range: its title, the range in words, where it is chosen, and the filters that are on.

import { say, type TextName } from '../language/language.ts';
import type { Place } from '../place.ts';
import type { Page } from '../view.ts';
import { chips } from './chips.ts';
import { el } from './element.ts';
import { rangePicker } from './rangepicker.ts';

export interface ScopeHead {
	readonly element: HTMLElement;
	readonly chips: HTMLElement;
	show(place: Place): void;
}

export function scopeHead(page: Page, title: TextName): ScopeHead {
	const picker = rangePicker(page);
	const chip = chips(page);
	return {
		element: el(
			'div',
			{ class: 'view-head' },
			el('h1', {}, say(title)),
			picker.words,
			el('div', { class: 'spacer' }),
			picker.element,
		),
		chips: chip.element,
		show({ range, filters }) {
			picker.show(range);
			chip.show(filters);
		},
	};
}
