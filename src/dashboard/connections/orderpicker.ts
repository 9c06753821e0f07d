// Chooses the order of connections by name: a phone shows no heads of columns to press.

import { say, type TextName } from '../language/language.ts';
import { el } from '../parts/element.ts';
import type { Order } from './connectionlist.ts';

export interface OrderPicker {
	readonly element: HTMLElement;
	show(order: Order): void;
}

const orders: readonly (Order & { readonly text: TextName })[] = [
	{ text: 'newest first', sort: 'last_updated', descending: true },
	{ text: 'oldest first', sort: 'last_updated', descending: false },
	{ text: 'started last', sort: 'start', descending: true },
	{ text: 'started first', sort: 'start', descending: false },
	{ text: 'most total', sort: 'total', descending: true },
	{ text: 'least total', sort: 'total', descending: false },
	{ text: 'most down', sort: 'download', descending: true },
	{ text: 'least down', sort: 'download', descending: false },
	{ text: 'most up', sort: 'upload', descending: true },
	{ text: 'least up', sort: 'upload', descending: false },
];

export function orderPicker(onOrder: (order: Order) => void): OrderPicker {
	const element = el(
		'select',
		{ class: 'input', 'aria-label': say('sorted') },
		...orders.map(({ text }, at) => el('option', { value: String(at) }, say(text))),
	);
	element.addEventListener('change', () => onOrder(orders[Number(element.value)]!));
	return {
		element,
		show({ sort, descending }) {
			element.value = String(orders.findIndex((one) => one.sort === sort && one.descending === descending));
		},
	};
}
