import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuota } from '../../src/master/quota/quota.ts';
import { FakeClock } from '../fakes/clock.ts';
import { startMaster } from '../fakes/master.ts';
import { until } from '../fakes/until.ts';
import { startWebhook } from '../fakes/webhook.ts';
import { oldBody, record } from './body.ts';

const token = 'shared-token-of-32-characters-00';
const json = { 'Content-Type': 'application/json' };
const shared = { ...json, Authorization: `Bearer ${token}` };

test('it reads a quota strictly, and says what is wrong', () => {
	const good = { limit: 1 };
	for (const [wrong, sentence] of [
		['', /JSON/],
		['[]', /object/],
		['null', /object/],
		['{}', /limit/],
		[{ limit: 0 }, /limit/],
		[{ limit: -1 }, /limit/],
		[{ limit: 1.5 }, /limit/],
		[{ limit: '5' }, /limit/],
		[{ limit: 2 ** 51 }, /limit/],
		['{"limit":1e400}', /limit/],
		[{ ...good, start_day: 0 }, /start_day/],
		[{ ...good, start_day: 32 }, /start_day/],
		[{ ...good, start_day: '1' }, /start_day/],
		[{ ...good, tz: 'Mars/Base' }, /tz/],
		[{ ...good, tz: 5 }, /tz/],
		[{ ...good, counts: 'lan' }, /counts/],
		[{ ...good, direction: 'sideways' }, /direction/],
		[{ ...good, levels: 80 }, /levels/],
		[{ ...good, levels: [0] }, /levels/],
		[{ ...good, levels: [1001] }, /levels/],
		[{ ...good, levels: [80, '90'] }, /levels/],
		[{ ...good, levels: Array.from({ length: 11 }, (_, at) => at + 1) }, /levels/],
		[{ ...good, used_before: -1 }, /used_before/],
		[{ ...good, used_before: null }, /used_before/],
		[{ ...good, webhook: '' }, /webhook/],
		[{ ...good, webhook: 'example.com/x' }, /webhook/],
		[{ ...good, webhook: 'file:///etc/passwd' }, /webhook/],
		[{ ...good, webhook: 'https://me:pw@example.com/' }, /webhook/],
		[{ ...good, webhook: 'https://example.com/\nx' }, /webhook/],
		[{ ...good, webhook: `https://example.com/${'x'.repeat(2048)}` }, /webhook/],
		[{ ...good, limits: 1 }, /a quota has/],
		['{"limit":1,"__proto__":{}}', /a quota has/],
	] as const) {
		const read = parseQuota(typeof wrong === 'string' ? wrong : JSON.stringify(wrong));
		assert.ok('error' in read, JSON.stringify(wrong));
		assert.match(read.error, sentence, JSON.stringify(wrong));
	}
	assert.deepEqual(parseQuota('{"limit":1024,"levels":[100,50,50]}'), {
		settings: { startDay: 1, zone: null, limit: 1024, counts: 'wan', direction: 'both', levels: [50, 100] },
		usedBefore: undefined,
		webhook: undefined,
	});
});

