// What is open right now, the most active first: up to 50 connections that agents name, with bars in two colours.
import type { LivePart } from '../wire.ts';
import { breakable, el, write } from './element.ts';
import { rate } from './format.ts';
import { KeyedList } from './keyed.ts';
import { say } from './language.ts';

export type Busy = LivePart['busiest'][number] & { readonly agent: string };

export interface OpenList {
	readonly element: HTMLElement;
	show(busiest: readonly Busy[]): void;
}

export interface OpenListOptions {
	readonly onHost: (host: string) => void;
	readonly onDevice: (device: string) => void;
	/** The name of the device behind an address. */
	readonly nameOf: (ip: string) => string;
}

const most = 50;

export function openList({ onHost, onDevice, nameOf }: OpenListOptions): OpenList {
	let widest = 1;
	const body = el('tbody', {});
	const rows = new KeyedList<Busy>(
		body,
		({ agent, id }) => `${agent} ${id}`,
		(first) => {
			const down = el('td', { class: 'number' });
			const up = el('td', { class: 'number' });
			const bar = el(
				'span',
				{ class: 'bar', 'aria-hidden': 'true' },
				el('i', { class: 'down' }),
				el('i', { class: 'up' }),
			);
			const name = first.host || say('no name');
			const pick = () => onHost(first.host);
			const host = el(
				'button',
				{ type: 'button', class: 'link', title: name, on: { click: pick } },
				...breakable(name),
			);
			const device = el('button', {
				type: 'button',
				class: 'link muted',
				on: { click: () => onDevice(first.source_ip) },
			});
			const element = el(
				'tr',
				{},
				el(
					'td',
					{},
					el(
						'div',
						{ class: 'with-dot' },
						el('i', { class: `dot ${first.class}`, title: say(first.class) }),
						el('div', {}, host, device, bar),
					),
				),
				down,
				up,
			);
			return {
				element,
				update(item) {
					write(down, rate(item.down));
					write(up, rate(item.up));
					write(device, nameOf(item.source_ip));
					bar.style.setProperty('--down', `${(item.down / widest) * 100}%`);
					bar.style.setProperty('--up', `${(item.up / widest) * 100}%`);
				},
			};
		},
	);
	return {
		element: el(
			'table',
			{ class: 'list' },
			el(
				'thead',
				{},
				el(
					'tr',
					{},
					el('th', { scope: 'col' }, say('connection')),
					el('th', { scope: 'col', class: 'number' }, say('down')),
					el('th', { scope: 'col', class: 'number' }, say('up')),
				),
			),
			body,
		),
		show(busiest) {
			const sorted = [...busiest].sort((a, b) => b.down + b.up - (a.down + a.up)).slice(0, most);
			widest = Math.max(1, ...sorted.map(({ down, up }) => down + up));
			rows.show(sorted);
		},
	};
}
