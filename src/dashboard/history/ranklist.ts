// A page of who or what used how much, drawn: names with their share and a bar, and bytes down, up and together.

import { bytes, exact, percent } from '../language/format.ts';
import { say, type TextName } from '../language/language.ts';
import { breakable, el } from '../parts/element.ts';
import { canFilter, type Filter } from '../parts/filter.ts';
import type { GroupPage, GroupRow, GroupWish, SortKey } from './groups.ts';

export interface RankListOptions {
	/** Bytes that shares are of; null = not known. */
	readonly core: number | null;
	readonly labelOf: (row: GroupRow) => string;
	readonly onPick: (filter: Filter) => void;
	/** `order`: 'asc', or '' for the largest first. */
	readonly onSort: (sort: SortKey, order: string) => void;
}

const columns: readonly { readonly sort: SortKey; readonly name: TextName }[] = [
	{ sort: 'download', name: 'down' },
	{ sort: 'upload', name: 'up' },
	{ sort: 'total', name: 'total' },
];

export function rankList({ rows }: GroupPage, wish: GroupWish, options: RankListOptions): HTMLElement {
	const { many, one } = wish.dimension;
	const largest = Math.max(1, ...rows.map(({ down, up }) => down + up));
	return el(
		'table',
		{ class: 'list' },
		el('caption', { class: 'unseen' }, say('list caption', { what: say(many) })),
		el(
			'thead',
			{},
			el('tr', {}, el('th', { scope: 'col' }, say(one)), ...columns.map((column) => headOf(column, wish, options))),
		),
		el('tbody', {}, ...rows.map((row) => rowOf(row, largest, wish, options))),
	);
}

function headOf({ sort, name }: (typeof columns)[number], wish: GroupWish, { onSort }: RankListOptions): HTMLElement {
	const on = sort === wish.sort;
	const sorted = on ? (wish.descending ? 'descending' : 'ascending') : null;
	const pick = () => onSort(sort, on && wish.descending ? 'asc' : '');
	return el(
		'th',
		{ scope: 'col', class: `number ${sort}`, 'aria-sort': sorted },
		el(
			'button',
			{ type: 'button', class: on ? 'sort on' : 'sort', on: { click: pick } },
			say(name),
			on ? (wish.descending ? ' ↓' : ' ↑') : '',
		),
	);
}

function rowOf(row: GroupRow, largest: number, { dimension }: GroupWish, options: RankListOptions): HTMLElement {
	const { core, labelOf, onPick } = options;
	// What no connection showed is a row of every list, and a class.
	const filter: Filter =
		row.value === '(unattributed)'
			? { name: 'class', value: 'unattributed' }
			: { name: dimension.filter, value: row.value };
	const label = labelOf(row);
	const title = row.name === null ? label : `${label} · ${row.value}`;
	const total = row.down + row.up;
	const width = (part: number) => `${(Math.max(0, part) / largest) * 100}%`;
	const name = canFilter(filter)
		? el('button', { type: 'button', class: 'link', title, on: { click: () => onPick(filter) } }, ...breakable(label))
		: el('span', { class: 'link', title }, ...breakable(label));
	const share = core !== null && core > 0 ? percent(total / core) : '';
	const bar = el(
		'span',
		{ class: 'bar', 'aria-hidden': 'true', vars: { '--down': width(row.down), '--up': width(row.up) } },
		el('i', { class: 'down' }),
		el('i', { class: 'up' }),
	);
	const figure = (kind: SortKey, count: number) =>
		el('td', { class: `number ${kind}`, title: exact(count) }, bytes(count));
	return el(
		'tr',
		{},
		el(
			'th',
			{ scope: 'row', class: 'named' },
			el('div', {}, name, el('span', { class: 'muted', title: say('share of the core') }, share), bar),
		),
		figure('download', row.down),
		figure('upload', row.up),
		figure('total', total),
	);
}
