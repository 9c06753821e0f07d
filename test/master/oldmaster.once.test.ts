// The same bodies and the same questions to the old program and to this one: ours is right everywhere, by an oracle that
// adds up what was sent; the old one's recorded answers say the same, but where `wrong` names its faults.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { WireRecord } from '../../src/wire.ts';
import { scratchFolder, startMaster } from '../fakes/master.ts';
import { oracleOf, type Sums } from '../fakes/oldoracle.ts';
import { oldQuestions, oldTraffic } from '../fakes/oldtraffic.ts';

interface Answered {
	readonly path: string;
	readonly status: number;
	readonly body: string;
}
type Row = Record<string, unknown>;

const traffic = oldTraffic();
const oracle = oracleOf(traffic);
const labels: Readonly<Record<string, string>> = {
	destination: 'destination_ip',
	geoip: 'destination_geoip',
	chains: 'node',
};

/** What the old program answers wrong, and why. */
const wrong: readonly (readonly [RegExp, string])[] = [
	[/[?&](destination|host)=[^&]*%25/, '% and _ of a filter are wildcards'],
	[/type=timeseries.*metric=/, 'a connection is booked whole where it was last seen'],
	[/type=summary&from=2026-01-06/, 'the same'],
	[/group_by=chains.*limit|limit.*group_by=chains/, 'the limit is taken before nodes are added up'],
	[/connections\?.*sort_by=total/, 'sorted by last_updated'],
	[/group_by=geoip/, 'connections whose list of tags is null are in no row'],
	[/filter_type=geoip/, 'looks for a country in a list of tags'],
	[/agents\/nobody/, 'a store that failed'],
	[/host;DROP/, 'goes into the SQL'],
];

const empties: Readonly<Record<string, string>> = { 进程为空: '', GEOIP为空: '' };
const plain = (value: unknown) => empties[String(value)] ?? String(value);

/** An answer in a form that both programs' answers and the oracle's can be brought to. */
function formOf({ path, status, body }: Answered): unknown {
	if (status !== 200) return status;
	const [route = '', text = ''] = path.split('?');
	if (route === 'health') return body;
	const query = new URLSearchParams(text);
	const data = (JSON.parse(body) as { data: unknown }).data;
	if (route === 'connections') return (data as Row[]).map(connectionForm);
	if (route === 'filter-options') return (data as Row[]).map(({ value }) => plain(value)).sort();
	if (route === 'agents') return (data as Row[]).map(agentForm);
	if (route.startsWith('agents/')) return statusForm(data as Row);
	if (query.get('type') === 'summary') return data;
	if (query.get('type') === 'timeseries') return seriesForm(data as Row[], query);
	const by = query.get('group_by')!;
	return ordered(
		(data as Row[]).map((row) => [plain(row[labels[by] ?? by]), sumsForm(row)]),
		query,
	);
}

function sumsForm({ count, download, upload, total }: Row | Sums): unknown[] {
	return [count, download, upload, total];
}

