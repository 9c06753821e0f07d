// What is right to answer to `oldQuestions`, worked out from `oldTraffic` alone: by filtering and adding up its list,
// the slow and plain way.
import type { WireRecord } from '../../src/wire.ts';
import type { Grown, OldTraffic } from './oldtraffic.ts';

export interface Sums {
	readonly count: number;
	readonly download: number;
	readonly upload: number;
	readonly total: number;
}

const hourMs = 3_600_000;

export function oracleOf({ growth, records }: OldTraffic) {
	const last = new Map(records.map((record) => [record.id, record]));
	/** What grew in the range, and which connections were last seen in it. */
	const flowed = (query: URLSearchParams): readonly Grown[] => {
		const [from, to] = [query.get('from'), query.get('to')].map((text) => (text === null ? null : Date.parse(text)));
		return growth.filter(
			({ at, record }) => matches(record, query, 'stats') && (from == null || at >= from) && (to == null || at < to),
		);
	};
	const sum = (grown: readonly Grown[]): Sums => {
		const [upload, download] = [grown.reduce((a, { up }) => a + up, 0), grown.reduce((a, { down }) => a + down, 0)];
		const count = grown.filter(({ record }) => last.get(record.id) === record).length;
		return { count, download, upload, total: download + upload };
	};
	return {
		summary: (query: URLSearchParams) => sum(flowed(query)),
		/** By value, unordered. */
		group(query: URLSearchParams): Map<string, Sums> {
			const byKey = new Map<string, Grown[]>();
			for (const one of flowed(query)) {
				for (const key of keysOf(one.record, query.get('group_by')!)) byKey.set(key, [...(byKey.get(key) ?? []), one]);
			}
			return new Map([...byKey].map(([key, grown]) => [key, sum(grown)]));
		},
		/** Every bucket of the range, by the ISO time of its begin. */
		series(query: URLSearchParams): [time: string, value: number][] {
			const metric = (query.get('metric') ?? 'connections') as 'connections' | keyof Sums;
			const interval = query.get('interval') ?? 'day';
			const grown = flowed(query);
			const end = Date.parse(query.get('to')!);
			const buckets: [string, number][] = [];
			for (let at = startOf(Date.parse(query.get('from')!), interval); at < end; at = nextOf(at, interval)) {
				const inside = grown.filter((one) => startOf(one.at, interval) === at);
				const time = `${new Date(at).toISOString().slice(0, 19)}Z`;
				buckets.push([time, sum(inside)[metric === 'connections' ? 'count' : metric]]);
			}
			return buckets;
		},
		/** Of all pages, in order. */
		list(query: URLSearchParams): WireRecord[] {
			const sort = query.get('sort_by') ?? 'last_updated';
			const value = (record: WireRecord) =>
				sort === 'total'
					? record.upload + record.download
					: sort === 'upload' || sort === 'download'
						? record[sort]
						: Date.parse(sort === 'start' ? record.start : record.last_updated);
			const found = records.filter((record) => matches(record, query, 'list'));
			const way = query.get('sort_order') === 'asc' ? 1 : -1;
			return found.sort((a, b) => way * (value(a) - value(b)));
		},
		/** Those of a filter, in alphabetical order. */
		options(query: URLSearchParams): string[] {
			const asked = query.get('filter_type')!;
			// The filter takes a type alone.
			const type = asked === 'rule' ? 'rule_type' : asked;
			const values = new Set(records.flatMap((record) => keysOf(record, type)));
			return [...values].filter((value) => holds(value, query.get('query') ?? '')).sort();
		},
	};
}

function holds(text: string, part: string): boolean {
	return text.toLowerCase().includes(part.toLowerCase());
}

function matches(record: WireRecord, query: URLSearchParams, what: 'stats' | 'list'): boolean {
	const wanted = (name: string, test: (value: string) => boolean) => {
		const value = query.get(name);
		return value === null || test(value);
	};
	const { agent_id, network, rule, process, host, destination_ip: address, destination_geoip: geoip } = record;
	return (
		wanted('agent_id', (value) => agent_id === value) &&
		wanted('network', (value) => network === value) &&
		wanted('rule', (value) => rule === value) &&
		wanted('process', (value) => holds(process, value)) &&
		wanted('destination', (value) => holds(address, value) || (what === 'list' && holds(host, value))) &&
		wanted('geoip', (value) => holds(geoip, value)) &&
		wanted('host', (value) => holds(host || address, value))
	);
}

function keysOf(record: WireRecord, by: string): string[] {
	switch (by) {
		case 'rule':
			return [record.rule_payload === '' ? record.rule : `${record.rule} (${record.rule_payload})`];
		case 'rule_type':
			return [record.rule];
		case 'destination':
			return [record.destination_ip];
		case 'geoip': {
			const tags = (JSON.parse(record.destination_geoip) as string[] | null) ?? [];
			return tags.length > 0 ? tags : [''];
		}
		case 'host':
			return [record.host || record.destination_ip];
		case 'chains':
			return [(JSON.parse(record.chains) as string[]).at(-1)!];
		case 'agent_id':
			return [record.agent_id!];
		default:
			return [record[by as 'network' | 'process']];
	}
}

/** Of UTC; a week begins on Monday. */
function startOf(at: number, interval: string): number {
	const date = new Date(at);
	const day = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
	if (interval === 'hour') return at - (at % hourMs);
	if (interval === 'week') return day - ((date.getUTCDay() + 6) % 7) * 24 * hourMs;
	return interval === 'month' ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) : day;
}

function nextOf(start: number, interval: string): number {
	const hours = { hour: 1, day: 24, week: 24 * 7 }[interval];
	return hours ? start + hours * hourMs : startOf(start + 24 * 31 * hourMs, 'month');
}
