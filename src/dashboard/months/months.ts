// The view of months and quotas: what each agent has used of its billing cycle, and a year of days.

import { say } from '../language/language.ts';
import { el, fill } from '../parts/element.ts';
import { withFilter, withoutFilter } from '../parts/filter.ts';
import { choose } from '../place.ts';
import type { OpenView, Page, View } from '../view.ts';
import { quotaList } from './quotalist.ts';
import { agentOf, countingOf, countings, yearPart } from './yearpart.ts';

export const monthsView: View = { name: 'months', title: 'months', icon: 'months', open: openMonths };

function openMonths(page: Page): OpenView {
	const picker = el('select', { class: 'input', 'aria-label': say('agent to show') });
	const counting = el('select', { class: 'input', 'aria-label': say('counted') });
	fill(counting, ...countings.map((name) => el('option', { value: name }, say(name))));
	counting.addEventListener('change', () => page.go(choose(page.place(), { counts: counting.value })));
	picker.addEventListener('change', () => {
		const filters = withoutFilter(page.place().filters, 'agent_id');
		const { value } = picker;
		page.go({ ...page.place(), filters: value === '' ? filters : withFilter(filters, { name: 'agent_id', value }) });
	});
	let agents: readonly string[] = [];
	const quotas = quotaList(page, (names) => {
		agents = names;
		fillPicker();
	});
	const year = yearPart(page);

	function fillPicker(): void {
		const chosen = agentOf(page.place());
		const names = ['', ...new Set([...agents, ...(chosen === null ? [] : [chosen])])];
		if (names.join('\n') !== [...picker.options].map(({ value }) => value).join('\n')) {
			fill(picker, ...names.map((value) => el('option', { value }, value === '' ? say('all agents') : value)));
		}
		picker.value = chosen ?? '';
	}

	const head = el(
		'div',
		{ class: 'view-head' },
		el('h1', {}, say('months and quotas')),
		el('div', { class: 'spacer' }),
	);
	head.append(counting, picker);
	return {
		element: el('div', { class: 'view' }, head, quotas.element, year.element),
		show(place) {
			counting.value = countingOf(place);
			fillPicker();
			quotas.show(agentOf(place));
			year.show(place);
		},
		stop() {
			quotas.stop();
			year.stop();
		},
	};
}