/** Rows that are equal in what they are sorted by have no order. */
function ordered(rows: [string, unknown[]][], query: URLSearchParams): unknown {
	const at = ['count', 'download', 'upload', 'total'].indexOf(query.get('sort_by') ?? 'count');
	const sorted = rows.map(([, sums]) => sums[at]);
	return { sorted, rows: rows.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

function connectionForm(row: Row | WireRecord): Row {
	const fields = ['agent_id', 'network', 'conn_type', 'source_ip', 'destination_ip', 'destination_geoip', 'chains'];
	const more = ['id', 'download', 'upload', 'source_port', 'destination_port', 'rule', 'rule_payload'];
	return {
		...Object.fromEntries([...fields, ...more].map((name) => [name, (row as Row)[name]])),
		host: row.host || row.destination_ip,
		process: plain(row.process),
		start: Date.parse(String(row.start)),
		last_updated: Date.parse(String(row.last_updated)),
	};
}

function agentForm({ id, connections_count, total_download, total_upload, total_traffic }: Row): Row {
	return { id, connections_count, total_download, total_upload, total_traffic };
}

function statusForm(row: Row): Row {
	const counts = (list: unknown, name: string) =>
		Object.fromEntries((list as Row[]).map((one) => [String(one[name]), one.count]));
	return { ...agentForm(row), networks: counts(row.networks, 'network'), rules: counts(row.rules, 'rule') };
}

/** Buckets without anything are left out: the old program has none. */
function seriesForm(rows: Row[], query: URLSearchParams): unknown {
	const interval = query.get('interval') ?? 'day';
	const time = (text: string) => {
		if (text.endsWith('Z')) return text;
		// Its weeks are numbers; all of these days lie in the first full one.
		if (interval === 'week') return '2026-01-05T00:00:00Z';
		return `${new Date(`${interval === 'month' ? `${text}-01` : text.replace(' ', 'T')}Z`.replace(/^(\d{4}-\d\d-\d\d)Z$/, '$1T00:00:00Z')).toISOString().slice(0, 19)}Z`;
	};
	return rows.filter(({ value }) => value !== 0).map(({ time: at, value }) => [time(String(at)), value]);
}

function truthOf(path: string): unknown {
	const [route = '', text = ''] = path.split('?');
	const query = new URLSearchParams(text);
	const { records } = traffic;
	if (route === 'health') return 'OK';
	if (route === 'nothing' || route === 'agents/nobody/status') return 404;
	if (/other|DROP|interval=year/.test(path) || text === 'type=group' || text === 'type=timeseries') return 400;
	const limit = Number(query.get('limit') ?? 10_000);
	const offset = Number(query.get('offset') ?? 0);
	const agentTruth = (agent: string) => {
		const sums = oracle.summary(new URLSearchParams({ agent_id: agent }));
		const { count: connections_count, download: total_download, upload: total_upload, total: total_traffic } = sums;
		return { id: agent, connections_count, total_download, total_upload, total_traffic };
	};
	if (route === 'connections')
		return oracle
			.list(query)
			.slice(offset, offset + limit)
			.map(connectionForm);
	if (route === 'filter-options') return oracle.options(query);
	if (route === 'agents') return ['cabin', 'home'].map(agentTruth);
	if (route.startsWith('agents/')) {
		const agent = route.split('/')[1]!;
		const counts = (name: 'network' | 'rule') => {
			const values = records.filter(({ agent_id }) => agent_id === agent).map((record) => record[name]);
			return Object.fromEntries(
				[...new Set(values)].map((one) => [one, values.filter((value) => value === one).length]),
			);
		};
		return { ...agentTruth(agent), networks: counts('network'), rules: counts('rule') };
	}
	if (query.get('type') === 'summary') return oracle.summary(query);
	if (query.get('type') === 'timeseries') return oracle.series(query).filter(([, value]) => value !== 0);
	const key = (query.get('sort_by') ?? 'count') as keyof Sums;
	const way = query.get('sort_order') === 'asc' ? 1 : -1;
	const groups = [...oracle.group(query)].sort(([, a], [, b]) => way * (a[key] - b[key])).slice(0, limit);
	return ordered(
		groups.map(([value, sums]) => [value, sumsForm(sums)]),
		query,
	);
}

/** Of filter values each program has an order of its own. */
function agree(path: string, form: unknown): boolean {
	const truth = truthOf(path);
	if (!path.startsWith('filter-options') || !Array.isArray(truth)) return isDeepStrictEqual(form, truth);
	const limit = Number(new URLSearchParams(path.split('?')[1]).get('limit') ?? 10_000);
	const values = form as string[];
	// The old one leaves addresses out where there is a host of that name to be had.
	const wanted = path.includes('=host') ? truth.filter((value) => !/^[\d.]+$/.test(value)) : truth;
	return values.length >= Math.min(limit, wanted.length) && values.every((value) => truth.includes(value));
}

test('it answers what is right, and what the old program answers where that is right', async (t) => {
	const { url } = await startMaster(t);
	for (const body of traffic.bodies) {
		const headers = { 'Content-Type': 'application/json' };
		assert.equal((await fetch(`${url}/api/v1/sync`, { method: 'POST', headers, body })).status, 200);
	}
	const recorded = JSON.parse(readFileSync('test/fixtures/oldmaster/answers.json', 'utf8')) as Answered[];
	assert.deepEqual(
		recorded.map(({ path }) => path),
		oldQuestions(),
		'the fixture was recorded with these questions',
	);
	const faults = new Map(wrong.map(([pattern]) => [pattern, 0]));
	for (const old of recorded) {
		const { path } = old;
		const answer = await fetch(`${url}/api/v1/${path}`);
		const ours = { path, status: answer.status, body: await answer.text() };
		if (!agree(path, formOf(ours))) assert.deepEqual(formOf(ours), truthOf(path), path);
		if (path.startsWith('connections')) {
			const { total_count } = JSON.parse(ours.body) as { total_count: number };
			assert.equal(total_count, oracle.list(new URLSearchParams(path.split('?')[1])).length, path);
		}
		if (agree(path, formOf(old))) continue;
		const fault = wrong.find(([pattern]) => pattern.test(path));
		if (!fault) assert.deepEqual(formOf(old), truthOf(path), `the old program: ${path}`);
		faults.set(fault![0], faults.get(fault![0])! + 1);
	}
	for (const [pattern, count] of faults) assert.ok(count > 0, `${pattern} names no fault`);
});

test("it takes over the old program's file, and asks it the same", async (t) => {
	const folder = scratchFolder(t);
	const file = join(folder, 'old.db');
	copyFileSync('test/fixtures/oldmaster/master.db', file);
	const { url, vault } = await startMaster(t, { folder });
	const sums = oracle.summary(new URLSearchParams());
	const report = { connections: sums.count, up: sums.upload, down: sums.download, refused: 0 };
	for (const time of ['first', 'second']) {
		assert.deepEqual(await vault.call('importOld', [file]), report, time);
	}
	assert.deepEqual(readFileSync(file), readFileSync('test/fixtures/oldmaster/master.db'));
	// An import knows no times but the last, so series are left out.
	for (const path of oldQuestions().filter((one) => !/timeseries|from=/.test(one))) {
		const answer = await fetch(`${url}/api/v1/${path}`);
		const form = formOf({ path, status: answer.status, body: await answer.text() });
		if (!agree(path, form)) assert.deepEqual(form, truthOf(path), path);
	}
});
