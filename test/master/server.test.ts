import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Parameters } from '../../src/master/http/parameters.ts';
import { groupingNames } from '../../src/master/http/statsroute.ts';
import { FakeClock } from '../fakes/clock.ts';
import { type FakeMaster, startMaster } from '../fakes/master.ts';
import { randomFrom } from '../fakes/random.ts';
import { netmonBody, oldBody, record } from './body.ts';

interface Answered {
	readonly status: number;
	readonly body: string;
	readonly headers: Headers;
}

async function ask({ url }: FakeMaster, path: string, init: RequestInit = {}): Promise<Answered> {
	const answer = await fetch(url + path, init);
	return { status: answer.status, body: await answer.text(), headers: answer.headers };
}

async function fill(master: FakeMaster): Promise<void> {
	await fetch(`${master.url}/api/v1/sync`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: oldBody([record()]),
	});
}

test('it describes its routes as they are', async (t) => {
	const master = await startMaster(t);
	await fill(master);
	const description = JSON.parse((await ask(master, '/api/v1/openapi.json')).body) as {
		paths: Record<
			string,
			Record<string, { parameters: { name: string; in: string }[]; responses: { 200: { content: object } } }>
		>;
	};
	assert.deepEqual(Object.keys(description.paths).sort(), [...new Set(master.routes.map(({ path }) => path))].sort());
	for (const route of master.routes) {
		const told = description.paths[route.path]![route.method.toLowerCase()]!;
		const names = told.parameters.filter((one) => one.in === 'query').map(({ name }) => name);
		if (route.method !== 'GET' || route.path.endsWith('/wake')) continue;
		const asked = new Set<string>();
		const variants = route.path.endsWith('/stats')
			? [
					...['type=summary', 'type=balance', 'type=group&group_by=host'],
					'type=timeseries&from=2026-01-01&to=2026-01-02',
				]
			: [`filter_type=host&agent_id=home&id=${record().id}&from=2026-01-01`];
		for (const query of variants) {
			const search = new URLSearchParams(query);
			const get = (name: string) => {
				asked.add(name);
				return search.get(name);
			};
			const spied = { get } as URLSearchParams;
			const caller = { agent: null };
			const answer = await route.handle({
				...{
					parameters: new Parameters(spied, 'UTC'),
					id: 'home',
					caller,
					headers: {},
					signal: new AbortController().signal,
				},
				body: async (use) => use(Buffer.alloc(0)),
			});
			const type = answer.headers['Content-Type']!.split(';')[0]!;
			assert.ok(type in told.responses[200].content, `${route.path} answers ${type}`);
		}
		assert.deepEqual([...asked].sort(), [...names].sort(), route.path);
	}
});

test('it refuses wrong parameters with a sentence', async (t) => {
	const master = await startMaster(t);
	for (const query of [
		'stats',
		'stats?type=x',
		'stats?type=group',
		'stats?type=group&group_by=host;DROP',
		'stats?type=timeseries',
		'stats?type=timeseries&from=2026-01-01',
		'stats?type=timeseries&from=2026-01-01&to=2026-01-02&interval=year',
		'stats?type=timeseries&from=2026-01-01&to=2026-01-02&metric=x',
		'stats?type=timeseries&from=2026-01-01&to=2026-01-02&metric=download,',
		'stats?type=timeseries&from=2026-01-01&to=2026-01-02&metric=download,upload,download',
		'stats?type=timeseries&from=1970-01-01&to=2099-01-02&interval=hour',
		'stats?type=summary&from=yesterday',
		'stats?type=summary&from=2026-01-02&to=2026-01-01',
		'stats?type=summary&tz=Mars/Base',
		'stats?type=group&group_by=host&limit=0',
		'stats?type=group&group_by=host&sort_by=x',
		'stats?type=group&group_by=host&sort_order=up',
		`stats?type=summary&host=${'x'.repeat(300)}`,
		'connections?limit=10001',
		'connections?offset=-1',
		'connections?after=1',
		'connections?sort_by=id',
		'filter-options',
		'filter-options?filter_type=id',
		'stats?type=group&group_by=host&offset=x',
		'devices?limit=0',
		'gaps?from=yesterday',
		'connection?id=1',
	]) {
		const { status, body } = await ask(master, `/api/v1/${query}`);
		assert.equal(status, 400, query);
		assert.match((JSON.parse(body) as { message: string }).message, /^\w.{10,}$/);
	}
});

