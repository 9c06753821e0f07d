import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterAsked, retryAfterMs, verdictOn } from '../../src/sinks/verdict.ts';
import { randomFrom } from '../fakes/random.ts';
import { actionOf } from '../fakes/syncpage.ts';

test('it does with each status from 200 to 599 what docs/sync.md says', () => {
	const counts: Record<string, number> = {};
	for (let status = 200; status <= 599; status += 1) {
		const { action } = verdictOn(status, 'master');
		assert.equal(action, actionOf(status), String(status));
		counts[action] = (counts[action] ?? 0) + 1;
	}
	assert.deepEqual(counts, { read: 100, blocked: 193, split: 3, plain: 1, retry: 103 });
	for (const status of [0, 100, 199, 600, 999]) assert.equal(verdictOn(status, 'master').action, 'retry');
});

test('it says in words what a person can do', () => {
	const said = (status: number) => {
		const verdict = verdictOn(status, 'master.example:9091');
		assert.ok('why' in verdict);
		assert.ok(verdict.why.includes('master.example:9091') && verdict.why.includes(String(status)));
		return verdict.why;
	};
	assert.match(said(401), /--master-token/);
	assert.match(said(403), /not for this agent/);
	assert.match(said(404), /path in --master-url/);
	assert.match(said(409), /--agent-id/);
	assert.match(said(302), /--master-url/);
	assert.match(said(503), /cannot take it now/);
});

const wall = Date.UTC(2026, 2, 1, 12, 0, 0);
const quarterMs = 15 * 60_000;

test('it reads Retry-After in seconds and as a date, up to 15 minutes', () => {
	const date = (ms: number) => new Date(wall + ms).toUTCString();
	for (const [header, ms] of [
		['0', 0],
		['1', 1_000],
		[' 120 ', 120_000],
		['900', quarterMs],
		['901', quarterMs],
		['1000000000', quarterMs],
		['9'.repeat(400), quarterMs],
		[date(30_000), 30_000],
		[date(86_400_000), quarterMs],
		[date(-30_000), 0],
		['Sunday, 01-Mar-26 12:01:00 GMT', 60_000],
		['Sun Mar  1 12:01:00 2026 GMT', 60_000],
	] as const) {
		assert.equal(retryAfterMs(header, wall), ms, header);
	}
});

test('it takes a Retry-After without sense as none', () => {
	for (const header of [
		undefined,
		'',
		'-5',
		'1.5',
		'1e3',
		'0x10',
		'soon',
		'Sun, 99 Foo 2026',
		'2026-03-01',
		'5 s',
		'∞',
	]) {
		assert.equal(retryAfterMs(header, wall), 0, header);
	}
});

test('it never comes before what was asked, nor later than 15 minutes, and spreads those who were told the same', () => {
	const random = randomFrom(1);
	for (const asked of [1_000, 30_000, 600_000, quarterMs]) {
		const waits = Array.from({ length: 1000 }, () => afterAsked(asked, random()));
		assert.ok(Math.min(...waits) >= asked && Math.max(...waits) <= quarterMs);
		const spread = Math.max(...waits) - Math.min(...waits);
		assert.ok(asked === quarterMs ? spread === 0 : spread > 9_000, `${asked}: ${spread}`);
	}
	assert.equal(afterAsked(0, 0.9), 0);
});
