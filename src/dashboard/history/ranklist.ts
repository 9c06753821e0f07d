// A page of who or what used how much, drawn: names with their share and a bar, and bytes down, up and together.

import { bytes, changeText, exact, percent } from '../language/format.ts';
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
	show(rows: readonly GroupRow[], order: SortOrder<SortKey>, beside: Beside): void;
}

/** What rows are compared with. */
export interface Beside {
	/** Bytes that shares are of; null = not known. */
	readonly core: number | null;
	/** Bytes in the range before, by value; null = not asked. */
	readonly before: ReadonlyMap<string, number> | null;
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
	const scale = { largest: 1, beside: { core: null, before: null } as Beside };
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
		show(items, order, beside) {
			scale.largest = Math.max(1, ...items.map(({ down, up }) => down + up));
			scale.beside = beside;
			head.show(order);
			rows.show(items);
		},
	};
}

interface Scale {
	/** What bars are of. */
	readonly largest: number;
	readonly beside: Beside;
}

function rowOf({ value }: GroupRow, scale: Scale, options: RankListOptions): Made<GroupRow> {
	const { dimension, labelOf, onPick } = options;
	// What no connection showed is a row of every list, and a class.
	const filter: Filter =
		value === '(unattributed)' ? { name: 'class', value: 'unattributed' } : { name: dimension.filter, value };
	const name = canFilter(filter)
		? el('button', { type: 'button', class: 'link', on: { click: () => onPick(filter) } })
		: el('span', { class: 'link' });
	const share = el('span', { class: 'muted' });
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
			const { core, before } = scale.beside;
			const was = before?.get(value) ?? null;
			const words = [core !== null && core > 0 ? percent(sum / core) : '', changeText(sum, was)];
			write(share, words.filter(Boolean).join(' · '));
			share.title = say('share of the core') + (was === null ? '' : `\n${say('before', { sum: bytes(was) })}`);
			for (const way of ['down', 'up'] as const) {
				bar.style.setProperty(`--${way}`, `${(Math.max(0, row[way]) / scale.largest) * 100}%`);
			}
			tell(down, row.down);
			tell(up, row.up);
			tell(total, sum);
		},
	};
}
