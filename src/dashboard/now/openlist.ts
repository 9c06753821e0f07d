// What is open right now, the most active first: up to 50 connections that agents name, with bars in two colours.
import type { LivePart } from '../../wire.ts';
import { rate } from '../language/format.ts';
import { say } from '../language/language.ts';
import type { DeviceNames } from '../parts/devicenames.ts';
import { breakable, el, write } from '../parts/element.ts';
import { KeyedList } from '../parts/keyed.ts';
import { plainHead } from '../parts/tablehead.ts';

export type Busy = LivePart['busiest'][number] & { readonly agent: string };

export interface OpenList {
	readonly element: HTMLElement;
	/** At most so many of them. */
	show(busiest: readonly Busy[], most: number): void;
}

export interface OpenListOptions {
	readonly onHost: (host: string) => void;
	/** By its key. */
	readonly onDevice: (device: string) => void;
	readonly devices: DeviceNames;
}

export function openList({ onHost, onDevice, devices }: OpenListOptions): OpenList {
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
				on: { click: () => onDevice(devices.keyOf(first.agent, first.source_ip)) },
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
					write(device, devices.labelOf(devices.keyOf(item.agent, item.source_ip)));
					device.title = item.source_ip;
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
			plainHead([{ name: 'connection' }, { name: 'down', class: 'number' }, { name: 'up', class: 'number' }]),
			body,
		),
		show(busiest, most) {
			const sorted = [...busiest].sort((a, b) => b.down + b.up - (a.down + a.up)).slice(0, most);
			widest = Math.max(1, ...sorted.map(({ down, up }) => down + up));
			rows.show(sorted);
		},
	};
}
