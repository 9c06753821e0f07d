// A vault whose disk is full: nothing acknowledged is lost, and no figure is short without saying so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VaultPort } from '../../src/master/store/vaultthread.ts';
import { DatabaseError } from '../../src/system/database.ts';
import { FakeClock } from '../fakes/clock.ts';
import { type FakeMaster, startMaster } from '../fakes/master.ts';
import { netmonBody, oldBody, record, row, uuid } from './body.ts';

/** A disk that is full when it is told so, for what has no room. */
function fullDisk(refused: 'move' | 'settle' = 'move') {
	const disk = { full: true, tries: 0 };
	const before = (vault: VaultPort): VaultPort => ({
		...vault,
		call: (name, ...rest) => {
			if (name === refused) disk.tries += 1;
			return disk.full && name === refused
				? Promise.reject(new DatabaseError('SQLITE_FULL', 'master.db: database or disk is full'))
				: vault.call(name, ...rest);
		},
	});
	return { disk, before };
}

async function post({ url }: FakeMaster, body: Buffer) {
	const headers = { 'Content-Type': 'application/json' };
	const answer = await fetch(`${url}/api/v1/sync`, { method: 'POST', headers, body });
	return { status: answer.status, message: ((await answer.json()) as { message: string | null }).message };
}

async function ask({ url }: FakeMaster, path: string) {
	const answer = await fetch(`${url}${path}`);
	return { status: answer.status, waiting: answer.headers.get('x-waiting'), body: await answer.text() };
}

const waits = '2 batches wait to be booked: the disk is full';

test('it answers what it has while the disk is full, and says everywhere what is not in it', async (t) => {
	const clock = new FakeClock();
	const { disk, before } = fullDisk();
	const master = await startMaster(t, { clock, before });
	assert.equal((await ask(master, '/api/v1/health')).body, 'OK');
	await post(master, oldBody([record()]));
	await post(master, netmonBody([row({ seq: 1 })], [[1, record({ id: uuid(2) })]]));
	const summary = await ask(master, '/api/v1/stats?type=summary');
	assert.deepEqual([summary.status, summary.waiting], [200, '2']);
	assert.deepEqual(JSON.parse(summary.body), {
		status: 'success',
		data: { count: 0, download: 0, upload: 0, total: 0 },
		message: waits,
		waiting: 2,
	});
	for (const path of ['stats?type=group&group_by=host', 'connections', 'devices', 'gaps', 'filter-options'] as const) {
		const query = path === 'filter-options' ? '?filter_type=host' : '';
		const told = await ask(master, `/api/v1/${path}${query}`);
		assert.deepEqual([told.status, told.waiting, JSON.parse(told.body).message], [200, '2', waits], path);
	}
	const csv = await ask(master, '/api/v1/agents?format=csv');
	assert.deepEqual([csv.waiting, csv.body.split('\r\n').length], ['2', 2]);
	const nobody = await ask(master, '/api/v1/agents/home/status');
	assert.deepEqual(
		[nobody.status, JSON.parse(nobody.body).message],
		[404, `there is no agent of that name (${waits})`],
	);
	assert.equal((await ask(master, '/api/v1/health')).body, `OK\n${waits}`);
	assert.match((await ask(master, '/metrics')).body, /^netmon_waiting_batches 2$/m);
	assert.deepEqual((await master.store.query('SELECT count(*) AS n FROM agent')).short?.batches, 2);
	const quotas = await ask(master, '/api/v1/quotas');
	assert.deepEqual([quotas.status, JSON.parse(quotas.body).message], [503, waits]);
	assert.equal(master.said.filter((line) => line.includes('the disk is full')).length, 1);
	assert.equal(disk.tries, 1, 'what failed a moment ago is not tried again for each question');

	disk.full = false;
	await clock.advance(1_000);
	const whole = await ask(master, '/api/v1/stats?type=summary');
	assert.equal(whole.waiting, null);
	assert.deepEqual(JSON.parse(whole.body), {
		status: 'success',
		data: { count: 2, download: 1100, upload: 110, total: 1210 },
		message: null,
	});
	assert.equal((await ask(master, '/api/v1/health')).body, 'OK');
	assert.match((await ask(master, '/metrics')).body, /^netmon_waiting_batches 0$/m);
	assert.equal((await ask(master, '/api/v1/quotas')).status, 200);
});

test('it acknowledges no more while the disk is full: what room there is, is for what waits', async (t) => {
	const clock = new FakeClock();
	const { disk, before } = fullDisk();
	const master = await startMaster(t, { clock, before });
	const body = (at: number) => oldBody([record({ id: uuid(at) })]);
	assert.equal((await post(master, body(1))).status, 200);
	await ask(master, '/api/v1/stats?type=summary');
	const refused = { status: 507, message: 'the disk is full: nothing was taken' };
	for (let at = 2; at < 5; at += 1) {
		assert.deepEqual(await post(master, body(at)), refused);
		await clock.advance(1_000);
	}
	disk.full = false;
	assert.equal((await post(master, body(2))).status, 200);
	const { data } = JSON.parse((await ask(master, '/api/v1/stats?type=summary')).body);
	assert.deepEqual(data, { count: 2, download: 2_000, upload: 200, total: 2_200 });
});

test('it takes nothing and says so once, while a batch has room and the sums of all times have none', async (t) => {
	const clock = new FakeClock();
	const { disk, before } = fullDisk('settle');
	const master = await startMaster(t, { clock, before });
	const body = (at: number) => oldBody([record({ id: uuid(at) })]);
	assert.equal((await post(master, body(1))).status, 200);
	const summary = async () => {
		const { waiting, body: text } = await ask(master, '/api/v1/stats?type=summary');
		return { waiting, count: JSON.parse(text).data.count };
	};
	assert.deepEqual(await summary(), { waiting: '1', count: 0 });
	for (let at = 2; at < 5; at += 1) {
		assert.equal((await post(master, body(at))).status, 507);
		await clock.advance(1_000);
	}
	assert.deepEqual(await summary(), { waiting: '1', count: 0 });
	assert.equal((await ask(master, '/api/v1/health')).body, 'OK\n1 batch waits to be booked: the disk is full');
	assert.ok(disk.tries > 2);
	assert.equal(master.said.filter((line) => /batch waits|again/.test(line)).length, 1, master.said.join());
	disk.full = false;
	await clock.advance(1_000);
	assert.equal((await post(master, body(2))).status, 200);
	assert.deepEqual(await summary(), { waiting: null, count: 2 });
	assert.match(master.said.join(), /takes batches again/);
});