test('it lets only the owner and his own pages change quotas', async (t) => {
	const master = await startMaster(t, { apiToken: token });
	const { token: own } = (await master.vault.call('createToken', ['home', 0])) as { token: string };
	await master.store.refresh();
	const path = `${master.url}/api/v1/quotas`;
	const body = JSON.stringify({ limit: 1000 });
	await fetch(`${master.url}/api/v1/sync`, { method: 'POST', headers: shared, body: oldBody([record()]) });
	const origin = `http://${new URL(master.url).host}`;
	for (const [method, headers, status] of [
		['PUT', json, 401],
		['PUT', { ...json, Authorization: `Bearer ${own}` }, 403],
		['DELETE', { Authorization: `Bearer ${own}` }, 403],
		['PUT', { ...shared, 'Content-Type': 'text/plain' }, 415],
		['PUT', { ...shared, Origin: 'https://board.example' }, 403],
		['DELETE', { ...shared, Origin: 'https://board.example' }, 403],
		['DELETE', { ...shared, 'Sec-Fetch-Site': 'cross-site' }, 403],
		['DELETE', shared, 404],
		['PATCH', shared, 405],
		['PUT', { ...shared, Origin: origin }, 200],
		['DELETE', { ...shared, Origin: origin }, 200],
	] as const) {
		const answer = await fetch(`${path}/home`, { method, headers, body: method === 'PUT' ? body : null });
		assert.equal(answer.status, status, `${method} ${JSON.stringify(headers)}`);
		assert.equal(answer.headers.get('access-control-allow-origin'), null);
	}
	for (const method of ['PUT', 'DELETE']) {
		const headers = { Origin: 'https://board.example', 'Access-Control-Request-Method': method };
		assert.equal((await fetch(`${path}/home`, { method: 'OPTIONS', headers })).status, 403);
	}
	assert.equal((await fetch(`${path}/nobody`, { method: 'PUT', headers: shared, body })).status, 404);
	assert.equal((await fetch(`${path}/no%20body`, { method: 'PUT', headers: shared, body })).status, 404);
});

