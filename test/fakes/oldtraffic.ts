// What two old agents send in three days, always the same, with the truth of it: cumulative records, each as often as it
// grew. And the questions that are asked about it, of the old program and of this one.
import type { WireRecord } from '../../src/wire.ts';
import { Dice } from './dice.ts';

/** Bytes that a record grew by, as seen at `at` (ms since the Unix epoch). */
export interface Grown {
	readonly record: WireRecord;
	readonly at: number;
	readonly up: number;
	readonly down: number;
}

export interface OldTraffic {
	/** `POST /sync`, in order. */
	readonly bodies: readonly string[];
	readonly growth: readonly Grown[];
	/** As they were last sent. */
	readonly records: readonly WireRecord[];
}

export const oldTrafficFrom = Date.UTC(2026, 0, 5);
const days = 3;
const minuteMs = 60_000;
const syncMinutes = 30;
const connections = 80;

/** The same each time. */
export function oldTraffic(): OldTraffic {
	const dice = new Dice(20);
	const growth: Grown[] = [];
	const newest = new Map<string, WireRecord>();
	/** By time of the sync that has them. */
	const syncs = new Map<number, WireRecord[]>();
	for (let number = 0; number < connections; number += 1) {
		let record = opened(dice);
		let minute = dice.int(1, days * 1440 - 400);
		record = { ...record, start: `${iso(minute)}.5Z` };
		for (let steps = dice.int(1, 12); steps > 0; steps -= 1) {
			const [up, down] = [dice.int(0, 5000), dice.int(0, 90_000)];
			record = {
				...record,
				last_updated: `${iso(minute)}.${dice.int(100_000_000, 999_999_999)}+00:00`,
				upload: record.upload + up,
				download: record.download + down,
			};
			growth.push({ record, at: Date.parse(`${iso(minute)}Z`), up, down });
			newest.set(record.id, record);
			const sync = Math.ceil((minute + 1) / syncMinutes);
			syncs.set(sync, [...(syncs.get(sync) ?? []), record]);
			// At most one state of a connection in one sync, as the old agent sends it.
			minute += dice.int(syncMinutes, 60);
		}
	}
	const bodies = [...syncs]
		.sort(([a], [b]) => a - b)
		.flatMap(([sync, records]) => ['cabin', 'home'].flatMap((agent) => bodyOf(agent, sync, records)));
	return { bodies, growth, records: [...newest.values()] };
}

function bodyOf(agent: string, sync: number, records: readonly WireRecord[]): string[] {
	const own = records.filter(({ agent_id }) => agent_id === agent);
	const timestamp = `${iso(sync * syncMinutes)}Z`;
	return own.length === 0 ? [] : [JSON.stringify({ agent_id: agent, timestamp, connections: own })];
}

/** Without fraction and offset; 7 s past the minute, so that no bound of a question falls on a record. */
function iso(minute: number): string {
	return new Date(oldTrafficFrom + minute * minuteMs + 7_000).toISOString().slice(0, 19);
}

function opened(dice: Dice): WireRecord {
	const host = dice.pick([
		'',
		'cdn.example.com',
		'video.example.com',
		'mail.example.net',
		'Ünïcode.example',
		'100%_sure.test',
	]);
	return {
		id: dice.uuid(),
		agent_id: dice.pick(['home', 'home', 'cabin']),
		last_updated: '',
		start: '',
		download: 0,
		upload: 0,
		network: dice.pick(['tcp', 'udp']),
		conn_type: dice.pick(['TProxy', 'Redir', 'HTTP']),
		source_ip: `192.168.1.${dice.int(10, 14)}`,
		destination_ip: `203.0.113.${dice.int(1, 9)}`,
		source_geoip: 'null',
		destination_geoip: dice.pick(['null', '[]', '["cn"]', '["us"]', '["cn","private"]']),
		source_ip_asn: '',
		destination_ip_asn: dice.pick(['', '64500 Example Net']),
		source_port: String(dice.int(40_000, 60_000)),
		destination_port: dice.pick(['443', '80', '53']),
		inbound_ip: '192.168.1.1',
		inbound_port: '7895',
		inbound_name: 'DEFAULT-TPROXY',
		inbound_user: dice.pick(['', 'anna']),
		host,
		dns_mode: 'normal',
		uid: 0,
		process: dice.pick(['', 'curl', 'firefox']),
		process_path: '',
		special_proxy: '',
		special_rules: '',
		remote_destination: '',
		dscp: 0,
		sniff_host: '',
		chains: dice.pick([
			'["DIRECT"]',
			'["Proxy","node-a"]',
			'["Fallback","node-a"]',
			'["Auto","Proxy","node-b"]',
			'["REJECT"]',
		]),
		...dice.pick([
			{ rule: 'Match', rule_payload: '' },
			{ rule: 'RuleSet', rule_payload: 'streaming' },
			{ rule: 'RuleSet', rule_payload: 'ads' },
			{ rule: 'GeoIP', rule_payload: 'cn' },
		]),
	};
}

