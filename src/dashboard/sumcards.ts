// The figure cards of a range: bytes of the line and of each path, and how they changed since the range before.
import { el } from './element.ts';
import { type CardFigures, type CardName, cardNames, figureCard } from './figurecard.ts';
import { bytes, change, exact, percent } from './format.ts';
import { say } from './language.ts';
import { type Balance, sumOf, wholeOf } from './scope.ts';

export interface SumCards {
	readonly element: HTMLElement;
	/** `before`: the range before; null = not known (yet). */
	show(sums: Balance, before: Balance | null): void;
}

export function sumCards(onPick: (name: CardName) => void): SumCards {
	const cards = cardNames.map((name) => ({ name, card: figureCard(name, () => onPick(name)) }));
	return {
		element: el('section', { class: 'cards', 'aria-label': say('sums') }, ...cards.map(({ card }) => card.element)),
		show(sums, before) {
			for (const { name, card } of cards) card.show(figuresOf(name, sums, before));
		},
	};
}

function figuresOf(name: CardName, sums: Balance, before: Balance | null): CardFigures {
	const part = sums[name];
	const whole = sumOf(wholeOf(sums));
	const share = part && whole ? sumOf(part)! / whole : null;
	const was = before && sumOf(before[name]);
	return {
		unknown: part === null,
		large: bytes(sumOf(part)),
		down: bytes(part?.down ?? null),
		up: bytes(part?.up ?? null),
		share,
		note: noteOf(name, sums, share),
		change: part !== null && was !== null && was > 0 ? change(sumOf(part)! / was - 1) : '',
		title:
			part === null
				? ''
				: `↓ ${exact(part.down)}\n↑ ${exact(part.up)}${was === null ? '' : `\n${say('before', { sum: bytes(was) })}`}`,
	};
}

function noteOf(name: CardName, sums: Balance, share: number | null): string {
	if (!sums[name]) return say(name === 'wan' || name === 'bypass' ? 'wan not counted' : 'nothing here');
	if (name === 'wan') return say('wan hint');
	return say(sums.wan ? 'of the WAN' : 'of the core', { share: percent(share) });
}
