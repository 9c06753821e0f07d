import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../fakes/clock.ts';
import { agentId, SyncRig } from '../fakes/syncrig.ts';
import { other, recordOf, usage } from '../fakes/wiremaker.ts';

const minuteMs = 60_000;

test('it greets, seals, sends and acknowledges, and describes each connection once', async () => {
	const rig = new SyncRig();
	let sealed = 0;
	rig.outbox.onSeal = () => {
		sealed += 1;
		if (sealed === 1) rig.outbox.addRecord(1, recordOf(1));
		rig.outbox.add(usage(1, 10, 100));
		rig.outbox.add(other('unattributed', -3, 0));
		rig.outbox.add(other('wan', 20, 200));
	};
	rig.sync.start();
	await rig.clock.advance(5 * minuteMs);
	assert.ok(sealed >= 5);
	assert.equal(rig.receiver.acked(agentId, 'epoch-1'), 3 * sealed);
	assert.equal(rig.outbox.epochs()[0]!.acked, 3 * sealed);
	assert.deepEqual(rig.receiver.sums(agentId), {
		'usage proxy': { up: 10 * sealed, down: 100 * sealed },
		unattributed: { up: -3 * sealed, down: 0 },
		wan: { up: 20 * sealed, down: 200 * sealed },
	});
	assert.equal(rig.receiver.bodies.flatMap(({ connections }) => connections).length, 1);
	assert.equal(rig.receiver.bodies[0]!.netmon.rows.length + rig.receiver.bodies[0]!.connections.length, 0);
	const { state, last_success, backlog_seconds, bytes_sent, master } = rig.sync.state();
	assert.deepEqual({ state, backlog_seconds, master }, { state: 'up', backlog_seconds: 0, master: 'netmon' });
	assert.ok(last_success !== null && bytes_sent > 0);
	await rig.sync.stop();
	assert.equal(rig.clock.pending, 0);
	assert.equal(rig.sync.state().state, 'stopped');
});

test('it sends what waits in one go, in order, and keeps to the limits', async () => {
	const rig = new SyncRig({ receiverOptions: { gzip: false, maxBytes: 100_000 } });
	rig.addConnections(4_500);
	rig.sync.start();
	await rig.clock.advance(10_000);
	assert.equal(rig.receiver.acked(agentId, 'epoch-1'), 4_500);
	assert.equal(rig.receiver.rowsOf(agentId, 'epoch-1').length, 4_500);
	assert.equal(rig.receiver.recordsOf(agentId, 'epoch-1').size, 4_500);
	const [, first, ...others] = rig.receiver.bodies;
	assert.ok(JSON.stringify(first).length <= 256 * 1024);
	for (const body of others) assert.ok(JSON.stringify(body).length <= 100_000);
	for (const body of rig.receiver.bodies) assert.ok(body.connections.length <= 500);
	await rig.sync.stop();
});

test('it keeps what an absent master does not take, and brings it when it is back', async () => {
	const rig = new SyncRig();
	rig.addConnections(10);
	rig.transport.fault = () => ({ kind: 'error', code: 'refused' });
	rig.sync.start();
	await rig.clock.advance(60 * minuteMs);
	assert.equal(rig.sync.state().state, 'retrying');
	assert.ok(rig.posts >= 60 && rig.posts < 250, `${rig.posts} tries in an hour`);
	rig.transport.fault = () => null;
	await rig.clock.advance(minuteMs);
	assert.equal(rig.receiver.acked(agentId, 'epoch-1'), 10);
	assert.equal(rig.sync.state().state, 'up');
	await rig.sync.stop();
});

test('it doubles nothing when an answer is lost after the commit', async () => {
	const rig = new SyncRig();
	rig.addConnections(600);
	let posts = 0;
	rig.transport.fault = () => {
		posts += 1;
		return posts % 2 === 0 ? { kind: 'lost' } : null;
	};
	rig.sync.start();
	await rig.clock.advance(30 * minuteMs);
	assert.deepEqual(rig.receiver.sums(agentId), { 'usage proxy': { up: 600, down: 1200 } });
	assert.equal(rig.outbox.epochs()[0]!.acked, 600);
	await rig.sync.stop();
});

