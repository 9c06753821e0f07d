// GET /api/v1/stats: summary, groups, time series, and whether it adds up.

import type { Balance } from '../answers/balance.ts';
import type { GroupPage, SumsRow } from '../answers/question.ts';
import type { Line } from '../answers/series.ts';
import { bucketEdges, formatTime } from '../answers/zone.ts';
import { coreClasses, type DimensionName, dimensions } from '../booking/dimension.ts';
import type { Store } from '../store/store.ts';
import { type Answer, csv, Refusal, success } from './answer.ts';
import type { Parameters } from './parameters.ts';
import type { ApiRequest, Route } from './route.ts';

/** Upstream's names, and ours. */
const groupings = {
	network: 'network',
	rule: 'rule',
	process: 'process',
	destination: 'destination',
	geoip: 'geoip',
	host: 'host',
	chains: 'node',
	device: 'device',
	class: 'class',
	node: 'node',
	agent: 'agent',
	inbound_user: 'inbound_user',
	asn: 'asn',
} as const satisfies Record<string, DimensionName>;
type Grouping = keyof typeof groupings;
export const groupingNames = Object.keys(groupings) as Grouping[];

const sortKeys = ['count', 'download', 'upload', 'total'] as const;
export const maxGroups = 10_000;
const maxBuckets = 20_000;
/** Finer than 5 minutes nothing is known. */
const stepMs = 300_000;
const hourMs = 3_600_000;

export const filterParameters = [
	...['from', 'to', 'tz', 'agent_id', 'network', 'rule', 'process', 'destination', 'geoip', 'host'],
	...['class', 'device', 'node', 'inbound_user', 'asn'],
	...['process_is', 'destination_is', 'geoip_is', 'host_is'],
];

export function statsRoute(store: Pick<Store, 'ask'>): Route {
	return {
		method: 'GET',
		path: '/api/v1/stats',
		access: 'reader',
		about: 'Sums: all together, by group, or over time',
		parameters: [
			...[
				'type',
				'group_by',
				'interval',
				'metric',
				'split_by',
				'sort_by',
				'sort_order',
				'query',
				'limit',
				'offset',
				'format',
			],
			...filterParameters,
		],
		types: ['text/csv'],
		handle: ({ parameters }: ApiRequest) => {
			switch (parameters.choice('type', ['summary', 'group', 'timeseries', 'balance'], null)) {
				case 'group':
					return group(store, parameters);
				case 'timeseries':
					return timeseries(store, parameters);
				case 'summary':
					return summary(store, parameters);
				case 'balance':
					return balance(store, parameters);
				default:
					throw new Refusal(400, 'type is one of summary, group, timeseries, balance');
			}
		},
	};
}

type Asks = Pick<Store, 'ask'>;

const sums = ({ n, u, d }: Omit<SumsRow, 'value'>) => ({ count: n, download: d, upload: u, total: u + d });
const sumColumns = ['count', 'download', 'upload', 'total'];

async function summary(store: Asks, parameters: Parameters): Promise<Answer> {
	const csvWanted = parameters.csv;
	const row = sums(await store.ask<SumsRow>({ ask: 'summary', ...parameters.scope() }));
	return csvWanted ? csv([row], sumColumns) : success(row, await approximate(store, ends(parameters)));
}

/** The times that bound a question. */
function ends(parameters: Parameters): number[] {
	return [parameters.moment('from'), parameters.moment('to')].filter((time) => time !== null);
}

/** Beside `data`, where hours that are cut are known whole alone (a zone with half hours, long ago). */
async function approximate(store: Asks, times: readonly number[]): Promise<{ readonly approximate?: true }> {
	const cuts = times.filter((time) => time % hourMs !== 0);
	if (cuts.length === 0) return {};
	return (await store.ask<boolean>({ ask: 'approximate', times: cuts })) ? { approximate: true } : {};
}

