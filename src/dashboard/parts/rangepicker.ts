// Chooses the range: presets, own days, and back out of what was zoomed into.

import { day, moment } from '../language/format.ts';
import { say } from '../language/language.ts';
import type { Page } from '../view.ts';
import { el, write } from './element.ts';
import { icon } from './icon.ts';
import { dateText, daysText, parseRange, presets, widened } from './range.ts';

export interface RangePicker {
	readonly element: HTMLElement;
	/** What is chosen, in words. */
	readonly words: HTMLElement;
	show(range: string): void;
}

export function rangePicker(page: Page): RangePicker {
	const choose = (range: string) => page.go({ ...page.place(), range });
	const buttons = presets.map((preset) => ({
		preset,
		button: el('button', { type: 'button', on: { click: () => choose(preset) } }, say(`range ${preset}`)),
	}));
	const from = el('input', { type: 'date', class: 'input', 'aria-label': say('first day') });
	const to = el('input', { type: 'date', class: 'input', 'aria-label': say('last day') });
	const dates = el('div', { class: 'dates' }, from, el('span', { class: 'muted' }, '–'), to);
	const take = () => {
		if (from.value !== '' && to.value !== '') choose(daysText(from.value, to.value));
	};
	from.addEventListener('change', take);
	to.addEventListener('change', take);
	const out = el(
		'button',
		{
			type: 'button',
			class: 'button',
			on: { click: () => choose(widened(parseRange(page.place().range, Date.now()), Date.now())) },
		},
		icon('zoomout'),
		say('zoom out'),
	);
	const words = el('p', { class: 'muted' });
	return {
		words,
		element: el(
			'div',
			{ class: 'range', role: 'group', 'aria-label': say('range') },
			out,
			el('div', { class: 'segments' }, ...buttons.map(({ button }) => button)),
			dates,
		),
		show(text) {
			const range = parseRange(text, Date.now());
			for (const { preset, button } of buttons) button.setAttribute('aria-pressed', String(preset === text));
			out.hidden = !text.includes('T');
			from.value = dateText(range.from);
			to.value = dateText(range.to - 1);
			const whole = range.interval === 'day' || range.interval === 'month' || !text.includes('T');
			const word = whole && !/h$/.test(text) ? day : moment;
			write(words, `${word(range.from)} – ${word(range.to - (word === day ? 1 : 0))}`);
		},
	};
}
