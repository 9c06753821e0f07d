// Shows all of a list of which only the first few are shown. Whether it does stands in the address.

import { whole } from '../language/format.ts';
import { say } from '../language/language.ts';
import { choose } from '../place.ts';
import type { Page } from '../view.ts';
import { el, write } from './element.ts';

export interface MoreButton {
	readonly element: HTMLElement;
	show(count: number): void;
}

export interface MoreOptions {
	/** Shown until somebody wants all. */
	readonly few: number;
	/** Shown then. */
	readonly most: number;
}

/** `choice`: its name in the address. */
export function moreButton(page: Page, choice: string, { few, most }: MoreOptions): MoreButton {
	const all = () => page.place().choices[choice] === 'all';
	const element = el('button', {
		...{ type: 'button', class: 'button quiet small more' },
		on: { click: () => page.replace(choose(page.place(), { [choice]: all() ? '' : 'all' })) },
	});
	return {
		element,
		show(count) {
			element.hidden = count <= few;
			const more = count > most ? 'show most' : 'show all';
			write(element, all() ? say('show fewer') : say(more, { count: whole(count), most: whole(most) }));
		},
	};
}
