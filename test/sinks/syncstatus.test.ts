import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionOf } from '../fakes/syncpage.ts';
import { agentId, SyncRig } from '../fakes/syncrig.ts';

const minuteMs = 60_000;
const states: Record<string, string> = {
	read: 'retrying',
	retry: 'retrying',
	split: 'blocked',
	plain: 'blocked',
	blocked: 'blocked',
};

test('it keeps its rows through every status from 200 to 599, and brings them afterwards', async () => {
	for (let status = 200; status <= 599; status += 1) {
		const rig = new SyncRig({ seed: status });
		rig.addConnections(5);
		rig.transport.fault = () => ({ kind: 'status', status });
		rig.sync.start();
		await rig.clock.advance(20_000);
		const { state } = rig.sync.state();
		assert.equal(state, states[actionOf(status)], String(status));
		assert.ok(rig.failures.length > 0 && rig.failures[0]!.includes('master.example:9091'), rig.failures[0]);
		const soon = rig.posts;
		assert.ok(state === 'blocked' ? soon === 1 : soon <= 25, `${status}: ${soon} requests`);
		rig.transport.fault = () => null;
		await rig.clock.advance(5 * minuteMs);
		assert.equal(rig.receiver.acked(agentId, 'epoch-1'), 5, String(status));
		assert.deepEqual(rig.outbox.setAsides, []);
		await rig.sync.stop();
	}
});

test('it comes no sooner than Retry-After asks, and not later than 15 minutes and one backoff', async () => {
	for (const [header, least, most] of [
		['120', 120, 180],
		['1000000000', 900, 901],
		['-1', 0, 61],
		['garbage', 0, 61],
		['Wed, 31 Dec 2025 23:00:00 GMT', 0, 61],
		['Thu, 01 Jan 2026 00:05:00 GMT', 289, 451],
	] as const) {
		for (const status of [429, 503, 401]) {
			const rig = new SyncRig();
			const at: number[] = [];
			rig.transport.fault = () => {
				at.push(rig.clock.mono() / 1000);
				return { kind: 'status', status, headers: { 'retry-after': header } };
			};
			rig.sync.start();
			while (at.length < 2) await rig.clock.advance(1_000);
			const waited = at[1]! - at[0]!;
			const longest = status === 401 ? Math.max(most, 301) : most;
			assert.ok(waited >= least && waited <= longest, `${header} at ${status}: ${waited} s`);
			await rig.sync.stop();
		}
	}
});

test('it asks /health when there is no sync, to say what is there', async () => {
	for (const [answer, words] of [
		[{ status: 200, body: 'OK' }, /though \/api\/v1\/health answers/],
		[{ status: 200, body: '<html>' }, /nothing of a master/],
		[{ status: 404, body: '' }, /nothing of a master/],
	] as const) {
		const rig = new SyncRig();
		rig.transport.fault = ({ url }) => (String(url).endsWith('/sync') ? { kind: 'status', status: 404 } : null);
		rig.transport.other = () => answer;
		rig.sync.start();
		await rig.clock.advance(10_000);
		assert.match(rig.failures[0]!, words);
		await rig.sync.stop();
	}
});

test('it says what the master says, on one line', async () => {
	const rig = new SyncRig();
	const body = JSON.stringify({ status: 'error', data: null, message: 'this token\nis of another agent' });
	rig.transport.fault = () => ({ kind: 'status', status: 403, body });
	rig.sync.start();
	await rig.clock.advance(10_000);
	assert.match(rig.failures[0]!, /403.*: this token is of another agent$/);
	await rig.sync.stop();
});

test('it finds the sync below a path, and when the whole route was given', async () => {
	for (const [url, path] of [
		['https://example.net/netmon/', '/netmon/api/v1/sync'],
		['http://master:9091/api/v1/sync', '/api/v1/sync'],
		['http://master:9091/api/v1', '/api/v1/sync'],
	]) {
		const rig = new SyncRig({ sync: { url: url! } });
		rig.sync.start();
		await rig.clock.advance(10_000);
		assert.equal(rig.transport.requests[0], `POST ${path}`);
		assert.equal(rig.transport.headers[0]!.Authorization, 'Bearer a-token-of-the-agent');
		assert.equal(rig.sync.state().state, 'up');
		await rig.sync.stop();
	}
});