const seed = Number(process.env.NETMON_SEED ?? 1);
test(`it lets no parameter reach the SQL, and knows only its paths (seed ${seed})`, async (t) => {
	const master = await startMaster(t);
	await fill(master);
	const before = (await ask(master, '/api/v1/stats?type=summary')).body;
	const random = randomFrom(seed);
	const nasty = [
		"'",
		"';DROP TABLE text;--",
		'%',
		'_',
		'\\',
		' OR 1=1',
		'\u0000',
		'"',
		'(',
		'1e400',
		'$(x)',
		'日',
		'\ud800',
	];
	const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
	for (let at = 0; at < 300; at += 1) {
		const route = pick(master.routes.filter(({ method, path }) => method === 'GET' && !/live|wake/.test(path)));
		const query = new URLSearchParams();
		for (const name of route.parameters) if (random() < 0.3) query.set(name, pick(nasty) + pick(nasty));
		if (route.path.endsWith('/stats')) {
			query.set('type', 'group');
			query.set('group_by', pick(groupingNames));
		}
		if (route.path.endsWith('options')) query.set('filter_type', 'host');
		const { status, body } = await ask(master, `${route.path.replace('{id}', 'home')}?${query}`);
		assert.ok([200, 400, 404].includes(status), `${status} ${route.path}?${query} ${body}`);
		assert.doesNotMatch(body, /SQLITE|syntax|SELECT/);
	}
	for (const path of [
		'//',
		'/page.js/',
		'/PAGE.js',
		'/index.htm',
		'/page.js%00',
		'/dashboard/page.ts',
		'/api',
		'/api/v1',
		'/api/v1/',
		'/api/v1/stats/',
		'/api//v1/stats',
		'/api/v1/%73tats',
		'/x/../api/v2',
		'/api/v1/agents/a b/status',
		'/api/v1/agents//status',
		'/api/v1/agents/a/b/status',
		'/api/v1/Stats',
		'/etc/passwd',
	]) {
		assert.equal((await ask(master, path)).status, 404, path);
	}
	assert.equal((await ask(master, '/api/v1/stats', { method: 'DELETE' })).status, 405);
	assert.equal((await ask(master, '/api/v1/stats?type=summary')).body, before);
});

test('it tells apart what equals a text and what holds it', async (t) => {
	const master = await startMaster(t);
	const connections = [
		record({ id: 'a', host: 'a.example', process: '', destination_geoip: '["cn"]', download: 1 }),
		record({ id: 'b', host: 'aa.example', process: 'curl', destination_geoip: '["cnx","cn"]', download: 10 }),
		record({ id: 'c', host: '', destination_ip: '203.0.113.9', destination_geoip: 'null', download: 100 }),
	];
	await fetch(`${master.url}/api/v1/sync`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: oldBody(connections),
	});
	for (const [query, download] of [
		['host=a.example', 11],
		['host_is=a.example', 1],
		['host_is=203.0.113.9', 100],
		['process=', 111],
		['process_is=', 101],
		['process_is=curl', 10],
		['geoip=cn', 11],
		['geoip_is=cn', 11],
		['geoip_is=cnx', 10],
		['geoip_is=', 100],
		['destination_is=203.0.113.9', 100],
	] as const) {
		const { body } = await ask(master, `/api/v1/stats?type=summary&${query}`);
		assert.equal((JSON.parse(body) as { data: { download: number } }).data.download, download, query);
	}
});

