// What is asked about single connections: a page of them from a place on, and one with all that was said of it.
import { ask, askWhole, type Query } from '../client.ts';
import { parseRange } from '../parts/range.ts';
import { scopeQuery } from '../parts/scope.ts';
import type { Place } from '../place.ts';

export const sortKeys = ['last_updated', 'start', 'total', 'download', 'upload'] as const;
export type ConnectionSort = (typeof sortKeys)[number];

/** A row of `/api/v1/connections`. */
export interface Connection {
	readonly id: string;
	readonly agent_id: string;
	readonly class: string;
	readonly host: string;
	readonly destination_ip: string;
	readonly destination_port: string;
	/** JSON text: group first, leaf last. */
	readonly chains: string;
	readonly rule: string;
	readonly rule_payload: string;
	readonly process: string;
	/** Its key: a MAC, or an address. */
	readonly device: string;
	readonly device_name: string | null;
	/** ISO 8601 UTC. */
	readonly start: string;
	readonly last_updated: string;
	/** Bytes. */
	readonly download: number;
	readonly upload: number;
}

/** All fields of a record by the names of the API. */
export type WholeConnection = Connection & Readonly<Record<string, string | number | null>>;

export interface ConnectionPage {
	readonly rows: readonly Connection[];
	/** On all pages; null: not counted again, for a page after the first. */
	readonly count: number | null;
	/** Where the next page begins; null = this was the last. */
	readonly next: string | null;
}

export interface Order {
	readonly sort: ConnectionSort;
	readonly descending: boolean;
}

export function orderOf({ choices }: Place): Order {
	const sort = sortKeys.find((key) => key === choices.sort) ?? 'last_updated';
	return { sort, descending: choices.order !== 'asc' };
}

/** The parameters that say which connections are meant and in which order. */
export function connectionQuery(place: Place, now: number): Query {
	const { sort, descending } = orderOf(place);
	return {
		...scopeQuery({ range: parseRange(place.range, now), filters: place.filters }),
		destination: place.choices.q || null,
		sort_by: sort,
		sort_order: descending ? 'desc' : 'asc',
	};
}

/** `after`: what the page before told as `next`; null = from the first on. */
export async function loadConnections(
	query: Query,
	{ limit, after }: { readonly limit: number; readonly after: string | null },
	signal: AbortSignal,
): Promise<ConnectionPage> {
	type Told = { readonly data: Connection[]; readonly total_count: number | null; readonly next: string | null };
	const { data, total_count, next } = await askWhole<Told>('connections', { ...query, limit, after }, signal);
	return { rows: data, count: total_count, next };
}

export function loadConnection(agent: string, id: string, signal: AbortSignal): Promise<WholeConnection> {
	return ask<WholeConnection>('connection', { agent_id: agent, id }, signal);
}

/** `["Proxy","Amsterdam 2"]` -> its names, group first; what is no list is one name. */
export function chainNames(chains: string): readonly string[] {
	try {
		const names: unknown = JSON.parse(chains);
		return Array.isArray(names) ? names.map(String) : [chains];
	} catch {
		return [chains];
	}
}

/** As the API names it in groups: "RuleSet (streaming)". */
export function ruleName({ rule, rule_payload }: Pick<Connection, 'rule' | 'rule_payload'>): string {
	return rule_payload === '' ? rule : `${rule} (${rule_payload})`;
}

export const keyOf = ({ agent_id, id }: Pick<Connection, 'agent_id' | 'id'>): string => `${agent_id} ${id}`;
