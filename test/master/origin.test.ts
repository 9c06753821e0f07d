// B7: what pages of other sites may do, in 120 cases, on a real socket: `Host` and `Origin` are what a browser sends.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { startMaster } from '../fakes/master.ts';
import { netmonBody } from './body.ts';

const token = 'shared-token-of-32-characters-00';

interface Asked {
	readonly status: number;
	/** `Access-Control-Allow-Origin`. */
	readonly allowed: string | undefined;
	readonly methods: string | undefined;
}

function ask(port: number, method: string, path: string, headers: Record<string, string>): Promise<Asked> {
	return new Promise((resolve, reject) => {
		const asked = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (answer) => {
			answer.resume().on('end', () =>
				resolve({
					status: answer.statusCode!,
					allowed: answer.headers['access-control-allow-origin'],
					methods: answer.headers['access-control-allow-methods'],
				}),
			);
		});
		asked.on('error', reject);
		asked.end(method === 'POST' ? netmonBody([], []) : '');
	});
}

test('it lets pages of other sites change nothing, whatever they say of themselves', async (t) => {
	const master = await startMaster(t, { apiToken: token, allowHosts: ['master.example'] });
	const port = Number(new URL(master.url).port);
	const wrong: string[] = [];
	let cases = 0;
	for (const host of ['master.example', 'evil.example'])
		for (const origin of [null, 'http://master.example', 'http://evil.example', 'null'])
			for (const site of [null, 'same-origin', 'none', 'same-site', 'cross-site'])
				for (const [method, type] of [
					['GET', null],
					['POST', 'application/json'],
					['POST', 'text/plain'],
				] as const) {
					cases += 1;
					const answer = await ask(port, method, method === 'GET' ? '/api/v1/stats?type=summary' : '/api/v1/sync', {
						...{ Host: host, Authorization: `Bearer ${token}` },
						...(origin === null ? {} : { Origin: origin }),
						...(site === null ? {} : { 'Sec-Fetch-Site': site }),
						...(type === null ? {} : { 'Content-Type': type }),
					});
					const ours =
						(origin === null || origin === 'http://master.example') && site !== 'same-site' && site !== 'cross-site';
					const refused = host === 'evil.example' || (method === 'POST' && !ours);
					const status = refused ? 403 : type === 'text/plain' ? 415 : 200;
					const allowed = origin !== null && method === 'GET' ? '*' : undefined;
					if (answer.status !== status || answer.allowed !== allowed) {
						wrong.push(`${[host, origin, site, method, type]}: ${JSON.stringify(answer)}, not ${status} ${allowed}`);
					}
				}
	assert.deepEqual(wrong, []);
	assert.equal(cases, 120);
});

test('it answers a preflight for reading with a token alone', async (t) => {
	const [locked, open] = [await startMaster(t, { apiToken: token }), await startMaster(t)];
	for (const [master, wants, status] of [
		[locked, 'GET', 204],
		[locked, 'POST', 403],
		[locked, 'PUT', 403],
		[locked, 'DELETE', 403],
		[open, 'GET', 403],
		[open, 'POST', 403],
	] as const) {
		const answer = await ask(Number(new URL(master.url).port), 'OPTIONS', '/api/v1/quotas/home', {
			Origin: 'http://evil.example',
			'Access-Control-Request-Method': wants,
			'Access-Control-Request-Headers': 'authorization',
		});
		assert.deepEqual([answer.status, answer.methods], [status, status === 204 ? 'GET' : undefined], wants);
	}
});
