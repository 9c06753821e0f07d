// The classes of a chart by their colours.

import { say } from '../language/language.ts';
import { type ClassName, classNames } from '../parts/classes.ts';
import { el, fill } from '../parts/element.ts';

export interface Legend {
	readonly element: HTMLElement;
	show(names: readonly ClassName[]): void;
}

export function legend(): Legend {
	const element = el('ul', { class: 'legend' });
	let shown = '';
	return {
		element,
		show(names) {
			if (String(names) === shown) return;
			shown = String(names);
			const all = classNames.filter((name) => names.includes(name));
			fill(
				element,
				...all.map((name) => el('li', { title: say(`${name} hint`) }, el('i', { class: `dot ${name}` }), say(name))),
			);
		},
	};
}
