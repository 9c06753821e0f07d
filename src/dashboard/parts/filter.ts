// What everything on a view is narrowed to: a value of a dimension, as the API and the address bar name it.
import type { TextName } from '../language/language.ts';

/** By the API's parameter. */
export const filterNames = [
	'agent_id',
	'class',
	'device',
	'host',
	'node',
	'rule',
	'process',
	'geoip',
	'network',
	'destination',
	'inbound_user',
	'asn',
] as const;
export type FilterName = (typeof filterNames)[number];

export interface Filter {
	readonly name: FilterName;
	readonly value: string;
}

/** A list that can be made: how the API groups by it, the key of its rows, and the filter that a row is. */
export interface Dimension {
	readonly filter: FilterName;
	readonly groupBy: string;
	readonly key: string;
	/** Of one, and of the list of all. */
	readonly one: TextName;
	readonly many: TextName;
}

export const dimensions: readonly Dimension[] = [
	{ filter: 'device', groupBy: 'device', key: 'device', one: 'device', many: 'devices' },
	{ filter: 'host', groupBy: 'host', key: 'host', one: 'host', many: 'hosts' },
	{ filter: 'node', groupBy: 'node', key: 'node', one: 'node', many: 'nodes' },
	{ filter: 'rule', groupBy: 'rule', key: 'rule', one: 'rule', many: 'rules' },
	{ filter: 'process', groupBy: 'process', key: 'process', one: 'process', many: 'processes' },
	{ filter: 'geoip', groupBy: 'geoip', key: 'destination_geoip', one: 'country', many: 'countries' },
	{ filter: 'network', groupBy: 'network', key: 'network', one: 'network', many: 'networks' },
	{ filter: 'agent_id', groupBy: 'agent', key: 'agent', one: 'agent', many: 'agents' },
];

export const dimensionOf = (filter: FilterName): Dimension | null =>
	dimensions.find((dimension) => dimension.filter === filter) ?? null;

/** What a filter is called. */
export function filterTitle(name: FilterName): TextName {
	return dimensionOf(name)?.one ?? otherTitles[name] ?? 'class';
}

const otherTitles: Partial<Record<FilterName, TextName>> = {
	destination: 'destination',
	inbound_user: 'inbound user',
	asn: 'asn',
};

/** One value for each name: the later one counts. */
export function withFilter(filters: readonly Filter[], added: Filter): Filter[] {
	return [...filters.filter(({ name }) => name !== added.name), added];
}

export function withoutFilter(filters: readonly Filter[], name: FilterName): Filter[] {
	return filters.filter((filter) => filter.name !== name);
}

/** The API means a part of the text by the plain name of these. */
const whole: Partial<Record<FilterName, string>> = {
	host: 'host_is',
	process: 'process_is',
	geoip: 'geoip_is',
	destination: 'destination_is',
};

/** As parameters of a request. */
export function filterParameters(filters: readonly Filter[]): Record<string, string> {
	return Object.fromEntries(filters.map(({ name, value }) => [whole[name] ?? name, value]));
}

/** Whether the API can be asked for it: what has no name can be told only of these. */
export function canFilter({ name, value }: Filter): boolean {
	return value !== '' || whole[name] !== undefined;
}
