// Whether it adds up, in figures: WAN = core + overhead + bypass, core = attributed + unattributed. What is missing to
// the byte is said, with what it may be.
import type { Bytes } from '../record.ts';
import type { ClassName } from './classes.ts';
import { el, fill } from './element.ts';
import { bytes, exact } from './format.ts';
import { icon } from './icon.ts';
import { say, type TextName } from './language.ts';
import { added, type ClassSums, coreOf } from './scope.ts';

export interface Sum {
	readonly whole: { readonly name: TextName; readonly bytes: Bytes };
	readonly parts: readonly { readonly name: TextName; readonly class: ClassName | 'wan' | ''; readonly bytes: Bytes }[];
	/** The whole without its parts, down and up together. */
	readonly missing: number;
}

const none: Bytes = { up: 0, down: 0 };
const sumOf = ({ up, down }: Bytes) => up + down;

/** The two sums of a range; one whose whole is not known is not there. */
export function sumsOf(sums: ClassSums): Sum[] {
	const core = coreOf(sums);
	const attributed = added([sums.direct, sums.proxy, sums.reject]);
	const made: Sum[] = [];
	const add = (whole: Sum['whole'], parts: Sum['parts']) => {
		made.push({ whole, parts, missing: sumOf(whole.bytes) - parts.reduce((sum, part) => sum + sumOf(part.bytes), 0) });
	};
	if (sums.wan) {
		add({ name: 'wan', bytes: sums.wan }, [
			{ name: 'core', class: '', bytes: core ?? none },
			{ name: 'overhead', class: 'overhead', bytes: sums.overhead ?? none },
			{ name: 'bypass', class: 'bypass', bytes: sums.bypass ?? none },
		]);
	}
	if (core) {
		add({ name: 'core', bytes: core }, [
			{ name: 'attributed', class: '', bytes: attributed ?? none },
			{ name: 'unattributed', class: 'unattributed', bytes: sums.unattributed ?? none },
		]);
	}
	return made;
}

export interface SumLine {
	readonly element: HTMLElement;
	show(sums: ClassSums): void;
}

export function sumLine(): SumLine {
	const element = el('div', { class: 'sums' });
	return {
		element,
		show(sums) {
			fill(element, ...sumsOf(sums).map(equation));
		},
	};
}

function equation({ whole, parts, missing }: Sum): HTMLElement {
	const right = missing === 0;
	return el(
		'p',
		{ class: `equation ${right ? 'right' : 'wrong'}` },
		icon(right ? 'check' : 'warning'),
		el(
			'span',
			{ class: 'term', title: exact(sumOf(whole.bytes)) },
			`${say(whole.name)} `,
			el('b', {}, bytes(sumOf(whole.bytes))),
		),
		...parts.flatMap((part, at) => [
			el('span', { class: 'muted' }, at === 0 ? '=' : '+'),
			el(
				'span',
				{ class: 'term', title: exact(sumOf(part.bytes)) },
				part.class !== '' && el('i', { class: `dot ${part.class}` }),
				`${say(part.name)} `,
				el('b', {}, bytes(sumOf(part.bytes))),
			),
		]),
		right
			? el('span', { class: 'unseen' }, say('adds up'))
			: el(
					'span',
					{ class: 'term muted', title: exact(missing) },
					say(missing < 0 ? 'too much' : 'too little', { sum: bytes(Math.abs(missing)) }),
				),
	);
}
