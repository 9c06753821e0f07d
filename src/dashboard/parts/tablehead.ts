// The head of a table: names of columns, of which some sort by it. Made once: the focus stays on what was pressed.

import { say, type TextName } from '../language/language.ts';
import { el, write } from './element.ts';

export interface Column<Sort extends string = never> {
	readonly name: TextName;
	readonly class?: string;
	/** What it sorts by; none = it does not. */
	readonly sort?: Sort | null;
}

export interface SortOrder<Sort extends string> {
	readonly sort: Sort;
	readonly descending: boolean;
}

export interface TableHead<Sort extends string> {
	readonly element: HTMLElement;
	show(order: SortOrder<Sort>): void;
}

export function plainHead(columns: readonly Column[]): HTMLElement {
	return tableHead(columns, () => {}).element;
}

/** A column that is pressed sorts the largest first, and the other way round when it does already. */
export function tableHead<Sort extends string>(
	columns: readonly Column<Sort>[],
	onSort: (order: SortOrder<Sort>) => void,
): TableHead<Sort> {
	let now: SortOrder<Sort> | null = null;
	const cells = columns.map(({ name, class: kind = '', sort = null }) => {
		const cell = el('th', { scope: 'col', class: kind }, sort === null && say(name));
		if (sort === null) return { cell, draw: () => {} };
		const pick = () => onSort({ sort, descending: sort !== now?.sort || !now.descending });
		const button = el('button', { type: 'button', on: { click: pick } });
		cell.append(button);
		const draw = () => {
			const on = now?.sort === sort;
			button.className = on ? 'sort on' : 'sort';
			write(button, `${say(name)}${on ? (now!.descending ? ' ↓' : ' ↑') : ''}`);
			if (on) cell.setAttribute('aria-sort', now!.descending ? 'descending' : 'ascending');
			else cell.removeAttribute('aria-sort');
		};
		return { cell, draw };
	});
	return {
		element: el('thead', {}, el('tr', {}, ...cells.map(({ cell }) => cell))),
		show(order) {
			now = order;
			for (const { draw } of cells) draw();
		},
	};
}
