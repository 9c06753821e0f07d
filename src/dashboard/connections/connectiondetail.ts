// One connection, whole: every field the API has of it, in groups; what can be filtered by is a button that does so.

import { bytes, exact, exactMoment, span } from '../language/format.ts';
import { say, type TextName } from '../language/language.ts';
import { el, fill } from '../parts/element.ts';
import type { Filter, FilterName } from '../parts/filter.ts';
import { icon } from '../parts/icon.ts';
import { Loader } from '../parts/loader.ts';
import { failed, loading } from '../parts/notice.ts';
import { chainNames, type WholeConnection } from './connectionlist.ts';
import { classWord, nameOf } from './connectiontable.ts';

export interface ConnectionDetailOptions {
	readonly load: (agent: string, id: string, signal: AbortSignal) => Promise<WholeConnection>;
	readonly onFilter: (filter: Filter) => void;
	readonly onClose: () => void;
	readonly onToken: () => void;
}

export interface ConnectionDetail {
	/** A dialog: nothing is seen of it until it is opened. */
	readonly element: HTMLDialogElement;
	/** null closes it. */
	show(which: { readonly agent: string; readonly id: string } | null): void;
	stop(): void;
}

interface Field {
	readonly name: string;
	readonly label: TextName;
	readonly filter?: FilterName;
}

/** Those that are not written by `lines` in words of their own. */
const groups: readonly { readonly title: TextName; readonly fields: readonly Field[] }[] = [
	{
		title: 'from whom',
		fields: [
			{ name: 'device', label: 'device', filter: 'device' },
			{ name: 'source_ip', label: 'address' },
			{ name: 'source_port', label: 'port' },
			{ name: 'source_geoip', label: 'country' },
			{ name: 'source_ip_asn', label: 'asn' },
			{ name: 'process', label: 'process', filter: 'process' },
			{ name: 'process_path', label: 'process path' },
			{ name: 'uid', label: 'uid' },
			{ name: 'inbound_user', label: 'inbound user', filter: 'inbound_user' },
			{ name: 'agent_id', label: 'agent', filter: 'agent_id' },
		],
	},
	{
		title: 'to where',
		fields: [
			{ name: 'host', label: 'host', filter: 'host' },
			{ name: 'sniff_host', label: 'sniffed host' },
			{ name: 'destination_ip', label: 'address', filter: 'destination' },
			{ name: 'destination_port', label: 'port' },
			{ name: 'destination_geoip', label: 'country', filter: 'geoip' },
			{ name: 'destination_ip_asn', label: 'asn', filter: 'asn' },
			{ name: 'remote_destination', label: 'remote destination' },
			{ name: 'network', label: 'network', filter: 'network' },
		],
	},
	{
		title: 'by which way',
		fields: [
			{ name: 'class', label: 'class', filter: 'class' },
			{ name: 'chains', label: 'chain', filter: 'node' },
			{ name: 'rule', label: 'rule', filter: 'rule' },
			{ name: 'rule_payload', label: 'rule payload' },
			{ name: 'special_rules', label: 'special rules' },
			{ name: 'special_proxy', label: 'special proxy' },
			{ name: 'conn_type', label: 'connection type' },
			{ name: 'inbound_name', label: 'inbound' },
			{ name: 'inbound_ip', label: 'inbound address' },
			{ name: 'inbound_port', label: 'inbound port' },
			{ name: 'dns_mode', label: 'dns mode' },
			{ name: 'dscp', label: 'dscp' },
		],
	},
];

