// The filters that are on, as chips that can be taken off.

import { say, type TextName } from '../language/language.ts';
import type { Page } from '../view.ts';
import type { DeviceNames } from './devicenames.ts';
import { el, write } from './element.ts';
import { type Filter, filterTitle, withoutFilter } from './filter.ts';
import { icon } from './icon.ts';
import { KeyedList, type Made } from './keyed.ts';

export interface Chips {
	readonly element: HTMLElement;
	show(filters: readonly Filter[]): void;
}

export function chips(page: Page): Chips {
	const list = el('span', {});
	const all = el(
		'button',
		{ type: 'button', class: 'button quiet', on: { click: () => page.go({ ...page.place(), filters: [] }) } },
		say('all off'),
	);
	const element = el('div', { class: 'chips', role: 'group', 'aria-label': say('filters') }, list, all);
	const shown = new KeyedList<Filter>(
		list,
		({ name, value }) => `${name} ${value}`,
		(filter) => chip(page, filter),
	);
	return {
		element,
		show(filters) {
			const left = element.contains(document.activeElement) && filters.length === 0;
			shown.show(filters);
			all.hidden = filters.length < 2;
			element.hidden = filters.length === 0;
			// Whoever took the last one off goes on from the top of the view.
			if (left) element.closest('main')?.focus({ preventScroll: true });
			else if (all.hidden && document.activeElement === all) list.querySelector('button')?.focus();
		},
	};
}

function chip(page: Page, filter: Filter): Made<Filter> {
	const label = el('b', {});
	const element = el(
		'button',
		{
			...{ type: 'button', class: 'chip', title: say('take off') },
			on: { click: () => page.go({ ...page.place(), filters: withoutFilter(page.place().filters, filter.name) }) },
		},
		filter.name === 'class' && el('i', { class: `dot ${filter.value}` }),
		el('span', { class: 'muted' }, say(filterTitle(filter.name))),
		label,
		el('span', { class: 'unseen' }, `, ${say('take off')}`),
		icon('close'),
	);
	return { element, update: () => write(label, valueLabel(filter, page.devices)) };
}

/** What a value is called: classes, devices and what has no name have words of their own. */
export function valueLabel({ name, value }: Filter, devices: DeviceNames): string {
	if (name === 'device' && value !== '(unattributed)' && value !== '') return devices.labelOf(value);
	if (name === 'class') return value in classWords ? say(value as TextName) : value;
	if (value === '(unattributed)') return say('unattributed');
	return value === '' ? say('no name') : value;
}

const classWords = { direct: 1, proxy: 1, reject: 1, unattributed: 1, bypass: 1, overhead: 1, wan: 1 };
