// What nobody should send: tokens that are almost right, paths that are almost there, SQL in every parameter. In the
// gate a share of it, in the soak all.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { TestContext } from 'node:test';
import { Access } from '../../src/master/http/access.ts';
import { type FakeMaster, startMaster } from '../fakes/master.ts';
import { randomFrom } from '../fakes/random.ts';
import { oldBody, record } from './body.ts';

interface Answered {
	readonly status: number;
	readonly body: string;
}

/** As it stands, which `fetch` would not send. */
function ask({ url }: FakeMaster, path: string, headers: Record<string, string | string[]> = {}): Promise<Answered> {
	const { hostname, port } = new URL(url);
	return new Promise((resolve, reject) => {
		const asked = request({ hostname, port, path, headers, agent: false }, (answer) => {
			let body = '';
			answer.setEncoding('utf8').on('data', (text: string) => {
				body += text;
			});
			answer.on('end', () => resolve({ status: answer.statusCode!, body }));
		});
		asked.on('error', reject).end();
	});
}

async function filled(t: TestContext, apiToken: string | null): Promise<FakeMaster> {
	const master = await startMaster(t, { apiToken });
	const headers = { 'Content-Type': 'application/json', ...(apiToken ? { Authorization: `Bearer ${apiToken}` } : {}) };
	await fetch(`${master.url}/api/v1/sync`, { method: 'POST', headers, body: oldBody([record()]) });
	return master;
}

export async function wrongTokens(t: TestContext, count: number, seed: number): Promise<void> {
	const token = 'shared-token-of-32-characters-00';
	const master = await filled(t, token);
	const random = randomFrom(seed);
	const pick = (below: number) => Math.floor(random() * below);
	const damaged = () => {
		const at = pick(token.length);
		const wrong = [
			token.slice(0, at),
			token.slice(at + 1),
			token + String.fromCharCode(33 + pick(90)),
			`${token.slice(0, at)}${token[at] === 'x' ? 'y' : 'x'}${token.slice(at + 1)}`,
			token.toUpperCase(),
			'x'.repeat(1 + pick(600)),
			`${token}\u00e9`,
			` ${token} ${token}`,
		];
		return `${['Bearer', 'bearer', 'Basic', 'Token', ''][pick(4)]} ${wrong[pick(wrong.length)]}`;
	};
	for (let round = 0; round < count; round += 1) {
		const header = damaged();
		const { status, body } = await ask(master, '/api/v1/agents', { Authorization: header });
		assert.equal(status, 401, header);
		assert.ok(!body.includes(token));
	}
	const two = await ask(master, '/api/v1/agents', { Authorization: ['Bearer wrong', `Bearer ${token}`] });
	assert.equal(two.status, 401, 'two headers');
	assert.equal((await ask(master, '/api/v1/agents', { Authorization: `Bearer ${token}` })).status, 200);
}

export async function wrongPaths(t: TestContext, count: number, seed: number): Promise<void> {
	const master = await filled(t, null);
	const random = randomFrom(seed);
	const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
	const served = new Set(master.routes.map(({ path }) => path));
	const pieces = [
		'..',
		'.',
		'%2e%2e',
		'%2f',
		'%00',
		'\\',
		'//',
		'/',
		'api',
		'v1',
		'stats',
		'agents',
		'x',
		'etc/passwd',
		';',
		'~',
	];
	for (let round = 0; round < count; round += 1) {
		const length = 1 + Math.floor(random() * 6);
		const base = pick(['', '/api/v1', ...served]);
		const path = `${base}/${Array.from({ length }, () => pick(pieces)).join(pick(['', '/']))}`;
		if (served.has(path.split('?')[0]!) || /^\/api\/v1\/(agents\/[\w.-]+\/status|quotas\/[\w.-]+)$/.test(path))
			continue;
		const { status, body } = await ask(master, path);
		assert.equal(status, 404, path);
		assert.ok(!body.includes('root:'), path);
	}
}

export async function sqlInParameters(t: TestContext, count: number, seed: number): Promise<void> {
	const master = await filled(t, null);
	const before = (await ask(master, '/api/v1/stats?type=summary')).body;
	const random = randomFrom(seed);
	const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
	const nasty = [
		"'",
		"';DROP TABLE text;--",
		'" OR 1=1 --',
		') UNION SELECT 1',
		'%',
		'_',
		'\\',
		'\u0000',
		'1e400',
		'NULL',
		'日',
		'0x41',
		'*/',
	];
	const routes = master.routes.filter(
		({ method, path }) => method === 'GET' && path.startsWith('/api') && !/live|wake/.test(path),
	);
	for (let round = 0; round < count; round += 1) {
		const route = pick(routes);
		const query = new URLSearchParams();
		for (const name of route.parameters) if (random() < 0.3) query.set(name, pick(nasty) + pick(nasty));
		if (route.path.endsWith('/stats')) {
			query.set('type', pick(['group', 'summary', 'balance', 'timeseries']));
			query.set('group_by', pick(['host', 'device', 'class', 'geoip', 'rule']));
		}
		const { status, body } = await ask(master, `${route.path.replace('{id}', 'home')}?${query}`);
		assert.ok([200, 400, 404].includes(status), `${status} ${route.path}?${query} ${body}`);
		assert.doesNotMatch(body, /SQLITE|syntax|SELECT value/);
	}
	assert.equal((await ask(master, '/api/v1/stats?type=summary')).body, before);
}

/**
 * Guesses of the right length, that agree with the token in nothing or in all but the end, in random order: how long
 * each takes to be refused must not tell them apart (Welch's t; the slowest twentieth, interruptions, left out).
 */
export function guessTimes(count: number, seed: number): number {
	const token = 'shared-token-of-32-characters-00';
	const access = new Access({ apiToken: token, allowHosts: null }, () => []);
	const random = randomFrom(seed);
	const other = (text: string) => [...text].map((one) => (one === 'z' ? 'y' : 'z')).join('');
	const guesses = Array.from({ length: count }, () => {
		const near = random() < 0.5;
		const end = String(Math.floor(1_000 + random() * 9_000));
		const begin = token.slice(0, -end.length);
		return { near, authorization: `Bearer ${near ? begin : other(begin)}${end}` };
	});
	const refuse = (authorization: string) => {
		const began = process.hrtime.bigint();
		assert.throws(() => access.caller({ authorization }), { status: 401 });
		return Number(process.hrtime.bigint() - began);
	};
	for (const { authorization } of guesses.slice(0, 5_000)) refuse(authorization);
	const taken = guesses.map(({ near, authorization }) => ({ near, ns: refuse(authorization) }));
	const bound = taken.map(({ ns }) => ns).sort((a, b) => a - b)[Math.floor(count * 0.95)]!;
	const [far, close] = [false, true].map((which) => {
		const list = taken.filter(({ near, ns }) => near === which && ns < bound).map(({ ns }) => ns);
		const mean = list.reduce((sum, one) => sum + one, 0) / list.length;
		const variance = list.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (list.length - 1);
		return { mean, error: variance / list.length };
	});
	return (close!.mean - far!.mean) / Math.sqrt(close!.error + far!.error);
}
