// What is open right now: of one agent or all, the most active first.

import { whole } from '../language/format.ts';
import { say } from '../language/language.ts';
import { el, fill, write } from '../parts/element.ts';
import type { FilterName } from '../parts/filter.ts';
import { moreButton } from '../parts/more.ts';
import { empty } from '../parts/notice.ts';
import type { Page } from '../view.ts';
import { openList } from './openlist.ts';

export interface OpenPanel {
	readonly element: HTMLElement;
	/** `agent`: null = all. */
	show(agent: string | null, now: number): void;
}

/** Shown until somebody wants all. */
const few = 12;
/** More rows, drawn anew each second, keep a browser busy. */
const most = 200;

export function openPanel(page: Page, onFilter: (name: FilterName, value: string) => void): OpenPanel {
	const { book } = page.feed;
	const list = openList({
		onHost: (host) => onFilter('host', host),
		onDevice: (device) => onFilter('device', device),
		devices: page.devices,
	});
	const more = moreButton(page, 'open', { few, most });
	const count = el('span', { class: 'muted' });
	const body = el('div', {});
	return {
		element: el(
			'section',
			{ class: 'card', 'aria-label': say('open now') },
			el('div', { class: 'card-head' }, el('h2', {}, say('open now')), count),
			body,
			more.element,
		),
		show(agent, now) {
			const names = (agent === null ? book.agents() : [agent]).filter((name) => book.fresh(name, now));
			const lives = names.flatMap((name) => {
				const live = book.state(name)?.live;
				return live ? [{ name, live }] : [];
			});
			const busiest = lives.flatMap(({ name, live }) => live.busiest.map((one) => ({ ...one, agent: name })));
			const counts = lives.flatMap(({ live }) => live.connections ?? []);
			const sum = counts.reduce((a, b) => a + b, 0);
			write(count, counts.length > 0 ? say('open count', { count: whole(sum) }) : '');
			list.show(busiest, page.place().choices.open === 'all' ? most : few);
			more.show(busiest.length);
			if (busiest.length > 0) {
				if (body.firstChild !== list.element) fill(body, list.element);
				return;
			}
			const text = say(lives.length > 0 ? 'open none' : 'open unknown');
			if (body.textContent !== text) fill(body, empty(text));
		},
	};
}
