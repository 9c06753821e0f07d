// Whether it adds up, in figures: WAN = core + overhead + bypass, core = attributed + unattributed. What is missing to
// the byte is said, with what it may be.
import type { Bytes } from '../../record.ts';
import { bytes, exact } from '../language/format.ts';
import { say } from '../language/language.ts';
import { type MeantAgents, namesOf, onlyOld } from '../parts/agentfacts.ts';
import { classNames } from '../parts/classes.ts';
import { el, fill } from '../parts/element.ts';
import { icon } from '../parts/icon.ts';
import { type Balance, type BalanceName, sumOf } from '../parts/scope.ts';

export interface Term {
	readonly name: BalanceName;
	readonly bytes: Bytes;
	readonly sign: 1 | -1;
}

export interface Sum {
	readonly whole: Term;
	readonly parts: readonly Term[];
	/** Down and up of the whole without its parts: 0 and 0 when it adds up. */
	readonly missing: Bytes;
}

/** The two sums of a range; one whose whole is not known is not there, nor a term of it that is 0 and seldom anything. */
export function sumsOf(balance: Balance): Sum[] {
	const term = (name: BalanceName, sign: 1 | -1 = 1): Term[] =>
		balance[name] === null ? [] : [{ name, bytes: balance[name], sign }];
	const seldom = (name: BalanceName, sign: 1 | -1): Term[] =>
		term(name, sign).filter(({ bytes: sum }) => sum.up !== 0 || sum.down !== 0);
	const sum = (whole: Term[], parts: Term[]): Sum[] => {
		const rest = (way: 'up' | 'down') =>
			parts.reduce((left, part) => left - part.sign * part.bytes[way], whole[0]?.bytes[way] ?? 0);
		return whole.map((one) => ({ whole: one, parts, missing: { up: rest('up'), down: rest('down') } }));
	};
	return [
		...sum(term('wan'), [
			...term('core'),
			...term('overhead'),
			...term('bypass'),
			...seldom('wan_only', 1),
			...seldom('local', -1),
			...seldom('unmeasured', -1),
		]),
		...sum(term('core'), [...term('attributed'), ...term('unattributed')]),
	];
}

export interface SumLine {
	readonly element: HTMLElement;
	/** `balance`: null = nothing that would add up. */
	show(balance: Balance | null, meant: MeantAgents): void;
}

export function sumLine(): SumLine {
	const element = el('div', { class: 'sums' });
	return {
		element,
		show(balance, meant) {
			const sums = balance ? sumsOf(balance) : [];
			// What only connections told of adds up to itself: that would say nothing.
			const told = onlyOld(meant) ? sums.filter(({ whole }) => whole.name !== 'core') : sums;
			const old = meant.old.length > 0 && say('old agents counted', { agents: namesOf(meant.old) });
			element.hidden = balance === null || (told.length === 0 && !old);
			fill(element, ...told.map(equation), old && el('p', { class: 'muted' }, old));
		},
	};
}

function equation({ whole, parts, missing }: Sum): HTMLElement {
	const right = missing.up === 0 && missing.down === 0;
	const word = ({ name, bytes: sum }: Term) =>
		el(
			'span',
			{ class: 'term', title: `${say(`${name} hint`)}\n↓ ${exact(sum.down)}\n↑ ${exact(sum.up)}` },
			(classNames as readonly string[]).includes(name) && el('i', { class: `dot ${name}` }),
			`${say(name)} `,
			el('b', {}, bytes(sumOf(sum))),
		);
	return el(
		'p',
		{ class: `equation ${right ? 'right' : 'wrong'}` },
		icon(right ? 'check' : 'warning'),
		word(whole),
		...parts.flatMap((part, at) => [
			el('span', { class: 'muted' }, at === 0 ? '=' : part.sign < 0 ? '−' : '+'),
			word(part),
		]),
		right
			? el('span', { class: 'unseen' }, say('adds up'))
			: el(
					'span',
					{ class: 'term bad-text' },
					say('adds not up', { sum: exact(Math.abs(missing.up) + Math.abs(missing.down)) }),
				),
	);
}
