// The view of single connections: which there were in a range, newest first, and what each moved.
import { ApiError, ask } from './client.ts';
import { el, fill } from './element.ts';
import { filterParameters } from './filter.ts';
import { bytes, exact, moment } from './format.ts';
import { say } from './language.ts';
import { empty, failed, loading } from './notice.ts';
import type { Place } from './place.ts';
import type { OpenView, Page, View } from './view.ts';

export const connectionsView: View = {
	name: 'connections',
	title: 'connections',
	icon: 'connections',
	open: openConnections,
};

const rowsAPage = 50;

/** A row of `/api/v1/connections`. */
interface Connection {
	readonly id: string;
	readonly agent_id: string;
	readonly class: string;
	readonly host: string;
	readonly destination_ip: string;
	readonly device: string;
	readonly device_name: string | null;
	readonly last_updated: string;
	readonly download: number;
	readonly upload: number;
}

function openConnections(page: Page): OpenView {
	const body = el('section', { class: 'card' });
	const control = new AbortController();

	async function load(place: Place): Promise<void> {
		fill(body, loading(8));
		try {
			const query = { ...filterParameters(place.filters), limit: rowsAPage };
			const rows = await ask<Connection[]>('connections', query, control.signal);
			fill(body, rows.length > 0 ? table(rows) : empty(say('nothing here')));
		} catch (error) {
			if (control.signal.aborted) return;
			if (error instanceof ApiError && error.kind === 'token') return page.signOut();
			fill(
				body,
				failed(error, () => void load(place)),
			);
		}
	}

	return {
		element: el('div', { class: 'view' }, el('div', { class: 'view-head' }, el('h1', {}, say('connections'))), body),
		show: (place) => void load(place),
		stop: () => control.abort(),
	};
}

function table(rows: readonly Connection[]): HTMLElement {
	const head = (text: string, kind = '') => el('th', { scope: 'col', class: kind }, text);
	const cells = (row: Connection) => [
		el(
			'td',
			{ class: 'named' },
			el('i', { class: `dot ${row.class}` }),
			el(
				'div',
				{},
				el('span', { class: 'link' }, row.host || row.destination_ip || say('no name')),
				el('span', { class: 'muted' }, row.device_name ?? row.device),
			),
		),
		el('td', { class: 'number' }, moment(Date.parse(row.last_updated))),
		el('td', { class: 'number', title: exact(row.download) }, bytes(row.download)),
		el('td', { class: 'number', title: exact(row.upload) }, bytes(row.upload)),
	];
	return el(
		'table',
		{ class: 'list' },
		el(
			'thead',
			{},
			el(
				'tr',
				{},
				head(say('connection')),
				head(say('time'), 'number'),
				head(say('down'), 'number'),
				head(say('up'), 'number'),
			),
		),
		el('tbody', {}, ...rows.map((row) => el('tr', {}, ...cells(row)))),
	);
}
