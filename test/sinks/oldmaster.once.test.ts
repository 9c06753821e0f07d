import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice } from '../fakes/dice.ts';
import { agentId, SyncRig } from '../fakes/syncrig.ts';
import { other, recordOf, usage } from '../fakes/wiremaker.ts';

const minuteMs = 60_000;
const oldRig = () => new SyncRig({ receiverOptions: { kind: 'old' } });

test('it brings all of 4,500 waiting connections to an old master, in batches of 1,000', async () => {
	const rig = oldRig();
	rig.addConnections(4_500);
	rig.sync.start();
	await rig.clock.advance(10_000);
	assert.equal(rig.receiver.tableOf(agentId).size, 4_500);
	assert.deepEqual(
		rig.receiver.bodies.map(({ connections }) => connections.length),
		[0, 1000, 1000, 1000, 1000, 500],
	);
	assert.equal(rig.sync.state().master, 'old');
	assert.equal(rig.outbox.changedRecords(rig.outbox.ackedChange, 1).length, 0);
	await rig.sync.stop();
});

test('it sends a connection again each time that it grew, with the totals of its life', async () => {
	const rig = oldRig();
	let down = 0;
	rig.outbox.addRecord(1, recordOf(1));
	rig.outbox.onSeal = () => {
		down += 100;
		rig.outbox.addRecord(1, recordOf(1, { download: down }));
		rig.outbox.add(usage(1, 0, 100));
		rig.outbox.add(other('unattributed', 5, 5));
	};
	rig.sync.start();
	await rig.clock.advance(10 * minuteMs);
	assert.ok(down >= 1_000);
	assert.equal([...rig.receiver.tableOf(agentId).values()][0]!.download, down);
	for (const { netmon } of rig.receiver.bodies) assert.deepEqual([netmon.rows, netmon.records], [[], []]);
	assert.equal(rig.news.filter((text) => text.includes('old one')).length, 1);
	await rig.sync.stop();
});

test('it skips nothing through random failures, and the last totals arrive', async () => {
	for (let seed = 1; seed <= 2; seed += 1) {
		const rig = new SyncRig({ seed, receiverOptions: { kind: 'old' } });
		const dice = new Dice(seed);
		const truth = new Map<number, number>();
		rig.outbox.onSeal = () => {
			for (let times = dice.int(0, 300); times > 0; times -= 1) {
				const no = dice.int(1, 3_000);
				truth.set(no, (truth.get(no) ?? 0) + 10);
				rig.outbox.addRecord(no, recordOf(no, { download: truth.get(no)! }));
				rig.outbox.add(usage(no, 0, 10));
			}
		};
		rig.transport.fault = () => {
			if (dice.chance(0.6)) return null;
			return dice.chance(0.5) ? { kind: 'lost' } : { kind: 'status', status: dice.pick([500, 503, 429, 408, 200]) };
		};
		rig.sync.start();
		await rig.clock.advance(120 * minuteMs);
		rig.transport.fault = () => null;
		await rig.clock.advance(5 * minuteMs);
		const table = [...rig.receiver.tableOf(agentId).values()];
		assert.equal(table.length, truth.size, `seed ${seed}`);
		for (const [no, down] of truth) {
			assert.equal(table.find(({ id }) => id === recordOf(no).id)!.download, down, `seed ${seed}, ${no}`);
		}
		await rig.sync.stop();
	}
});

test('it sets aside the one connection that an old master refuses', async () => {
	const rig = new SyncRig({
		receiverOptions: { kind: 'old', refuses: (_, record) => record?.host === 'host-123.example.com' },
	});
	rig.addConnections(500);
	rig.sync.start();
	await rig.clock.advance(10_000);
	assert.equal(rig.receiver.tableOf(agentId).size, 499);
	assert.deepEqual(
		rig.outbox.refused.map(({ change }) => change),
		[123],
	);
	await rig.sync.stop();
});

test('it sets aside none but the bad one when connections grow during the search', async () => {
	const rig = new SyncRig({
		receiverOptions: { kind: 'old', refuses: (_, record) => record?.host === 'host-50.example.com' },
	});
	const dice = new Dice(4);
	rig.addConnections(100);
	let growths = 200;
	rig.transport.fault = () => {
		growths -= 1;
		if (growths < 0) return null;
		const no = dice.int(1, 100);
		rig.outbox.addRecord(no, recordOf(no, { download: 9 }));
		rig.outbox.add(usage(no, 0, 1));
		return null;
	};
	rig.sync.start();
	await rig.clock.advance(minuteMs);
	assert.equal(rig.receiver.tableOf(agentId).size, 99);
	assert.ok(growths < 0);
	await rig.sync.stop();
});

test('it notices a netmon master in the place of the old one, and the other way round', async () => {
	const rig = oldRig();
	rig.addConnections(5);
	rig.sync.start();
	await rig.clock.advance(2 * minuteMs);
	assert.equal(rig.receiver.tableOf(agentId).size, 5);
	rig.receiver.kind = 'netmon';
	rig.addConnections(3);
	await rig.clock.advance(minuteMs);
	assert.equal(rig.sync.state().master, 'netmon');
	assert.deepEqual(rig.receiver.sums(agentId), { 'usage proxy': { up: 3, down: 6 } });
	rig.receiver.kind = 'old';
	rig.addConnections(2);
	await rig.clock.advance(minuteMs);
	assert.equal(rig.sync.state().master, 'old');
	assert.ok(rig.receiver.tableOf(agentId).size >= 7);
	await rig.sync.stop();
});

test('it does not take a count that is not that of the connections for an acknowledgement', async () => {
	const rig = oldRig();
	rig.addConnections(5);
	const body = JSON.stringify({ status: 'success', data: { message: '', count: 0 }, message: null });
	rig.transport.fault = () => ({ kind: 'status', status: 200, body });
	rig.sync.start();
	await rig.clock.advance(10 * minuteMs);
	assert.equal(rig.outbox.ackedChange, 0);
	assert.equal(rig.sync.state().state, 'retrying');
	assert.ok(rig.posts < 100);
	await rig.sync.stop();
});
