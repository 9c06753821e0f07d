import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packRows, unpackRows } from '../../src/rowgroups.ts';
import { parseMasterAnswer, parseRefusal, parseWake } from '../../src/sinks/masteranswer.ts';
import { SyncBodies } from '../../src/sinks/syncbody.ts';
import type { SyncBody } from '../../src/wire.ts';
import { FakeClock } from '../fakes/clock.ts';
import { Receiver } from '../fakes/receiver.ts';
import { example, examples } from '../fakes/syncpage.ts';

const body = (name: string) => JSON.parse(example(name)) as SyncBody;

function bodiesAt(name: string): SyncBodies {
	const { agent_id, timestamp, netmon } = body(name);
	return new SyncBodies({
		clock: new FakeClock(Date.parse(timestamp)),
		agentId: agent_id,
		instance: netmon.instance,
		tz: () => netmon.tz,
		hosts: 'full',
		picture: () => netmon,
	});
}

const waiting = ({ netmon }: SyncBody) => netmon.gaps.map((gap, id) => ({ id, gap }));

/** The batch as the queue would give it. */
function batchOf({ connections, netmon }: SyncBody) {
	const records = netmon.records.map((no, index) => ({ no, record: { ...connections[index]!, agent_id: null } }));
	return { after: netmon.after, rows: unpackRows(netmon.rows)!, records };
}

test('it makes the bodies that the page shows', () => {
	const hello = body('hello');
	assert.deepEqual(bodiesAt('hello').hello(hello.netmon.epoch, hello.netmon.after), hello);
	const batch = body('batch');
	assert.deepEqual(bodiesAt('batch').batch(batch.netmon.epoch, 41, batchOf(batch), waiting(batch)), batch);
	const again = body('put-back-batch');
	assert.deepEqual(bodiesAt('put-back-batch').batch(again.netmon.epoch, 12, batchOf(again), waiting(again)), again);
	const old = body('old-batch');
	assert.deepEqual(bodiesAt('old-batch').totals(old.netmon.epoch, 41, old.connections), old);
});

test('it names at most the 50 busiest, with as much of their hosts as is recorded, and only while somebody looks', () => {
	const one = { id: 'c', host: 'www.example.com', source_ip: '', class: 'direct' as const, up: 1, down: 1 };
	const live = { ...body('batch').netmon.live!, busiest: Array.from({ length: 80 }, () => one) };
	const shown = (hosts: 'full' | 'domain' | 'none', watched: boolean) => {
		const options = { clock: new FakeClock(), agentId: 'a', instance: 'i', tz: () => 'UTC', hosts };
		const bodies = new SyncBodies({ ...options, picture: () => ({ devices: [], health: {}, live }) });
		bodies.watched = watched;
		return bodies.batch('e', 0, null, []).netmon.live!.busiest.map(({ host }) => host);
	};
	assert.deepEqual(shown('full', false), []);
	assert.deepEqual(shown('full', true), Array(50).fill('www.example.com'));
	assert.deepEqual(shown('domain', true), Array(50).fill('example.com'));
	assert.deepEqual(shown('none', true), Array(50).fill(''));
});

test('it reads the answers that the page shows', () => {
	const netmon = { version: 1, epoch: '5f0c9a7be1d24c80', next_sync_s: 0, gzip: true, max_bytes: 1_048_576 };
	const read = (name: string) => parseMasterAnswer(Buffer.from(example(name)));
	assert.deepEqual(read('hello-answer'), { kind: 'netmon', acked: 41, ...netmon });
	assert.deepEqual(read('batch-answer'), { kind: 'netmon', acked: 48, ...netmon });
	assert.deepEqual(read('put-back-answer'), { kind: 'netmon', acked: 12, ...netmon });
	assert.deepEqual(read('old-answer'), { kind: 'old', count: 0 });
	assert.equal(parseWake(Buffer.from(example('wake'))), true);
	assert.equal(parseRefusal(Buffer.from(example('error'))), 'row 44: up is negative');
	assert.match(parseRefusal(Buffer.from(example('conflict'))), /--agent-id/);
});

test('it gets those answers from the reference receiver for those bodies', () => {
	const receiver = new Receiver();
	const older = { ...body('batch'), netmon: { ...body('batch').netmon, after: 0 } };
	const rows = unpackRows(older.netmon.rows)!;
	const to = (seq: number) =>
		packRows(rows.filter((row) => row.seq <= seq).map((row) => ({ ...row, seq: row.seq - 41 })));
	receiver.take(JSON.stringify({ ...older, netmon: { ...older.netmon, rows: to(48) } }));
	const acked = (name: string) => {
		const answer = receiver.take(example(name));
		assert.equal(answer.status, 200, `${name}: ${answer.body}`);
		const read = parseMasterAnswer(Buffer.from(answer.body));
		return read.kind === 'netmon' ? read.acked : read.kind;
	};
	assert.equal(acked('hello'), 7);
	assert.equal(acked('batch'), 7, 'after 41 is not taken by one that has 7');
	assert.equal(acked('old-batch'), 7);
	const old = new Receiver({ kind: 'old' });
	for (const name of ['hello', 'batch', 'put-back-batch', 'old-batch']) {
		assert.equal(parseMasterAnswer(Buffer.from(old.take(example(name)).body)).kind, 'old');
	}
});

test('it shows nothing that no test reads', () => {
	assert.deepEqual(examples.sort(), [
		'batch',
		'batch-answer',
		'conflict',
		'error',
		'hello',
		'hello-answer',
		'old-answer',
		'old-batch',
		'put-back-answer',
		'put-back-batch',
		'wake',
	]);
});
