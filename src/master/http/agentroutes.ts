// The routes about agents: who there is and how they are, their devices, and times of which less is known.
import type { AgentDetail, AgentRow } from '../answers/agentlist.ts';
import type { DevicePage } from '../answers/devicelist.ts';
import type { GapRow } from '../answers/gaplist.ts';
import type { Store } from '../store/store.ts';
import { type Answer, csv, Refusal, success } from './answer.ts';
import type { LiveBoard } from './live.ts';
import type { ApiRequest, Route } from './route.ts';

export interface AgentRoutesOptions {
	readonly store: Pick<Store, 'ask'>;
	readonly live: LiveBoard;
	/** ms since the Unix epoch. */
	readonly now: () => number;
}

/** Seen within it: active. */
const activeMs = 10 * 60_000;
const maxRows = 10_000;

export function agentRoutes(options: AgentRoutesOptions): Route[] {
	const route = (
		path: string,
		about: string,
		parameters: readonly string[],
		handle: (options: AgentRoutesOptions, request: ApiRequest) => Promise<Answer>,
	): Route => ({
		...{ method: 'GET', access: 'reader', types: ['text/csv'] },
		...{ path, about, parameters, handle: (request) => handle(options, request) },
	});
	return [
		route('/api/v1/agents', 'All agents and how they are', ['format'], agents),
		{ ...route('/api/v1/agents/{id}/status', 'One agent', [], agent), types: [] },
		route(
			'/api/v1/devices',
			'Devices with their names, and their addresses in time',
			['agent_id', 'query', 'limit', 'offset', 'format'],
			devices,
		),
		route(
			'/api/v1/gaps',
			'Times of which less is known: missing, late, wan_unknown, away',
			['from', 'to', 'tz', 'agent_id', 'format'],
			gaps,
		),
	];
}

const time = (ms: number) => new Date(ms).toISOString();
const timeOrNull = (s: number | null) => (s === null ? null : time(s * 1000));

/** The documented names and those of upstream's code. */
function agentFields({ now, live }: AgentRoutesOptions, row: AgentRow) {
	const state = live.states().find(({ agent_id }) => agent_id === row.id);
	const last = Math.max(row.last, state?.received ?? 0);
	const active = now() - last < activeMs;
	const health = state?.health ?? row.health;
	const told = state?.health ? state.received : row.told;
	return {
		active,
		last,
		fields: {
			...{ agent_id: row.id, id: row.id, last_sync: time(last), last_active: time(last), first_sync: time(row.first) },
			...{ connection_count: row.connections, connections_count: row.connections },
			...{ total_download: row.down, total_upload: row.up, total_traffic: row.down + row.up },
			...{ sends_usage: row.usage, tz: row.tz, version: health?.version ?? null, started: health?.started ?? null },
			...{ backlog_seconds: health?.backlog_seconds ?? null, wan: health?.wan ?? null },
			...{ health: health?.parts ?? null, health_told: told === null ? null : time(told) },
		},
	};
}

async function agents(options: AgentRoutesOptions, { parameters }: ApiRequest): Promise<Answer> {
	const rows = (await options.store.ask<AgentRow[]>({ ask: 'agents' })).map((row) => {
		const { active, fields } = agentFields(options, row);
		return { ...fields, status: active ? 'online' : 'offline' };
	});
	const columns = ['agent_id', 'last_sync', 'connection_count', 'total_download', 'total_upload', 'status'];
	return parameters.csv ? csv(rows, columns) : success(rows);
}

async function agent(options: AgentRoutesOptions, { id }: ApiRequest): Promise<Answer> {
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

async function devices({ store }: AgentRoutesOptions, { parameters }: ApiRequest): Promise<Answer> {
	const csvWanted = parameters.csv;
	const { rows, found } = await store.ask<DevicePage>({
		ask: 'devices',
		agent: parameters.text('agent_id'),
		contains: parameters.text('query'),
		limit: parameters.integer('limit', { min: 1, max: maxRows, fallback: 1000 }),
		offset: parameters.integer('offset', { min: 0, max: 1e9, fallback: 0 }),
	});
	const shown = rows.map(({ agent_id, key, mac, name, random, addresses }) => ({
		...{ agent_id, device: key, mac, name, random },
		addresses: addresses.map(({ address, since, until }) => ({
			...{ address, from: timeOrNull(since), to: timeOrNull(until) },
		})),
	}));
	if (!csvWanted) return success(shown, { total_count: found });
	const flat = shown.flatMap(({ addresses, ...device }) => addresses.map((one) => ({ ...device, ...one })));
	return csv(flat, ['agent_id', 'device', 'mac', 'name', 'random', 'address', 'from', 'to']);
}

async function gaps(options: AgentRoutesOptions, { parameters }: ApiRequest): Promise<Answer> {
	const rows = await gapsIn(options, {
		from: parameters.moment('from'),
		to: parameters.moment('to'),
		agent: parameters.text('agent_id'),
	});
	const columns = ['agent_id', 'kind', 'from', 'to', 'what', 'upload', 'download'];
	return parameters.csv ? csv(rows, columns) : success(rows);
}

interface GapScope {
	/** ms since the Unix epoch. */
	readonly from: number | null;
	readonly to: number | null;
	readonly agent: string | null;
}

/** As they are shown; those that are away now first. */
async function gapsIn(options: AgentRoutesOptions, scope: GapScope) {
	const { store, now } = options;
	const agentRows = await store.ask<AgentRow[]>({ ask: 'agents' });
	const away = agentRows.flatMap((row) => {
		const { active, last } = agentFields(options, row);
		const outside = scope.to !== null && last >= scope.to;
		if (active || outside || (scope.agent !== null && scope.agent !== row.id)) return [];
		const what = 'not heard of since then';
		const span = { from: time(last), to: time(now()) };
		return [{ agent_id: row.id, kind: 'away', ...span, what, upload: null, download: null, classes: {} }];
	});
	const told = (await store.ask<GapRow[]>({ ask: 'gaps', ...scope })).map(
		({ agent_id, kind, since, until, what, u, d, classes }) => ({
			...{ agent_id, kind, from: timeOrNull(since), to: timeOrNull(until), what, upload: u, download: d, classes },
		}),
	);
	return [...away, ...told];
}
