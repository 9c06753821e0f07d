// The figure cards of a range: bytes of the line and of each path, and how they changed since the range before.

import { bytes, changeText, exact, percent } from '../language/format.ts';
import { say } from '../language/language.ts';
import { type MeantAgents, onlyOld } from '../parts/agentfacts.ts';
import { el } from '../parts/element.ts';
import { type CardFigures, type CardName, cardNames, figureCard } from '../parts/figurecard.ts';
import { type Balance, isNarrow, type Scope, sumOf, wholeOf } from '../parts/scope.ts';

/** What the sums are of. */
export interface About {
	readonly scope: Scope;
	readonly meant: MeantAgents;
}

export interface SumCards {
	readonly element: HTMLElement;
	/** `before`: the range before; null = not known (yet). */
	show(sums: Balance, before: Balance | null, about: About): void;
}

export function sumCards(onPick: (name: CardName) => void): SumCards {
	const cards = cardNames.map((name) => ({ name, card: figureCard(name, () => onPick(name)) }));
	return {
		element: el('section', { class: 'cards', 'aria-label': say('sums') }, ...cards.map(({ card }) => card.element)),
		show(sums, before, about) {
			for (const { name, card } of cards) card.show(figuresOf(name, sums, before, about));
		},
	};
}

function figuresOf(name: CardName, sums: Balance, before: Balance | null, about: About): CardFigures {
	const part = isKnown(name, about) && !isEmpty(sums) ? sums[name] : null;
	const whole = sumOf(wholeOf(sums));
	const share = part && whole ? sumOf(part)! / whole : null;
	const was = before && sumOf(before[name]);
	return {
		unknown: part === null,
		large: bytes(sumOf(part)),
		down: bytes(part?.down ?? null),
		up: bytes(part?.up ?? null),
		share,
		note: noteOf(name, sums, about, share),
		change: changeText(sumOf(part), was),
		title:
			part === null
				? ''
				: `↓ ${exact(part.down)}\n↑ ${exact(part.up)}${was === null ? '' : `\n${say('before', { sum: bytes(was) })}`}`,
	};
}

/** Nothing moves in no home: nobody counted. */
export function isEmpty(sums: Balance): boolean {
	return Object.values(sums).every((sum) => !sumOf(sum));
}

/** Bytes that no connection showed have no device, host or rule, and no old agent tells of them: unknown, not 0. */
function isKnown(name: CardName, { scope, meant }: About): boolean {
	if (name !== 'unattributed') return true;
	return isByClass(scope) && !onlyOld(meant);
}

const isByClass = ({ filters }: Scope) => filters.every(({ name }) => name === 'agent_id' || name === 'class');

function noteOf(name: CardName, sums: Balance, about: About, share: number | null): string {
	const { scope } = about;
	if (!isKnown(name, about)) return say(isByClass(scope) ? 'not by old agents' : 'not by this filter');
	if (sums[name] === null) return say(isNarrow(scope) ? 'not by this filter' : 'wan not counted');
	if (isEmpty(sums)) return say('nothing counted');
	if (name === 'wan' || share === null) return say(`${name} hint`);
	if (!sums.bypass) return say('of the core', { share: percent(share) });
	const measured = sumOf(sums.wan) === sumOf(wholeOf(sums));
	return say(measured ? 'of the WAN' : 'of all paths', { share: percent(share) });
}