const filters = [
	...[
		'',
		'agent_id=home',
		'network=udp',
		'rule=RuleSet',
		'process=fox',
		'destination=113.5',
		'geoip=cn',
		'agent_id=nobody',
	],
	...[
		'agent_id=home&network=tcp',
		'network=udp&process=CURL&rule=Match',
		'destination=%25',
		'process=x%27%20OR%201%3D1',
	],
];
const ranges = [
	'from=2026-01-05T00:00:00Z&to=2026-01-09T00:00:00Z',
	'from=2026-01-06T00:00:00Z&to=2026-01-07T12:00:00Z',
];
const groupings = ['network', 'rule', 'process', 'destination', 'geoip', 'host', 'chains'];
const all = (...parts: readonly string[][]): string[] =>
	parts.reduce(
		(lines, more) => lines.flatMap((line) => more.map((one) => [line, one].filter(Boolean).join('&'))),
		[''],
	);

/** Paths below `/api/v1/`, of every route the old program has. */
export function oldQuestions(): string[] {
	return [
		'health',
		...all(['type=summary'], filters).map((query) => `stats?${query}`),
		...all(['type=summary'], ranges, filters.slice(0, 4)).map((query) => `stats?${query}`),
		...all(
			['type=group'],
			groupings.map((by) => `group_by=${by}`),
			filters,
		).map((query) => `stats?${query}`),
		...all(
			['type=group&limit=2'],
			groupings.map((by) => `group_by=${by}`),
			['sort_by=download', 'sort_by=upload&sort_order=asc', 'sort_by=total&sort_order=desc'],
		).map((query) => `stats?${query}`),
		...all(
			['type=timeseries'],
			ranges,
			['', 'interval=hour', 'interval=day', 'interval=week', 'interval=month'],
			['', 'metric=download', 'metric=upload', 'metric=total'],
			['', 'agent_id=cabin'],
		).map((query) => `stats?${query}`),
		...all(['limit=5', 'limit=3&offset=2'], [...filters, 'host=EXAMPLE.com', 'host=100%25_', 'destination=mail']).map(
			(query) => `connections?${query}`,
		),
		...all(
			['limit=4'],
			['sort_by=start', 'sort_by=download', 'sort_by=upload', 'sort_by=total', 'sort_by=last_updated'],
			['', 'sort_order=asc'],
		).map((query) => `connections?${query}`),
		'agents',
		...['home', 'cabin', 'nobody'].map((agent) => `agents/${agent}/status`),
		...all(
			['agent_id', 'network', 'rule', 'process', 'destination', 'host', 'geoip'].map((type) => `filter_type=${type}`),
			['', 'query=e', 'limit=2'],
		).map((query) => `filter-options?${query}`),
		...['nothing', 'stats?type=other', 'stats?type=group', 'stats?type=timeseries', 'filter-options?filter_type=other'],
		...['stats?type=group&group_by=host;DROP', 'stats?type=timeseries&interval=year&from=2026-01-05&to=2026-01-06'],
	];
}
