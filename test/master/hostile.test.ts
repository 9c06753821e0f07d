import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMaster } from '../fakes/master.ts';
import { oldBody, record } from './body.ts';
import { sqlInParameters, wrongPaths, wrongTokens } from './hostile.ts';

const seed = Number(process.env.NETMON_SEED ?? 1);

test(`it refuses 200 wrong tokens (seed ${seed})`, (t) => wrongTokens(t, 200, seed));
test(`it serves nothing at 200 wrong paths (seed ${seed})`, (t) => wrongPaths(t, 200, seed));
test(`it lets none of 150 parameters reach the SQL (seed ${seed})`, (t) => sqlInParameters(t, 150, seed));

test('it lets no page of another site change anything, by 120 combinations of what it may send', async (t) => {
	const { url } = await startMaster(t);
	const body = oldBody([record()]);
	const json = { 'Content-Type': 'application/json' };
	let tried = 0;
	for (const origin of [null, url, 'http://evil.example', 'null']) {
		for (const site of [null, 'same-origin', 'none', 'same-site', 'cross-site']) {
			const from = { ...(origin ? { Origin: origin } : {}), ...(site ? { 'Sec-Fetch-Site': site } : {}) };
			const own = (origin === null || origin === url) && (site === null || site === 'same-origin' || site === 'none');
			const ways: [init: RequestInit, status: number][] = [
				[{ method: 'POST', headers: json, body }, own ? 200 : 403],
				[{ method: 'POST', headers: { 'Content-Type': 'text/plain' }, body }, own ? 415 : 403],
				[{ method: 'GET' }, 405],
				[{ method: 'DELETE' }, 405],
				[{ method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'POST' } }, 403],
				[{ method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'GET' } }, 403],
			];
			for (const [init, status] of ways) {
				const headers = { ...from, ...(init.headers as Record<string, string>) };
				const answer = await fetch(`${url}/api/v1/sync`, { ...init, headers });
				const what = JSON.stringify({ ...init, body: undefined, headers });
				assert.equal(answer.status, status, what);
				assert.equal(answer.headers.get('access-control-allow-origin'), null, what);
				tried += 1;
			}
		}
	}
	assert.equal(tried, 120);
});
