// The figure cards of now: the line in all, and each path. What is unknown is a dash and says so.
import type { Speeds } from '../../record.ts';
import { percent, rate } from '../language/format.ts';
import { say } from '../language/language.ts';
import { el } from '../parts/element.ts';
import { type CardFigures, type CardName, cardNames, figureCard } from '../parts/figurecard.ts';

export interface SpeedCards {
	readonly element: HTMLElement;
	/** null: nobody tells anything that is fresh. */
	show(speeds: Speeds | null): void;
}

export function speedCards(onPick: (name: CardName) => void): SpeedCards {
	const cards = cardNames.map((name) => ({ name, card: figureCard(name, () => onPick(name)) }));
	return {
		element: el('section', { class: 'cards', 'aria-label': say('now') }, ...cards.map(({ card }) => card.element)),
		show(speeds) {
			for (const { name, card } of cards) card.show(figuresOf(name, speeds));
		},
	};
}

function figuresOf(name: CardName, speeds: Speeds | null): CardFigures {
	const speed = speeds?.[name] ?? null;
	const whole = speeds?.wan ?? speeds?.core ?? null;
	const all = whole ? whole.down + whole.up : 0;
	const share = speed && all > 0 ? (speed.down + speed.up) / all : null;
	const sum = speed && speed.down + speed.up;
	return {
		...{ unknown: speed === null, large: rate(sum), down: rate(speed?.down ?? null), up: rate(speed?.up ?? null) },
		...{ share, note: noteOf(name, speeds, share), change: '', title: '' },
	};
}

function noteOf(name: CardName, speeds: Speeds | null, share: number | null): string {
	if (speeds === null) return say('unknown');
	if (speeds[name] === null) return say(name === 'wan' || name === 'bypass' ? 'wan unknown' : 'unknown');
	if (name === 'wan') return say('wan hint');
	return say(speeds.wan ? 'of the WAN' : 'of the core', { share: percent(share) });
}
