// The routes that answer lists: connections, one of them whole, values of a filter.

import type { ConnectionPage } from '../answers/list.ts';
import type { ListQuestion } from '../answers/question.ts';
import type { Store } from '../store/store.ts';
import { type Answer, csv, Refusal, success } from './answer.ts';
import type { ApiRequest, Route } from './route.ts';
import { filterParameters } from './statsroute.ts';

type Asks = Pick<Store, 'ask'>;

const maxRows = 10_000;

export const connectionColumns = [
	...['id', 'agent_id', 'download', 'upload', 'last_updated', 'start', 'network', 'conn_type', 'source_ip'],
	...['destination_ip', 'destination_geoip', 'source_port', 'destination_port', 'host', 'process', 'chains', 'rule'],
	...['rule_payload', 'class', 'device', 'device_name'],
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

export function listRoutes(store: Asks): Route[] {
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
		{
			...route('/api/v1/connection', 'One connection with all that is known of it', ['agent_id', 'id'], (request) =>
				connection(store, request),
			),
			types: [],
		},
		route(
			'/api/v1/filter-options',
			'Values that a filter may have, the most frequent first',
			['filter_type', 'query', 'limit', 'format'],
			(request) => filterOptions(store, request),
		),
	];
}

async function connections(store: Asks, { parameters }: ApiRequest): Promise<Answer> {
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
	if (csvWanted) return withHeaders(csv(rows, connectionColumns), { rows: rows.length, totalCount, next });
	return success(rows, { total_count: totalCount, next: next?.join('-') ?? null });
}

/** A file has no place for what stands beside `data`. */
function withHeaders(
	answer: Answer,
	{ rows, totalCount, next }: { readonly rows: number } & Omit<ConnectionPage, 'rows'>,
): Answer {
	const more: Record<string, string> = next ? { 'X-Next': next.join('-') } : {};
	const counted: Record<string, string> = totalCount === null ? {} : { 'X-Total-Count': String(totalCount) };
	return { ...answer, headers: { ...answer.headers, 'X-Count': String(rows), ...counted, ...more } };
}

async function connection(store: Asks, { parameters }: ApiRequest): Promise<Answer> {
	const [agent, id] = [parameters.text('agent_id'), parameters.text('id')];
	if (agent === null || id === null) throw new Refusal(400, 'agent_id and id name a connection');
	const row = await store.ask<object | null>({ ask: 'connection', agent, id });
	if (!row) throw new Refusal(404, 'there is no such connection, or it is kept no more');
	return success(row);
}

function keyOf(text: string | null): readonly [number, number] | null {
	if (text === null) return null;
	const parts = /^(\d{1,15})-(\d{1,15})$/.exec(text);
	if (!parts) throw new Refusal(400, 'after is what the page before answered as next');
	return [Number(parts[1]), Number(parts[2])];
}

async function filterOptions(store: Asks, { parameters }: ApiRequest): Promise<Answer> {
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
