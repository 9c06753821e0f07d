// The figure cards of now: the line in all, and each path. What is unknown is a dash and says so.
import type { Speeds } from '../../record.ts';
import { percent, rate } from '../language/format.ts';
import { say } from '../language/language.ts';
import { el } from '../parts/element.ts';
import { type CardFigures, type CardName, cardNames, figureCard } from '../parts/figurecard.ts';
import { type Moment, shareS, sharesOf } from './livebook.ts';

export interface SpeedCards {
	readonly element: HTMLElement;
	/** `speeds`: null = nobody tells anything that is fresh. `moments`: of the last minutes. */
	show(speeds: Speeds | null, moments: readonly Moment[]): void;
}

export function speedCards(onPick: (name: CardName) => void): SpeedCards {
	const cards = cardNames.map((name) => ({ name, card: figureCard(name, () => onPick(name)) }));
	return {
		element: el('section', { class: 'cards', 'aria-label': say('now') }, ...cards.map(({ card }) => card.element)),
		show(speeds, moments) {
			const shares = sharesOf(moments);
			for (const { name, card } of cards) card.show(figuresOf(name, speeds, shares[name]));
		},
	};
}

function figuresOf(name: CardName, speeds: Speeds | null, share: number | null): CardFigures {
	const speed = speeds?.[name] ?? null;
	const sum = speed && speed.down + speed.up;
	return {
		...{ unknown: speed === null, large: rate(sum), down: rate(speed?.down ?? null), up: rate(speed?.up ?? null) },
		// The line is the whole, whatever its own counter said.
		share: speed && (name === 'wan' ? 1 : share),
		...{ note: noteOf(name, speeds, share), change: '', title: say('share of seconds', { seconds: shareS }) },
	};
}

function noteOf(name: CardName, speeds: Speeds | null, share: number | null): string {
	if (speeds === null) return say('unknown');
	if (speeds[name] === null) return say(name === 'wan' || name === 'bypass' ? 'wan unknown' : 'unknown');
	if (name === 'wan') return say('wan hint');
	return say(speeds.bypass ? 'of all paths' : 'of the core', { share: percent(share) });
}
