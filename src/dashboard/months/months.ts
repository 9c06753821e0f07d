// The view of months and quotas: what each agent has used of its billing cycle, and a year of days.

import { say } from '../language/language.ts';
import { agentOf, agentPicker } from '../parts/agentpicker.ts';
import { valueLabel } from '../parts/chips.ts';
import { el, fill, write } from '../parts/element.ts';
import { type Filter, filterTitle, withoutFilter } from '../parts/filter.ts';
import { choose } from '../place.ts';
import type { OpenView, Page, View } from '../view.ts';
import { quotaList } from './quotalist.ts';
import { countingOf, countings, yearPart } from './yearpart.ts';

export const monthsView: View = { name: 'months', title: 'months', icon: 'months', open: openMonths };

function openMonths(page: Page): OpenView {
	const picker = agentPicker(page);
	const counting = el('select', { class: 'input', 'aria-label': say('counted') });
	fill(counting, ...countings.map((name) => el('option', { value: name }, say(name))));
	counting.addEventListener('change', () => page.go(choose(page.place(), { counts: counting.value })));
	let agents: readonly string[] = [];
	const quotas = quotaList(page, (names) => {
		agents = names;
		picker.show(names);
		// Twelve months of nothing say less than that there is nobody.
		counting.hidden = year.element.hidden = names.length === 0;
	});
	const year = yearPart(page);

	const unheeded = el('p', { class: 'muted' });
	const head = el(
		'div',
		{ class: 'view-head' },
		el('h1', {}, say('months and quotas')),
		el('div', { class: 'spacer' }),
		...[counting, picker.element],
	);
	return {
		element: el('div', { class: 'view' }, head, unheeded, quotas.element, year.element),
		show(place) {
			counting.value = countingOf(place);
			picker.show(agents);
			const others = withoutFilter(place.filters, 'agent_id');
			unheeded.hidden = others.length === 0;
			write(unheeded, say('not heeded', { filters: others.map((one) => wordsOf(one, page)).join(', ') }));
			quotas.show(agentOf(place));
			year.show(place);
		},
		stop() {
			quotas.stop();
			year.stop();
		},
	};
}

const wordsOf = (filter: Filter, { devices }: Page) =>
	`${say(filterTitle(filter.name))} ${valueLabel(filter, devices)}`;
