// Puts on a filter by hand: which kind, and a value that the master knows, the most frequent first.

import { ask } from '../client.ts';
import { say } from '../language/language.ts';
import { valueLabel } from '../parts/chips.ts';
import { coreClasses } from '../parts/classes.ts';
import { el, fill } from '../parts/element.ts';
import { type Filter, type FilterName, filterNames, filterTitle } from '../parts/filter.ts';
import { icon } from '../parts/icon.ts';
import { Loader } from '../parts/loader.ts';
import type { Page } from '../view.ts';

export interface FilterAdder {
	readonly element: HTMLElement;
	stop(): void;
}

const typingMs = 200;
const mostOptions = 30;
/** Those that filters are looked for by most. */
const first: readonly FilterName[] = [
	'device',
	'host',
	'node',
	'rule',
	'class',
	'agent_id',
	'process',
	'geoip',
	'network',
];
const order = [...first, ...filterNames.filter((name) => !first.includes(name))];

interface Option {
	readonly value: string;
	readonly label: string;
}

export function filterAdder(page: Page, onFilter: (filter: Filter) => void): FilterAdder {
	const loader = new Loader(page.signOut);
	let typing = 0;
	let known: readonly Option[] = [];
	const kind = el(
		'select',
		{ class: 'input', 'aria-label': say('filter of') },
		...order.map((name) => el('option', { value: name }, say(filterTitle(name)))),
	);
	const list = el('datalist', { id: 'filter-values' });
	const value = el('input', {
		...{ class: 'input', list: 'filter-values', autocomplete: 'off', spellcheck: 'false', maxlength: '256' },
	});
	const name = () => kind.value as FilterName;

	function look(): void {
		void loader.load((signal) => optionsOf(page, name(), value.value.trim(), signal), {
			done: (options) => {
				known = options;
				fill(list, ...options.map((one) => el('option', { value: one.value }, one.label)));
			},
			failed: () => fill(list),
		});
	}

	function begin(): void {
		value.value = '';
		value.placeholder = say(filterTitle(name()));
		value.setAttribute('aria-label', say('value of', { name: say(filterTitle(name())) }));
		known = [];
		fill(list);
	}

	function add(): void {
		const typed = value.value.trim();
		if (typed === '') return value.focus();
		// What is shown of a class is a word of the viewer's language, of a device its name.
		const meant = known.find((one) => one.value === typed || one.label === typed)?.value ?? typed;
		onFilter({ name: name(), value: meant });
		begin();
	}

	kind.addEventListener('change', () => {
		begin();
		look();
	});
	value.addEventListener('focus', look);
	value.addEventListener('input', () => {
		window.clearTimeout(typing);
		// A value that is one of the list's was chosen there.
		if (known.some((one) => one.value === value.value)) return add();
		typing = window.setTimeout(look, typingMs);
	});
	begin();
	return {
		element: el(
			'form',
			{
				class: 'adder',
				'aria-label': say('add filter'),
				on: {
					submit: (event) => {
						event.preventDefault();
						add();
					},
				},
			},
			icon('filter'),
			kind,
			value,
			list,
			el('button', { type: 'submit', class: 'button' }, say('add')),
		),
		stop() {
			window.clearTimeout(typing);
			loader.stop();
		},
	};
}

async function optionsOf(page: Page, name: FilterName, query: string, signal: AbortSignal): Promise<Option[]> {
	if (name === 'class')
		return coreClasses.slice(0, 3).map((value) => ({ value, label: valueLabel({ name, value }, page.devices) }));
	const wish = { query: query === '' ? null : query, limit: mostOptions };
	const values = ask<Option[]>('filter-options', { filter_type: name, ...wish }, signal);
	if (name !== 'device') return (await values).filter(({ value }) => value !== '');
	const [devices, addresses] = await Promise.all([
		ask<{ device: string; name: string | null }[]>('devices', wish, signal),
		values,
	]);
	const named = new Map(devices.map(({ device, name: called }) => [device, called ?? device]));
	for (const { value } of addresses) if (!named.has(value)) named.set(value, value);
	return [...named].map(([value, label]) => ({ value, label }));
}
