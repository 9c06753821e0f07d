// The figure cards of now: the line in all, and each path. What is unknown is a dash and says so.
import type { Speeds } from '../record.ts';
import { el, write } from './element.ts';
import { percent, rate } from './format.ts';
import { say } from './language.ts';

const shown = ['wan', 'direct', 'proxy', 'bypass', 'unattributed'] as const;
type Shown = (typeof shown)[number];

export interface SpeedCards {
	readonly element: HTMLElement;
	/** null: nobody tells anything that is fresh. */
	show(speeds: Speeds | null): void;
}

export function speedCards(onPick: (name: Shown) => void): SpeedCards {
	const cards = shown.map((name) => ({ name, ...card(name, onPick) }));
	return {
		element: el('section', { class: 'cards', 'aria-label': say('now') }, ...cards.map(({ element }) => element)),
		show(speeds) {
			for (const one of cards) one.show(speeds);
		},
	};
}

function card(name: Shown, onPick: (name: Shown) => void) {
	const down = el('b', { class: 'figure-down' });
	const up = el('b', { class: 'figure-up' });
	const share = el('span', { class: 'muted' });
	const bar = el('i', { class: `share-fill ${name}` });
	const element = el(
		'button',
		{ type: 'button', class: 'card figure', title: say(`${name} hint`), on: { click: () => onPick(name) } },
		el('span', { class: 'figure-name' }, el('i', { class: `dot ${name}` }), say(name)),
		el('span', { class: 'figure-value' }, el('i', { class: 'arrow down' }, '↓'), down),
		el('span', { class: 'figure-value second' }, el('i', { class: 'arrow up' }, '↑'), up),
		el('span', { class: 'share' }, bar),
		share,
	);
	return {
		element,
		show(speeds: Speeds | null) {
			const speed = speeds?.[name] ?? null;
			write(down, rate(speed?.down ?? null));
			write(up, rate(speed?.up ?? null));
			element.classList.toggle('unknown', speed === null);
			const whole = speeds?.wan ?? speeds?.core ?? null;
			const part = speed && whole ? (speed.down + speed.up) / (whole.down + whole.up) : null;
			bar.style.setProperty('--share', `${Math.min(1, part || 0) * 100}%`);
			write(
				share,
				speed === null ? unknownText(name, speeds) : name === 'wan' ? say('wan hint') : shareText(part, speeds),
			);
		},
	};
}

function unknownText(name: Shown, speeds: Speeds | null): string {
	return speeds !== null && (name === 'wan' || name === 'bypass') ? say('wan unknown') : say('unknown');
}

function shareText(part: number | null, speeds: Speeds | null): string {
	return say(speeds?.wan ? 'of the WAN' : 'of the core', { share: percent(part) });
}
