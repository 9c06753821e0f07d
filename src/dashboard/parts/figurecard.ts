// A card with one class's figures: a large one, two small ones, its share as a bar, and how it changed.

import { say } from '../language/language.ts';
import { el, fill, write } from './element.ts';

export type CardName = 'wan' | 'direct' | 'proxy' | 'bypass' | 'unattributed';
export const cardNames: readonly CardName[] = ['wan', 'direct', 'proxy', 'bypass', 'unattributed'];

export interface CardFigures {
	/** Nothing is known. */
	readonly unknown: boolean;
	readonly large: string;
	readonly down: string;
	readonly up: string;
	/** 0 to 1; null = not known. */
	readonly share: number | null;
	/** What the share is of, or why there is none. */
	readonly note: string;
	/** Against the range before; '' = not compared. */
	readonly change: string;
	/** The exact figures. */
	readonly title: string;
}

export interface FigureCard {
	readonly element: HTMLElement;
	show(figures: CardFigures): void;
}

export function figureCard(name: CardName, onPick: () => void): FigureCard {
	const large = el('b', { class: 'figure-large' });
	const down = el('span', {});
	const up = el('span', {});
	const note = el('span', { class: 'muted' });
	const change = el('span', { class: 'figure-change muted' });
	const bar = el('i', { class: `share-fill ${name}` });
	const element = el(
		'button',
		{ type: 'button', class: 'card figure', on: { click: onPick } },
		el('span', { class: 'figure-name' }, el('i', { class: `dot ${name}` }), say(name), change),
		large,
		el(
			'span',
			{ class: 'figure-parts' },
			el('span', {}, el('i', { class: 'arrow down', 'aria-label': say('down') }, '↓'), down),
			el('span', {}, el('i', { class: 'arrow up', 'aria-label': say('up') }, '↑'), up),
		),
		el('span', { class: 'share', 'aria-hidden': 'true' }, bar),
		note,
	);
	return {
		element,
		show(figures) {
			write(large, figures.large);
			write(down, figures.down);
			write(up, figures.up);
			write(note, figures.note);
			if (figures.change === '') fill(change);
			else write(change, figures.change);
			element.title = `${say(`${name} hint`)}\n${figures.title}`;
			element.classList.toggle('unknown', figures.unknown);
			bar.style.setProperty('--share', `${Math.min(1, Math.max(0, figures.share ?? 0)) * 100}%`);
		},
	};
}
