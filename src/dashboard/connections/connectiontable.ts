// Connections as rows; on a phone each is a card. Rows stay where they are when more come.

import { bytes, exact, exactMoment, shortMoment, span } from '../language/format.ts';
import { say, type TextName } from '../language/language.ts';
import { el, fill, write } from '../parts/element.ts';
import { KeyedList } from '../parts/keyed.ts';
import { type Column, tableHead } from '../parts/tablehead.ts';
import { type Connection, type ConnectionSort, chainNames, keyOf, type Order, ruleName } from './connectionlist.ts';

export interface ConnectionTable {
	readonly element: HTMLElement;
	show(rows: readonly Connection[], order: Order): void;
	/** The button of a row, to give the focus back to. */
	buttonOf(key: string): HTMLElement | null;
}

export interface ConnectionTableOptions {
	readonly onOpen: (connection: Connection) => void;
	readonly onSort: (order: Order) => void;
}

const columns: readonly Column<ConnectionSort>[] = [
	{ name: 'connection', class: 'what' },
	{ name: 'path', class: 'path' },
	{ name: 'started', class: 'number start', sort: 'start' },
	{ name: 'last seen', class: 'number seen', sort: 'last_updated' },
	{ name: 'down', class: 'number download', sort: 'download' },
	{ name: 'up', class: 'number upload', sort: 'upload' },
	{ name: 'total', class: 'number total', sort: 'total' },
];

export function connectionTable({ onOpen, onSort }: ConnectionTableOptions): ConnectionTable {
	const head = tableHead(columns, onSort);
	const body = el('tbody', {});
	const buttons = new Map<string, HTMLElement>();
	let largest = 1;
	const rows = new KeyedList<Connection>(body, keyOf, (first) => {
		// The click goes on from the button to the row; who marks text to copy it does not click.
		const button = el('button', { type: 'button', class: 'link' });
		const pick = () => String(getSelection()) === '' && onOpen(first);
		const element = el('tr', { class: 'row', on: { click: pick } });
		buttons.set(keyOf(first), button);
		let drawn: Connection | null = null;
		return {
			element,
			update: (one) => {
				const share = (part: number) => `${(part / largest) * 100}%`;
				element.style.setProperty('--down', share(one.download));
				element.style.setProperty('--up', share(one.upload));
				if (JSON.stringify(one) === JSON.stringify(drawn)) return;
				drawn = one;
				write(button, nameOf(one));
				const focused = document.activeElement === button;
				fill(element, ...cells(one, button));
				if (focused) button.focus({ preventScroll: true });
			},
		};
	});
	return {
		element: el(
			'table',
			{ class: 'list conns' },
			el('caption', { class: 'unseen' }, say('connections')),
			head.element,
			body,
		),
		show(items, order) {
			largest = Math.max(1, ...items.map(({ download, upload }) => download + upload));
			head.show(order);
			rows.show(items);
		},
		buttonOf: (key) => buttons.get(key) ?? null,
	};
}

export function nameOf({ host, destination_ip, destination_port }: Connection): string {
	return host || (destination_ip && `${destination_ip}:${destination_port}`) || say('no name');
}

function cells(one: Connection, button: HTMLElement): HTMLElement[] {
	const [start, seen] = [Date.parse(one.start), Date.parse(one.last_updated)];
	const who = one.device_name ?? one.device;
	const way = chainNames(one.chains).join(' › ');
	const figure = (kind: string, name: TextName, count: number) =>
		el('td', { class: `number ${kind}`, title: exact(count), 'data-name': say(name) }, bytes(count));
	return [
		el(
			'th',
			{ scope: 'row', class: 'what' },
			el(
				'div',
				{ class: 'what-cell' },
				el('i', { class: `dot ${one.class}`, role: 'img', 'aria-label': classWord(one.class) }),
				el('div', {}, button, el('span', { class: 'muted' }, `${who} · ${one.agent_id}`)),
				el('span', { class: 'way' }, `${way} · ${ruleName(one)}`),
				el('span', { class: 'bar', 'aria-hidden': 'true' }, el('i', { class: 'down' }), el('i', { class: 'up' })),
			),
		),
		el('td', { class: 'path' }, el('span', {}, way), el('span', { class: 'muted' }, ruleName(one))),
		el('td', { class: 'number start muted', title: exactMoment(start) }, shortMoment(start)),
		el(
			'td',
			{ class: 'number seen muted', title: exactMoment(seen), 'data-name': say('last seen') },
			el('span', {}, shortMoment(seen)),
			el('span', {}, say('lasted', { span: span(Math.max(0, seen - start)) })),
		),
		figure('download', 'down', one.download),
		figure('upload', 'up', one.upload),
		figure('total', 'total', one.download + one.upload),
	];
}

/** Of a class that this page does not know, its own name. */
export function classWord(name: string): string {
	const known: readonly TextName[] = ['direct', 'proxy', 'reject'];
	const found = known.find((one) => one === name);
	return found ? say(found) : name;
}
