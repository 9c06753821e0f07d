// The routes that answer lists: connections, agents, values of a filter, gaps.
import { type Answer, csv, Refusal, success } from './answer.ts';
import type { AgentRow, ConnectionPage } from './list.ts';
import type { LiveBoard } from './live.ts';
import type { ListQuestion, SumsRow } from './question.ts';
import type { ApiRequest, Route } from './route.ts';
import { filterParameters } from './statsroute.ts';
import type { Store } from './store.ts';

export interface ListOptions {
	readonly store: Pick<Store, 'ask'>;
	readonly live: LiveBoard;
	/** ms since the Unix epoch. */
	readonly now: () => number;
}

const maxRows = 10_000;
/** Seen within it: active. */
const activeMs = 10 * 60_000;

export const connectionColumns = [
	...['id', 'agent_id', 'download', 'upload', 'last_updated', 'start', 'network', 'conn_type', 'source_ip'],
	...['destination_ip', 'destination_geoip', 'source_port', 'destination_port', 'host', 'process', 'chains', 'rule'],
	...['rule_payload', 'class'],
];
const filterTypes = {
	agent_id: 'agent',
	network: 'network',
	rule: 'rule_type',
	process: 'process',
	destination: 'destination',
	host: 'host',
	geoip: 'geoip',
	class: 'class',
	device: 'device',
	node: 'node',
	inbound_user: 'inbound_user',
	asn: 'asn',
} as const;

export function listRoutes(options: ListOptions): Route[] {
	const { store } = options;
	const route = (path: string, about: string, parameters: readonly string[], handle: Route['handle']): Route => ({
		...{ method: 'GET', access: 'reader', types: ['text/csv'] },
		...{ path, about, parameters, handle },
	});
	return [
		route(
			'/api/v1/connections',
			'Single connections, page by page',
			['limit', 'offset', 'after', 'sort_by', 'sort_order', 'format', ...filterParameters],
			(request) => connections(store, request),
		),
		route('/api/v1/agents', 'All agents', ['format'], (request) => agents(options, request)),
		{ ...route('/api/v1/agents/{id}/status', 'One agent', [], (request) => agent(options, request)), types: [] },
		route(
			'/api/v1/filter-options',
			'Values that a filter may have, the most frequent first',
			['filter_type', 'query', 'limit', 'format'],
			(request) => filterOptions(store, request),
		),
		route('/api/v1/gaps', 'Times in which something may be missing', ['format'], async ({ parameters }) => {
			const rows = (await store.ask<{ since: number; until: number }[]>({ ask: 'gaps' })).map(
				({ since, until, ...rest }) => ({ ...rest, from: time(since * 1000), to: time(until * 1000) }),
			);
			return parameters.csv ? csv(rows, ['agent_id', 'from', 'to', 'what', 'upload', 'download']) : success(rows);
		}),
	];
}

const time = (ms: number) => new Date(ms).toISOString();

async function connections(store: ListOptions['store'], { parameters }: ApiRequest): Promise<Answer> {
	const csvWanted = parameters.csv;
	const sorts = ['start', 'last_updated', 'download', 'upload', 'total'] as const;
	const question: ListQuestion = {
		ask: 'list',
		...parameters.scope({ list: true }),
		sort: parameters.choice('sort_by', sorts, 'last_updated'),
		descending: parameters.descending,
		limit: parameters.integer('limit', { min: 1, max: maxRows, fallback: 100 }),
		offset: parameters.integer('offset', { min: 0, max: 1e9, fallback: 0 }),
		after: keyOf(parameters.text('after')),
	};
	const { rows, totalCount, next } = await store.ask<ConnectionPage>(question);
	if (csvWanted) return csv(rows, connectionColumns);
	return success(rows, { total_count: totalCount, next: next?.join('-') ?? null });
}

function keyOf(text: string | null): readonly [number, number] | null {
	if (text === null) return null;
	const parts = /^(\d{1,15})-(\d{1,15})$/.exec(text);
	if (!parts) throw new Refusal(400, 'after is what the page before answered as next');
	return [Number(parts[1]), Number(parts[2])];
}

/** The documented names and those of upstream's code. */
function agentFields({ now, live }: ListOptions, row: AgentRow) {
	const state = live.states().find(({ agent_id }) => agent_id === row.id);
	const last = Math.max(row.last, state?.received ?? 0);
	const active = now() - last < activeMs;
	return {
		active,
		fields: {
			...{ agent_id: row.id, id: row.id, last_sync: time(last), last_active: time(last) },
			...{ connection_count: row.connections, connections_count: row.connections },
			...{ total_download: row.down, total_upload: row.up, total_traffic: row.down + row.up },
			...{ tz: row.tz, health: state?.health ?? null },
		},
	};
}

async function agents(options: ListOptions, { parameters }: ApiRequest): Promise<Answer> {
	const rows = (await options.store.ask<AgentRow[]>({ ask: 'agents' })).map((row) => {
		const { active, fields } = agentFields(options, row);
		return { ...fields, status: active ? 'online' : 'offline' };
	});
	const columns = ['agent_id', 'last_sync', 'connection_count', 'total_download', 'total_upload', 'status'];
	return parameters.csv ? csv(rows, columns) : success(rows);
}

type AgentDetail = AgentRow & { readonly networks: readonly SumsRow[]; readonly rules: readonly SumsRow[] };

async function agent(options: ListOptions, { id }: ApiRequest): Promise<Answer> {
	const row = await options.store.ask<AgentDetail | null>({ ask: 'agent', id });
	if (!row) throw new Refusal(404, 'there is no agent of that name');
	const { active, fields } = agentFields(options, row);
	return success({
		...fields,
		is_active: active,
		status: active ? 'active' : 'inactive',
		networks: row.networks.map(({ value, n }) => ({ network: value, count: n })),
		rules: row.rules.map(({ value, n }) => ({ rule: value, count: n })),
	});
}

async function filterOptions(store: ListOptions['store'], { parameters }: ApiRequest): Promise<Answer> {
	const field = parameters.choice('filter_type', Object.keys(filterTypes) as (keyof typeof filterTypes)[], null);
	if (field === null) throw new Refusal(400, `filter_type is one of ${Object.keys(filterTypes).join(', ')}`);
	const values = await store.ask<string[]>({
		ask: 'options',
		dimension: filterTypes[field],
		contains: parameters.text('query') ?? '',
		limit: parameters.integer('limit', { min: 1, max: maxRows, fallback: 100 }),
	});
	const rows = values.map((value) => ({ value, label: value === '' ? '(空)' : value, field }));
	return parameters.csv ? csv(rows, ['value', 'label', 'field']) : success(rows);
}
