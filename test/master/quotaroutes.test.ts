import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuota } from '../../src/master/quota/quota.ts';
import { FakeClock } from '../fakes/clock.ts';
import { startMaster } from '../fakes/master.ts';
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
