// The filters that are on, as chips that can be taken off.

import { say, type TextName } from '../language/language.ts';
import type { Page } from '../view.ts';
import type { DeviceNames } from './devicenames.ts';
import { el, fill } from './element.ts';
import { type Filter, filterTitle, withoutFilter } from './filter.ts';
import { icon } from './icon.ts';

export interface Chips {
	readonly element: HTMLElement;
	show(filters: readonly Filter[]): void;
}

export function chips(page: Page): Chips {
	const element = el('div', { class: 'chips', role: 'group', 'aria-label': say('filters') });
	const chip = (filter: Filter) => {
		const name = say(filterTitle(filter.name));
		const label = valueLabel(filter, page.devices);
		return el(
			'button',
			{
				...{ type: 'button', class: 'chip', title: say('take off') },
				on: { click: () => page.go({ ...page.place(), filters: withoutFilter(page.place().filters, filter.name) }) },
			},
			filter.name === 'class' && el('i', { class: `dot ${filter.value}` }),
			el('span', { class: 'muted' }, name),
			el('b', {}, label),
			el('span', { class: 'unseen' }, `, ${say('take off')}`),
			icon('close'),
		);
	};
	return {
		element,
		show(filters) {
			element.hidden = filters.length === 0;
			fill(
				element,
				...filters.map(chip),
				filters.length > 1 &&
					el(
						'button',
						{ type: 'button', class: 'button quiet', on: { click: () => page.go({ ...page.place(), filters: [] }) } },
						say('all off'),
					),
			);
		},
	};
}

/** What a value is called: classes, devices and what has no name have words of their own. */
export function valueLabel({ name, value }: Filter, devices: DeviceNames): string {
	if (name === 'device' && value !== '(unattributed)' && value !== '') return devices.labelOf(value);
	if (name === 'class') return value in classWords ? say(value as TextName) : value;
	if (value === '(unattributed)') return say('unattributed');
	return value === '' ? say('no name') : value;
}

const classWords = { direct: 1, proxy: 1, reject: 1, unattributed: 1, bypass: 1, overhead: 1, wan: 1 };