async function group(store: Asks, parameters: Parameters): Promise<Answer> {
	const csvWanted = parameters.csv;
	const grouping = parameters.choice('group_by', groupingNames, null);
	if (grouping === null) throw new Refusal(400, `group_by is one of ${groupingNames.join(', ')}`);
	const by = groupings[grouping];
	const page = await store.ask<GroupPage>({
		ask: 'group',
		by,
		...parameters.scope(),
		sort: parameters.choice('sort_by', sortKeys, 'count'),
		descending: parameters.descending,
		limit: parameters.integer('limit', { min: 1, max: maxGroups, fallback: maxGroups }),
		offset: parameters.integer('offset', { min: 0, max: 1e9, fallback: 0 }),
		contains: parameters.text('query'),
	});
	const { label } = dimensions[by];
	const named = by === 'device';
	const rows = page.rows.map((row) => ({ [label]: row.value, ...(named ? { name: row.name } : {}), ...sums(row) }));
	if (!csvWanted) return success(rows, { total_count: page.found, ...(await approximate(store, ends(parameters))) });
	return csv(rows, [label, ...(named ? ['name'] : []), ...sumColumns]);
}

const besideCore = { local: 'local', wan_only: 'wanOnly', unmeasured: 'unmeasured' } as const;
const wanClasses = ['wan', 'overhead', 'bypass'] as const;

async function balance(store: Asks, parameters: Parameters): Promise<Answer> {
	const csvWanted = parameters.csv;
	const found = await store.ask<Balance>({ ask: 'balance', ...parameters.scope() });
	const nothing = { n: 0, u: 0, d: 0 };
	const of = (name: string) => found.classes[name] ?? nothing;
	const plus = (...names: string[]) =>
		names.map(of).reduce((a, b) => ({ n: a.n + b.n, u: a.u + b.u, d: a.d + b.d }), nothing);
	const bytes = ({ u, d }: { readonly u: number; readonly d: number }) => ({ download: d, upload: u, total: u + d });
	const core = Object.fromEntries(coreClasses.map((name) => [name, sums(of(name))]));
	const wan = wanClasses.map((name) => [name, found.local && bytes(of(name))]);
	const rest = Object.entries(besideCore).map(([name, key]) => [name, found[key] && bytes(found[key])]);
	const data = {
		core: sums(plus(...coreClasses)),
		attributed: sums(plus('direct', 'proxy', 'reject')),
		...core,
		...Object.fromEntries([...wan, ...rest]),
	};
	if (!csvWanted) return success(data, await approximate(store, ends(parameters)));
	return csv(
		Object.entries(data).map(([name, one]) => ({ class: name, ...(one as object | null) })),
		['class', ...sumColumns],
	);
}

async function timeseries(store: Asks, parameters: Parameters): Promise<Answer> {
	const csvWanted = parameters.csv;
	const scope = parameters.scope();
	const interval = parameters.choice('interval', ['5m', 'hour', 'day', 'week', 'month'], 'day');
	const metrics = parameters.choices('metric', ['connections', 'download', 'upload', 'total'], ['connections']);
	const splitBy = parameters.choice('split_by', groupingNames, null);
	const { from, to } = scope;
	if (from === null || to === null) throw new Refusal(400, 'a time series needs from and to');
	const { zone } = parameters;
	const edges = bucketEdges({ from, to }, { interval, zone, max: maxBuckets });
	if (edges === null) throw new Refusal(400, `from ${interval} to ${interval} that is more than ${maxBuckets} points`);
	const lines = await store.ask<Line[]>({
		ask: 'series',
		...scope,
		edges: [Math.floor(from / stepMs) * stepMs, ...edges.slice(1, -1), Math.ceil(to / stepMs) * stepMs],
		metrics,
		splitBy: splitBy && groupings[splitBy],
	});
	const beside = csvWanted ? {} : await approximate(store, [from, to, ...edges.slice(1, -1)]);
	const times = edges.slice(0, -1).map((edge) => formatTime(edge, zone));
	const points = ({ values }: Line) => values.map((value, at) => ({ time: times[at]!, value }));
	const label = splitBy && dimensions[groupings[splitBy]].label;
	// What tells the lines apart.
	const named = ({ name, metric }: Line) => ({
		...(label === null ? {} : { [label]: name }),
		...(metrics.length > 1 ? { metric } : {}),
	});
	if (csvWanted) {
		const rows = lines.flatMap((line) => points(line).map(({ time, value }) => ({ time, ...named(line), value })));
		return csv(rows, ['time', ...(label === null ? [] : [label]), ...(metrics.length > 1 ? ['metric'] : []), 'value']);
	}
	const alone = label === null && metrics.length === 1;
	return success(alone ? points(lines[0]!) : lines.map((line) => ({ ...named(line), points: points(line) })), beside);
}