test('it goes back when the master was put back, and tells the gap of what is no longer kept', async () => {
	const rig = new SyncRig();
	rig.addConnections(10);
	rig.sync.start();
	await rig.clock.advance(2 * minuteMs);
	const putBack = rig.receiver.backup();
	rig.addConnections(10);
	await rig.clock.advance(minuteMs);
	assert.equal(rig.receiver.acked(agentId, 'epoch-1'), 20);
	putBack();
	await rig.clock.advance(minuteMs);
	assert.deepEqual(rig.receiver.sums(agentId), { 'usage proxy': { up: 20, down: 40 } });
	assert.deepEqual(rig.receiver.gapsOf(agentId), []);
	assert.equal(rig.forgot, 1);
	rig.outbox.release();
	putBack();
	rig.addConnections(5);
	await rig.clock.advance(minuteMs);
	assert.deepEqual(rig.receiver.sums(agentId), { 'usage proxy': { up: 15, down: 30 } });
	assert.equal(rig.receiver.gapsOf(agentId).length, 1);
	assert.deepEqual(rig.outbox.gaps(), []);
	assert.ok(rig.news.some((text) => text.includes('put back') && text.includes('rows 11 to 20')));
	await rig.sync.stop();
});

test('it takes turns between epochs: rows of now are one batch behind at most', async () => {
	const rig = new SyncRig();
	rig.addConnections(3_000);
	rig.outbox.beginEpoch('epoch-2');
	rig.addConnections(1_000);
	rig.sync.start();
	await rig.clock.advance(10_000);
	const order = rig.receiver.bodies.filter(({ netmon }) => netmon.rows.length > 0).map(({ netmon }) => netmon.epoch);
	const lastOfNow = order.lastIndexOf('epoch-2');
	assert.ok(order.slice(0, lastOfNow).every((epoch, index) => index === 0 || epoch !== order[index - 1]));
	assert.equal(order[0], 'epoch-2');
	assert.equal(rig.receiver.acked(agentId, 'epoch-1'), 3_000);
	assert.equal(rig.receiver.acked(agentId, 'epoch-2'), 1_000);
	await rig.sync.stop();
});

for (const index of [0, 1, 17, 249, 250, 498, 499]) {
	test(`it finds the bad row ${index} of 500 in 10 requests and delivers the others`, async () => {
		let refusals = 0;
		const rig = new SyncRig({
			receiverOptions: {
				gzip: false,
				refuses: (row) => {
					const bad = row?.down === 666;
					if (bad) refusals += 1;
					return bad;
				},
			},
		});
		rig.outbox.addRecord(1, recordOf(1));
		for (let at = 0; at < 500; at += 1) rig.outbox.add(usage(1, 1, at === index ? 666 : 2));
		let found = 0;
		let first = 0;
		rig.transport.fault = () => {
			if (rig.outbox.setAsides.length === 0 && refusals > 0) found = rig.receiver.requests - first + 1;
			if (refusals === 0) first = rig.receiver.requests + 1;
			return null;
		};
		rig.sync.start();
		await rig.clock.advance(10_000);
		assert.ok(found <= 10, `${found} requests`);
		assert.deepEqual(
			rig.outbox.setAsides.map(({ seq }) => seq),
			index === 0 ? [1, 1] : [index + 1],
		);
		assert.deepEqual(rig.receiver.sums(agentId), { 'usage proxy': { up: 499, down: 998 } });
		assert.equal(rig.receiver.acked(agentId, 'epoch-1'), index === 499 ? 499 : 500);
		assert.equal(rig.sync.state().state, 'up');
		await rig.sync.stop();
	});
}

test('it delivers the bytes of a row whose description is refused', async () => {
	const rig = new SyncRig({
		receiverOptions: { gzip: false, refuses: (_, record) => record?.host === 'host-7.example.com' },
	});
	rig.addConnections(20);
	rig.sync.start();
	await rig.clock.advance(10_000);
	assert.deepEqual(rig.receiver.sums(agentId), { 'usage proxy': { up: 20, down: 40 } });
	assert.equal(rig.receiver.recordsOf(agentId, 'epoch-1').get(7)?.host, '');
	await rig.sync.stop();
});

test('it sets nothing aside for a master that refuses every body, and looks again each 5 minutes', async () => {
	const rig = new SyncRig();
	rig.addConnections(50);
	rig.sync.start();
	await rig.clock.advance(10_000);
	rig.addConnections(50);
	rig.transport.fault = () => ({ kind: 'status', status: 400 });
	await rig.clock.advance(60 * minuteMs);
	assert.deepEqual(rig.outbox.setAsides, []);
	assert.equal(rig.sync.state().state, 'blocked');
	rig.transport.fault = () => null;
	await rig.clock.advance(5 * minuteMs);
	assert.equal(rig.receiver.acked(agentId, 'epoch-1'), 100);
	await rig.sync.stop();
});

