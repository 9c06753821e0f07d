// Chooses the agent that a view is about, or all of them: a filter as any other. Hidden while there is nothing to choose.

import { say } from '../language/language.ts';
import type { Place } from '../place.ts';
import type { Page } from '../view.ts';
import { el, fill } from './element.ts';
import { withFilter, withoutFilter } from './filter.ts';

/** The agent that is looked at; null = all. */
export const agentOf = ({ filters }: Place): string | null =>
	filters.find(({ name }) => name === 'agent_id')?.value ?? null;

export interface AgentPicker {
	readonly element: HTMLElement;
	/** '' = all. */
	pick(agent: string): void;
	/** `names`: of all agents there are. */
	show(names: readonly string[]): void;
}

export function agentPicker(page: Page): AgentPicker {
	const element = el('select', { class: 'input', 'aria-label': say('agent to show') });
	const pick = (value: string) => {
		const others = withoutFilter(page.place().filters, 'agent_id');
		page.go({ ...page.place(), filters: value === '' ? others : withFilter(others, { name: 'agent_id', value }) });
	};
	element.addEventListener('change', () => pick(element.value));
	return {
		element,
		pick,
		show(names) {
			const chosen = agentOf(page.place()) ?? '';
			element.hidden = names.length < 2 && chosen === '';
			const wanted = ['', ...new Set([...names, ...(chosen === '' ? [] : [chosen])])];
			if (wanted.join('\n') !== [...element.options].map(({ value }) => value).join('\n')) {
				fill(element, ...wanted.map((value) => el('option', { value }, value === '' ? say('all agents') : value)));
			}
			element.value = chosen;
		},
	};
}