test('it keeps the webhook to itself, and nothing of a forgotten agent', async (t) => {
	const master = await startMaster(t, { clock: new FakeClock(Date.UTC(2026, 0, 5)) });
	await fetch(`${master.url}/api/v1/sync`, { method: 'POST', headers: json, body: oldBody([record()]) });
	const path = `${master.url}/api/v1/quotas`;
	const put = async (settings: object) => {
		const answer = await fetch(`${path}/home`, { method: 'PUT', headers: json, body: JSON.stringify(settings) });
		return (await answer.text()).replace(/.*("webhook":(null|"[^"]*")).*/, '$1');
	};
	const webhook = 'https://api.telegram.example/bot123:secret/sendMessage?chat_id=5';
	assert.equal(await put({ limit: 5000, counts: 'proxy', webhook }), '"webhook":"https://api.telegram.example/***"');
	assert.equal(await put({ limit: 4400, counts: 'proxy' }), '"webhook":"https://api.telegram.example/***"');
	assert.doesNotMatch(await (await fetch(path)).text(), /secret|chat_id/);
	assert.equal(
		await (await fetch(`${path}?format=csv`)).text(),
		'agent_id,from,to,used,limit,remaining,percent,counts,direction\r\n' +
			'home,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,1100,4400,3300,25,proxy,both\r\n',
	);
	assert.deepEqual((await master.vault.call('query', ['SELECT webhook FROM quota'])).rows, [{ webhook }]);
	assert.equal(await put({ limit: 4400, webhook: null }), '"webhook":null');
	const order = { agent: 'home', device: null, host: null, before: null };
	await master.vault.call('forget', [order]);
	assert.deepEqual(
		(await master.vault.call('query', ['SELECT agent FROM quota UNION ALL SELECT agent FROM cycle'])).rows,
		[],
	);
	assert.deepEqual(master.said, []);
});

test('it sends a test to the webhook that is set, tells what came of it, and counts no level as told', async (t) => {
	const master = await startMaster(t, { apiToken: token, clock: new FakeClock(Date.UTC(2026, 0, 5)) });
	const webhook = await startWebhook(t);
	const { token: own } = (await master.vault.call('createToken', ['home', 0])) as { token: string };
	await master.store.refresh();
	await fetch(`${master.url}/api/v1/sync`, { method: 'POST', headers: shared, body: oldBody([record()]) });
	const path = `${master.url}/api/v1/quotas/home`;
	const send = async (method: string, body: object, headers: Record<string, string> = shared, to = path) => {
		const answer = await fetch(to, { method, headers, body: JSON.stringify(body) });
		const { data, message } = (await answer.json()) as { data: Record<string, unknown> | null; message: string };
		return { status: answer.status, data, message, text: JSON.stringify({ data, message }) };
	};
	const trial = (headers = shared) => send('POST', {}, headers, `${path}/test`);
	assert.deepEqual(await trial().then(({ status, message }) => [status, message]), [404, 'this agent has no quota']);
	await send('PUT', { limit: 4400, counts: 'all' });
	assert.deepEqual(await trial().then(({ status, message }) => [status, message]), [400, 'this quota has no webhook']);
	await send('PUT', { limit: 4400, counts: 'all', webhook: `${webhook.url}/secret-topic` });

	// As everything that changes something: with the shared token, by the owner's own pages.
	for (const [headers, status] of [
		[json, 401],
		[{ ...json, Authorization: `Bearer ${own}` }, 403],
		[{ ...shared, Origin: 'http://evil.example' }, 403],
		[{ ...shared, 'Content-Type': 'text/plain' }, 415],
	] as const) {
		assert.equal((await trial(headers as typeof shared)).status, status);
	}
	assert.equal(webhook.received.length, 0);

	const told = await trial();
	assert.deepEqual(told.data, {
		agent_id: 'home',
		webhook: `${webhook.url}/***`,
		state: 'delivered',
		outcome: 'HTTP 200',
	});
	const [{ path: to, body }] = webhook.received as [(typeof webhook.received)[number]];
	assert.equal(to, '/secret-topic');
	assert.match(
		body.text,
		/^home: a test of its webhook: 1\.10 kB of 4\.40 kB \(core\) in the cycle from 2026-01-01 to 2026-02-01$/,
	);
	const { type, level, used, limit, remaining } = body;
	assert.deepEqual(
		{ type, level, used, limit, remaining },
		{ type: 'test', level: 0, used: 1100, limit: 4400, remaining: 3300 },
	);
	const { alerts } = (await send('PUT', { limit: 4400, counts: 'all' })).data as { alerts: unknown[] };
	assert.deepEqual(alerts, []);

	// What is asked of it in the body leads nowhere; redirects are not followed; the secret stands in no answer.
	for (const [mood, outcome] of [
		[302, 'HTTP 302'],
		[500, 'HTTP 500'],
	] as const) {
		webhook.mood = mood;
		const answer = await send('POST', { webhook: `${webhook.url}/other` }, shared, `${path}/test`);
		assert.deepEqual([answer.data!.state, answer.data!.outcome], ['refused', outcome]);
		assert.doesNotMatch(answer.text, /secret/);
	}
	webhook.mood = 'reset';
	assert.doesNotMatch((await trial()).text, /secret|delivered/);
	assert.deepEqual([...new Set(webhook.received.map((one) => one.path))], ['/secret-topic']);
	assert.doesNotMatch(master.said.join('\n'), /secret/);
});

test('it sends one test at a time', async (t) => {
	const master = await startMaster(t, {});
	const webhook = await startWebhook(t);
	await fetch(`${master.url}/api/v1/sync`, { method: 'POST', headers: json, body: oldBody([record()]) });
	const path = `${master.url}/api/v1/quotas/home`;
	await fetch(path, { method: 'PUT', headers: json, body: JSON.stringify({ limit: 1, webhook: webhook.url }) });
	webhook.mood = 'freeze';
	const gone = new AbortController();
	const ask = (init: RequestInit = {}) => fetch(`${path}/test`, { method: 'POST', headers: json, body: '{}', ...init });
	const first = ask({ signal: gone.signal }).catch(() => null);
	await until(() => webhook.received.length === 1, 'the first is under way');
	const second = await ask();
	assert.deepEqual([second.status, second.headers.get('Retry-After')], [503, '10']);
	// Whoever asked goes away: so does the test.
	gone.abort();
	await first;
	webhook.mood = 200;
	await until(async () => (await ask()).status === 200, 'the next may go');
});