test('it sends smaller bodies where something on the way lets no larger ones through, and sets none aside', async () => {
	const rig = new SyncRig();
	rig.addConnections(300);
	rig.transport.fault = ({ body }) => ((body?.length ?? 0) > 5_000 ? { kind: 'status', status: 413 } : null);
	rig.sync.start();
	await rig.clock.advance(10_000);
	assert.deepEqual(rig.outbox.setAsides, []);
	assert.equal(rig.receiver.acked(agentId, 'epoch-1'), 300);
	assert.ok(rig.posts < 150, `${rig.posts}`);
	await rig.sync.stop();
});

test('it sets the one aside that is too large alone', async () => {
	const rig = new SyncRig();
	rig.addConnections(20);
	rig.outbox.addRecord(999, recordOf(999, { host: 'x'.repeat(20_000) }));
	rig.outbox.add(usage(999, 1, 2));
	rig.addConnections(20);
	rig.transport.fault = ({ body }) => ((body?.length ?? 0) > 12_000 ? { kind: 'status', status: 413 } : null);
	rig.sync.start();
	await rig.clock.advance(10_000);
	assert.deepEqual(
		rig.outbox.setAsides.map(({ seq }) => seq),
		[21],
		JSON.stringify(rig.news),
	);
	assert.equal(rig.receiver.acked(agentId, 'epoch-1'), 41);
	await rig.sync.stop();
});

