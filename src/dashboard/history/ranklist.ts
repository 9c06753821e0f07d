// A page of who or what used how much, drawn: names with their share and a bar, and bytes down, up and together.

import { bytes, exact, percent } from '../language/format.ts';
import { say } from '../language/language.ts';
import { breakable, el, fill, write } from '../parts/element.ts';
import { canFilter, type Dimension, type Filter } from '../parts/filter.ts';
import { KeyedList, type Made } from '../parts/keyed.ts';
import { type SortOrder, tableHead } from '../parts/tablehead.ts';
import type { GroupRow, SortKey } from './groups.ts';

export interface RankListOptions {
	readonly dimension: Dimension;
	readonly labelOf: (row: GroupRow) => string;
	readonly onPick: (filter: Filter) => void;
	readonly onSort: (order: SortOrder<SortKey>) => void;
}

export interface RankList {
	readonly element: HTMLElement;
	/** `core`: bytes that shares are of; null = not known. */
	show(rows: readonly GroupRow[], order: SortOrder<SortKey>, core: number | null): void;
}

export function rankList(options: RankListOptions): RankList {
	const { one, many } = options.dimension;
	const head = tableHead<SortKey>(
		[
			{ name: one },
			{ name: 'down', class: 'number download', sort: 'download' },
			{ name: 'up', class: 'number upload', sort: 'upload' },
			{ name: 'total', class: 'number total', sort: 'total' },
		],
		options.onSort,
	);
	const scale = { largest: 1, core: null as number | null };
	const body = el('tbody', {});
	const rows = new KeyedList<GroupRow>(
		body,
		({ value }) => value,
		(first) => rowOf(first, scale, options),
	);
	return {
		element: el(
			'table',
			{ class: 'list' },
			el('caption', { class: 'unseen' }, say('list caption', { what: say(many) })),
			head.element,
			body,
		),
		show(items, order, core) {
			scale.largest = Math.max(1, ...items.map(({ down, up }) => down + up));
			scale.core = core;
			head.show(order);
			rows.show(items);
		},
	};
}

/** What its bar and its share are of. */
interface Scale {
	readonly largest: number;
	readonly core: number | null;
}

function rowOf({ value }: GroupRow, scale: Scale, options: RankListOptions): Made<GroupRow> {
	const { dimension, labelOf, onPick } = options;
	// What no connection showed is a row of every list, and a class.
	const filter: Filter =
		value === '(unattributed)' ? { name: 'class', value: 'unattributed' } : { name: dimension.filter, value };
	const name = canFilter(filter)
		? el('button', { type: 'button', class: 'link', on: { click: () => onPick(filter) } })
		: el('span', { class: 'link' });
	const share = el('span', { class: 'muted', title: say('share of the core') });
	const bar = el('span', { class: 'bar', 'aria-hidden': 'true' }, el('i', { class: 'down' }), el('i', { class: 'up' }));
	const figure = (kind: SortKey) => el('td', { class: `number ${kind}` });
	const [down, up, total] = [figure('download'), figure('upload'), figure('total')];
	const tell = (cell: HTMLElement, count: number) => {
		write(cell, bytes(count));
		cell.title = exact(count);
	};
	return {
		element: el(
			'tr',
			{},
			el('th', { scope: 'row', class: 'named' }, el('div', {}, name, share, bar)),
			...[down, up, total],
		),
		update(row) {
			const label = labelOf(row);
			if (name.textContent !== label) fill(name, ...breakable(label));
			name.title = row.name === null ? label : `${label} · ${value}`;
			const sum = row.down + row.up;
			write(share, scale.core !== null && scale.core > 0 ? percent(sum / scale.core) : '');
			for (const way of ['down', 'up'] as const) {
				bar.style.setProperty(`--${way}`, `${(Math.max(0, row[way]) / scale.largest) * 100}%`);
			}
			tell(down, row.down);
			tell(up, row.up);
			tell(total, sum);
		},
	};
}