export function connectionDetail({ load, onFilter, onClose, onToken }: ConnectionDetailOptions): ConnectionDetail {
	const loader = new Loader(onToken);
	const title = el('h2', { id: 'detail-title' });
	const body = el('div', { class: 'detail-body' });
	const close = el(
		'button',
		{ type: 'button', class: 'button quiet', 'aria-label': say('close'), on: { click: () => element.close() } },
		icon('close'),
	);
	const element = el(
		'dialog',
		{
			class: 'card detail',
			'aria-labelledby': 'detail-title',
			on: {
				close: () => {
					loader.stop();
					onClose();
				},
				// Beside the card lies the dialog's own ground.
				click: (event) => event.target === element && element.close(),
			},
		},
		el('div', { class: 'detail-inner' }, el('header', { class: 'card-head' }, title, close), body),
	);

	let shown = '';

	function ask(agent: string, id: string): void {
		fill(title, say('connection'));
		fill(body, loading(8));
		void loader.load((signal) => load(agent, id, signal), {
			done: (whole) => {
				fill(title, nameOf(whole));
				fill(body, ...contents(whole, onFilter));
			},
			failed: (error) =>
				fill(
					body,
					failed(error, () => ask(agent, id)),
				),
		});
	}

	return {
		element,
		show(which) {
			if (which === null) return element.close();
			if (element.open && shown === JSON.stringify(which)) return;
			shown = JSON.stringify(which);
			if (!element.open) element.showModal();
			ask(which.agent, which.id);
		},
		stop: () => loader.stop(),
	};
}

function contents(whole: WholeConnection, onFilter: (filter: Filter) => void): HTMLElement[] {
	const [start, seen] = [Date.parse(whole.start), Date.parse(whole.last_updated)];
	const figure = (name: TextName, text: string, title: string) =>
		el('div', {}, el('dt', {}, say(name)), el('dd', { title }, text));
	const silent = groups.flatMap(({ fields }) => fields).filter(({ name }) => textOf(whole, name) === '');
	return [
		el(
			'dl',
			{ class: 'detail-figures' },
			figure('down', bytes(whole.download), exact(whole.download)),
			figure('up', bytes(whole.upload), exact(whole.upload)),
			figure('total', bytes(whole.download + whole.upload), exact(whole.download + whole.upload)),
			figure('started', exactMoment(start), whole.start),
			figure('last seen', exactMoment(seen), whole.last_updated),
			figure('duration', span(Math.max(0, seen - start)), ''),
		),
		...groups.map(({ title, fields }) =>
			el(
				'section',
				{},
				el('h3', {}, say(title)),
				el('dl', { class: 'fields' }, ...fields.flatMap((field) => line(whole, field, onFilter))),
			),
		),
		el(
			'p',
			{ class: 'muted wrapped' },
			`${say('not told')}: ${silent.map(({ label }) => say(label)).join(', ') || say('nothing')}`,
		),
		el('p', { class: 'muted wrapped' }, `id: ${whole.id}`),
	];
}

function line(whole: WholeConnection, field: Field, onFilter: (filter: Filter) => void): HTMLElement[] {
	const text = textOf(whole, field.name);
	if (text === '') return [];
	const shown = shownOf(whole, field.name, text);
	const filter = filterOf(text, field);
	const attributes = { type: 'button', class: 'link', title: say('filter by this') };
	const button = filter && el('button', { ...attributes, on: { click: () => onFilter(filter) } }, shown);
	return [el('dt', {}, say(field.label)), el('dd', {}, button ?? shown)];
}

function filterOf(text: string, { filter }: Field): Filter | null {
	if (!filter) return null;
	const value = filter === 'node' ? chainNames(text).at(-1) : filter === 'geoip' ? chainNames(text)[0] : text;
	return value ? { name: filter, value } : null;
}

/** '' = not told; a GeoIP of none is written as `null` or `[]`. */
function textOf(whole: WholeConnection, name: string): string {
	const value = String(whole[name] ?? '');
	return value === 'null' || value === '[]' ? '' : value;
}

function shownOf(whole: WholeConnection, name: string, text: string): string {
	if (name === 'class') return classWord(text);
	if (name === 'chains') return chainNames(text).join(' › ');
	if (name.endsWith('geoip')) return chainNames(text).join(', ');
	return name === 'device' && whole.device_name !== null ? `${whole.device_name} (${text})` : text;
}
