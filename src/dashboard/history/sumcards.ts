// The figure cards of a range: bytes of the line and of each path, and how they changed since the range before.

import { bytes, change, exact, percent } from '../language/format.ts';
import { say } from '../language/language.ts';
import { el } from '../parts/element.ts';
import { type CardFigures, type CardName, cardNames, figureCard } from '../parts/figurecard.ts';
import { type Balance, isNarrow, type Scope, sumOf, wholeOf } from '../parts/scope.ts';

/** Beyond it the range before is no measure: there was hardly anybody to count. */
const mostChange = 10;

export interface SumCards {
	readonly element: HTMLElement;
	/** `before`: the range before; null = not known (yet). */
	show(sums: Balance, before: Balance | null, scope: Scope): void;
}

export function sumCards(onPick: (name: CardName) => void): SumCards {
	const cards = cardNames.map((name) => ({ name, card: figureCard(name, () => onPick(name)) }));
	return {
		element: el('section', { class: 'cards', 'aria-label': say('sums') }, ...cards.map(({ card }) => card.element)),
		show(sums, before, scope) {
			for (const { name, card } of cards) card.show(figuresOf(name, sums, before, scope));
		},
	};
}

function figuresOf(name: CardName, sums: Balance, before: Balance | null, scope: Scope): CardFigures {
	const part = isKnown(name, scope) ? sums[name] : null;
	const whole = sumOf(wholeOf(sums));
	const share = part && whole ? sumOf(part)! / whole : null;
	const was = before && sumOf(before[name]);
	return {
		unknown: part === null,
		large: bytes(sumOf(part)),
		down: bytes(part?.down ?? null),
		up: bytes(part?.up ?? null),
		share,
		note: noteOf(name, sums, scope, share),
		change: part !== null && was !== null && was * mostChange > sumOf(part)! ? change(sumOf(part)! / was - 1) : '',
		title:
			part === null
				? ''
				: `↓ ${exact(part.down)}\n↑ ${exact(part.up)}${was === null ? '' : `\n${say('before', { sum: bytes(was) })}`}`,
	};
}

/** Bytes that no connection showed have no device, host or rule: of them nothing is known, not 0. */
function isKnown(name: CardName, scope: Scope): boolean {
	return (
		name !== 'unattributed' || scope.filters.every((filter) => filter.name === 'agent_id' || filter.name === 'class')
	);
}

function noteOf(name: CardName, sums: Balance, scope: Scope, share: number | null): string {
	if (!isKnown(name, scope)) return say('not by this filter');
	if (sums[name] === null) return say(isNarrow(scope) ? 'not by this filter' : 'wan not counted');
	if (name === 'wan') return say('wan hint');
	return say(sums.wan ? 'of the WAN' : 'of the core', { share: percent(share) });
}