test('it lets pages of other sites read with the token, and nothing else', async (t) => {
	const token = 'shared-token-of-32-characters-00';
	const open = await startMaster(t);
	const closed = await startMaster(t, { apiToken: token });
	const origin = { Origin: 'https://board.example' };
	const preflight = (method: string) => ({
		method: 'OPTIONS',
		headers: { ...origin, 'Access-Control-Request-Method': method },
	});
	const allowed = (answer: Answered) => answer.headers.get('access-control-allow-origin');
	assert.equal(allowed(await ask(open, '/api/v1/agents', { headers: origin })), null);
	assert.equal((await ask(open, '/api/v1/agents', preflight('GET'))).status, 403);
	assert.equal(
		allowed(await ask(closed, '/api/v1/agents', { headers: { ...origin, Authorization: `Bearer ${token}` } })),
		'*',
	);
	const fine = await ask(closed, '/api/v1/agents', preflight('GET'));
	assert.deepEqual(
		[fine.status, allowed(fine), fine.headers.get('access-control-allow-headers')],
		[204, '*', 'Authorization'],
	);
	assert.equal((await ask(closed, '/api/v1/sync', preflight('POST'))).status, 403);
	for (const wrong of [
		'',
		'Bearer',
		'Bearer ',
		'Basic x',
		`Bearer ${token}x`,
		`Bearer ${token.slice(1)}`,
		`Bearer ${token.toUpperCase()}`,
		`bearer  x${token}`,
	]) {
		const { status, body } = await ask(closed, '/api/v1/agents', { headers: { Authorization: wrong } });
		assert.equal(status, 401, wrong);
		assert.ok(!body.includes(token));
	}
});

test('it answers to the names it is allowed to have', async (t) => {
	const master = await startMaster(t, { allowHosts: ['localhost', '127.0.0.1'], basePath: '/netmon' });
	const { port } = new URL(master.url);
	const status = (host: string) =>
		new Promise<string>((resolve) => {
			const socket = connect(Number(port), '127.0.0.1', () =>
				socket.write(`GET /netmon/api/v1/health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
			);
			socket.once('data', (data) => resolve(data.toString().slice(9, 12)));
		});
	assert.deepEqual(
		[await status(`127.0.0.1:${port}`), await status('localhost'), await status('evil.example'), await status('')],
		['200', '200', '403', '403'],
	);
	assert.equal((await ask(master, '/api/v1/health')).status, 404);
});

test('it tells listeners what agents say, asks for more of it, and wakes those that sleep', async (t) => {
	const clock = new FakeClock();
	const master = await startMaster(t, { clock });
	const sleeping = ask(master, '/api/v1/wake?agent_id=router');
	const speeds = { core: { up: 1, down: 2 } };
	const body = netmonBody([], [], { live: { wall: 1, speeds, connections: 3, busiest: [] } as never });
	const sync = async () => {
		const headers = { 'Content-Type': 'application/json' };
		const { body: text } = await ask(master, '/api/v1/sync', { method: 'POST', headers, body });
		return (JSON.parse(text) as { netmon: { next_sync_s: number } }).netmon.next_sync_s;
	};
	assert.equal(await sync(), 0);
	const stop = new AbortController();
	const stream = await fetch(`${master.url}/api/v1/live`, { signal: stop.signal });
	const reader = stream.body!.getReader();
	let text = '';
	const until = async (part: string) => {
		while (!text.includes(part)) text += Buffer.from((await reader.read()).value!).toString();
	};
	await until('"down":2');
	assert.deepEqual(JSON.parse((await sleeping).body).data, { wake: true });
	assert.equal(await sync(), 1);
	stop.abort();
	while ((await sync()) !== 0);
	const again = ask(master, '/api/v1/wake?agent_id=router');
	while (clock.pending < 3) await new Promise((resolve) => setImmediate(resolve));
	await clock.advance(55_000);
	assert.deepEqual(JSON.parse((await again).body).data, { wake: false });
});

test('it tells Prometheus', async (t) => {
	const master = await startMaster(t);
	await fill(master);
	const { body } = await ask(master, '/metrics');
	assert.match(body, /^netmon_bytes_total\{agent="home",class="proxy",direction="down"\} 1000$/m);
});
