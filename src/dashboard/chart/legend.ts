// The classes of a chart by their colours, and the line over them.

import { say } from '../language/language.ts';
import { type ClassName, classNames } from '../parts/classes.ts';
import { el, fill } from '../parts/element.ts';
import type { Outline } from './chartdata.ts';

export interface Legend {
	readonly element: HTMLElement;
	show(names: readonly ClassName[], outline: Outline['name'] | null): void;
}

export function legend(): Legend {
	const element = el('ul', { class: 'legend' });
	let shown = '';
	return {
		element,
		show(names, outline) {
			if (`${names} ${outline}` === shown) return;
			shown = `${names} ${outline}`;
			const all = classNames.filter((name) => names.includes(name));
			fill(
				element,
				...all.map((name) => el('li', { title: say(`${name} hint`) }, el('i', { class: `dot ${name}` }), say(name))),
				outline !== null && el('li', { title: say(`${outline} hint`) }, el('i', { class: 'line' }), say(outline)),
			);
		},
	};
}