test('it does without gzip where something on the way breaks it, and sets none aside', async () => {
	const rig = new SyncRig({ receiverOptions: { gzip: true } });
	rig.addConnections(300);
	rig.transport.fault = ({ headers }) => (headers?.['Content-Encoding'] ? { kind: 'status', status: 400 } : null);
	rig.sync.start();
	// gzip works in a thread of its own, out of the fake clock's sight.
	for (let times = 0; times < 50 && !rig.news.some((text) => text.includes('without gzip')); times += 1) {
		await rig.clock.advance(10_000);
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
	await rig.clock.advance(minuteMs);
	assert.deepEqual(rig.outbox.setAsides, []);
	assert.equal(rig.receiver.acked(agentId, 'epoch-1'), 300);
	await rig.sync.stop();
});

test('it stops setting rows aside when too many are refused', async () => {
	const rig = new SyncRig({ receiverOptions: { gzip: false, refuses: (row) => row?.kind === 'wan' } });
	for (let at = 0; at < 100; at += 1) rig.outbox.add(other('wan', 1, 1));
	rig.sync.start();
	await rig.clock.advance(30 * minuteMs);
	assert.equal(rig.outbox.setAsides.length, 64);
	assert.equal(rig.sync.state().set_aside, 64);
	assert.equal(rig.sync.state().state, 'blocked');
	await rig.sync.stop();
});

test('it goes on without what is only shown, when that is what the master refuses', async () => {
	const rig = new SyncRig();
	rig.addConnections(5);
	rig.transport.fault = ({ body }) =>
		String(body).includes('"mihomo"') ? { kind: 'status', status: 422, body: '' } : null;
	rig.sync.start();
	await rig.clock.advance(minuteMs);
	assert.equal(rig.receiver.acked(agentId, 'epoch-1'), 5);
	assert.deepEqual(rig.outbox.setAsides, []);
	await rig.sync.stop();
});

test('it is not moved by a master that keeps forgetting, or takes nothing', async () => {
	const answer = (acked: number, epoch = 'epoch-1') => {
		const netmon = { version: 1, epoch, acked, next_sync_s: 0, gzip: false, max_bytes: 100_000 };
		return JSON.stringify({ status: 'success', data: { message: '', count: 0 }, message: null, netmon });
	};
	for (const [body, state] of [
		[answer(0), 'retrying'],
		[answer(3, 'another'), 'retrying'],
	] as const) {
		const rig = new SyncRig();
		rig.addConnections(5);
		rig.transport.fault = () => ({ kind: 'status', status: 200, body });
		rig.sync.start();
		await rig.clock.advance(10 * minuteMs);
		assert.equal(rig.outbox.epochs()[0]!.acked, 0);
		assert.equal(rig.sync.state().state, state);
		assert.ok(rig.posts < 200, `${rig.posts} requests in 10 minutes`);
		await rig.sync.stop();
	}
});

test('it begins another epoch where the master has rows that it never sent, and believes that once', async () => {
	const rig = new SyncRig();
	rig.addConnections(5);
	let lies = false;
	rig.transport.fault = ({ body }) => {
		const { epoch } = JSON.parse(String(body)).netmon as { epoch: string };
		if (epoch !== 'epoch-1' && !lies) return null;
		const netmon = { version: 1, epoch, acked: lies ? 99 : 3, next_sync_s: 0, gzip: false, max_bytes: 100_000 };
		return { kind: 'status', status: 200, body: JSON.stringify({ status: 'success', data: { message: '' }, netmon }) };
	};
	rig.sync.start();
	await rig.clock.advance(minuteMs);
	assert.equal(rig.sync.state().state, 'up');
	assert.equal(rig.receiver.gapsOf(agentId).length, 1);
	rig.addConnections(2);
	await rig.clock.advance(minuteMs);
	assert.equal(rig.receiver.acked(agentId, 'epoch-2'), 2);
	lies = true;
	rig.addConnections(2);
	await rig.clock.advance(10 * minuteMs);
	assert.deepEqual([rig.outbox.epochs().at(-1)!.epoch, rig.sync.state().state], ['epoch-2', 'blocked']);
	await rig.sync.stop();
});

test('it waits for the clock to be set, and for a queue', async () => {
	const rig = new SyncRig({ clock: new FakeClock(5_000) });
	const { epochs } = rig.outbox;
	rig.outbox.epochs = () => [];
	rig.sync.start();
	await rig.clock.advance(2 * minuteMs);
	assert.equal(rig.posts, 0);
	assert.match(rig.failures.at(-1)!, /no queue/);
	rig.outbox.epochs = epochs;
	await rig.clock.advance(2 * minuteMs);
	assert.equal(rig.posts, 0);
	assert.match(rig.failures.at(-1)!, /clock/);
	rig.clock.stepWall(Date.UTC(2026, 2, 1));
	rig.addConnections(3);
	await rig.clock.advance(2 * minuteMs);
	assert.equal(rig.receiver.acked(agentId, 'epoch-1'), 3);
	rig.outbox.epochs = () => [];
	await rig.clock.advance(2 * minuteMs);
	assert.equal(rig.sync.state().state, 'retrying');
	await rig.sync.stop();
});

test('it gives a time to a connection that has none that a master takes', async () => {
	const rig = new SyncRig();
	rig.outbox.addRecord(1, recordOf(1, { start: '' }));
	rig.outbox.addRecord(
		2,
		recordOf(2, { start: '1970-01-01T00:01:00+01:00', last_updated: '1970-01-01T00:02:00.000Z' }),
	);
	rig.outbox.add(usage(1, 1, 1));
	rig.outbox.add(usage(2, 1, 1));
	rig.sync.start();
	await rig.clock.advance(10_000);
	const records = rig.receiver.recordsOf(agentId, 'epoch-1');
	assert.equal(records.get(1)!.start, records.get(1)!.last_updated);
	assert.match(records.get(2)!.start + records.get(2)!.last_updated, /^2026-.*Z2026-/);
	await rig.sync.stop();
});

test('it gives up at the end of a finite retry profile', async () => {
	const rig = new SyncRig({ sync: { retryDelay: (failures) => (failures >= 3 ? null : 100) } });
	rig.transport.fault = () => ({ kind: 'error', code: 'refused' });
	rig.sync.start();
	await rig.clock.advance(minuteMs);
	assert.deepEqual([rig.posts, rig.gaveUp, rig.sync.state().state], [3, 1, 'given up']);
	assert.equal(rig.clock.pending, 0);
	await rig.sync.stop();
});

test('it stops at once in the middle of whatever it does', async () => {
	for (const ms of [0, 500, 9_999, 30_000, 61_000]) {
		const rig = new SyncRig();
		rig.addConnections(5);
		rig.wake.fault = () => ({ kind: 'error', code: 'timeout' });
		rig.sync.start();
		await rig.clock.advance(ms);
		await rig.sync.stop();
		await rig.sync.stop();
		assert.equal(rig.clock.pending, 0, `at ${ms} ms`);
	}
});
