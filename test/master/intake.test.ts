import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Access } from '../../src/master/http/access.ts';
import { Intake } from '../../src/master/http/intake.ts';
import { LiveBoard } from '../../src/master/http/live.ts';
import { DatabaseError } from '../../src/system/database.ts';
import type { Row, WireRecord } from '../../src/wire.ts';
import { FakeClock } from '../fakes/clock.ts';
import { type FakeMaster, scratchFolder, startMaster } from '../fakes/master.ts';
import { randomFrom } from '../fakes/random.ts';
import { netmonBody, oldBody, record, row, uuid } from './body.ts';

const json = { 'Content-Type': 'application/json' };

async function post({ url }: FakeMaster, body: Uint8Array | string, headers: Record<string, string> = {}) {
	const answer = await fetch(`${url}/api/v1/sync`, { method: 'POST', headers: { ...json, ...headers }, body });
	const { message, netmon } = (await answer.json()) as { message: string | null; netmon?: { acked: number } };
	return { status: answer.status, message, netmon };
}

async function get({ url }: FakeMaster, path: string) {
	return ((await (await fetch(`${url}/api/v1/${path}`)).json()) as { data: never }).data;
}

const seed = Number(process.env.NETMON_SEED ?? 1);
test(`it books each row once, whatever is repeated, late, overlapping or cut (seed ${seed})`, async (t) => {
	const master = await startMaster(t);
	const random = randomFrom(seed);
	const pick = (count: number) => Math.floor(random() * count);
	const total = { up: 0, down: 0 };
	const rows: Row[] = [];
	const records: [number, WireRecord][] = [];
	let seq = 0;
	for (let at = 1; at <= 300; at += 1) {
		seq += 1 + (pick(5) === 0 ? pick(4) : 0);
		const kind = pick(6) === 0 ? 'unattributed' : 'usage';
		const one = row({ seq, kind, record: kind === 'usage' ? 1 + pick(20) : null, up: pick(1000), down: pick(9000) });
		rows.push(one);
		total.up += one.up;
		total.down += one.down;
	}
	for (let number = 1; number <= 20; number += 1) records.push([number, record({ id: uuid(number) })]);
	let acked = 0;
	const sent: Buffer[] = [];
	while (acked < seq) {
		const from = rows.findIndex((one) => one.seq > Math.max(0, acked - pick(20)));
		const batch = rows.slice(from, from + 1 + pick(30));
		const after = rows[from - 1]?.seq ?? 0;
		sent.push(netmonBody(batch, records, { after }));
		const { status, netmon } = await post(master, sent.at(-1)!);
		assert.equal(status, 200);
		assert.ok(netmon!.acked >= acked);
		acked = netmon!.acked;
		if (pick(2)) assert.equal((await post(master, sent[pick(sent.length)]!)).netmon!.acked, acked);
		if (pick(4) === 0) await get(master, 'stats?type=summary');
	}
	const ahead = await post(master, netmonBody([row({ seq: seq + 9 })], [], { after: seq + 8 }));
	assert.equal(ahead.netmon!.acked, seq);
	const sums = (await get(master, 'stats?type=summary')) as { upload: number; download: number };
	assert.deepEqual([sums.upload, sums.download], [total.up, total.down]);
});

test('it says what it has after it was put back, and takes what comes again', async (t) => {
	const folder = scratchFolder(t);
	const first = await startMaster(t, { folder });
	const batch = (n: number) => netmonBody([row({ seq: n })], [[1, record()]]);
	await post(first, batch(1));
	await get(first, 'agents');
	await first.vault.call('backup', [join(folder, 'copy.db')]);
	await post(first, batch(2));
	await get(first, 'agents');
	await post(first, batch(3));
	await first.vault.stop();
	await first.stop();
	for (const end of ['', '-wal', '-journal']) rmSync(join(folder, `master.db${end}`), { force: true });
	copyFileSync(join(folder, 'copy.db'), join(folder, 'master.db'));
	const second = await startMaster(t, { folder });
	const refused = await post(second, batch(4));
	assert.equal(refused.netmon!.acked, 1);
	const gap = { from: 1767225600, to: 1767225900, what: 'rows 2 to 2 are no longer kept' };
	const again = netmonBody([row({ seq: 3 }), row({ seq: 4 })], [], { after: 1, gaps: [gap] });
	assert.equal((await post(second, again)).netmon!.acked, 4);
	assert.equal((await post(second, again)).netmon!.acked, 4);
	assert.equal(((await get(second, 'stats?type=summary')) as { download: number }).download, 300);
	assert.deepEqual(
		((await get(second, 'gaps')) as { what: string }[]).map(({ what }) => what),
		[gap.what],
	);
});

test('it refuses two living agents of one name, and takes a takeover', async (t) => {
	const clock = new FakeClock();
	const master = await startMaster(t, { clock });
	const from = (instance: string) => netmonBody([], [], { instance, after: 0 });
	assert.equal((await post(master, from('a'))).status, 200);
	assert.equal((await post(master, from('b'))).status, 200);
	assert.equal((await post(master, from('a'))).status, 409);
	assert.equal((await post(master, from('b'))).status, 409);
	for (let minute = 0; minute < 11; minute += 1) {
		await clock.advance(60_000);
		await post(master, from('b'));
	}
	assert.equal((await post(master, from('b'))).status, 200);
});

test('it refuses what is no body, and nothing of it sticks', async (t) => {
	const master = await startMaster(t);
	const text = oldBody([record()]).toString();
	const cases: [number, string | Uint8Array, Record<string, string>?][] = [
		[400, ''],
		[400, '{'],
		[400, '[]'],
		[400, '['.repeat(200_000)],
		[400, text.replace('[', '[{"":'.repeat(17))],
		[400, text.replace('1000', '1e400')],
		[400, text.replace('1000', '9223372036854775808')],
		[400, text.replace('1000', '281474976710657')],
		[400, text.replace('1000', '-1')],
		[400, text.replace('1000', '1.5')],
		[400, text.replace('"host":"example.com",', '')],
		[400, text.replace('example.com', 'x'.repeat(5000))],
		[400, text.replace('2026-01-01T00:00:10', 'yesterday')],
		[400, netmonBody([row({ seq: 2 }), row({ seq: 1 })], [], { after: 0 })],
		[400, netmonBody([row({ seq: 1, up: -1 })], [])],
		[400, netmonBody([row({ seq: 1 })], [[1, record()]], { records: [1, 2] })],
		[426, netmonBody([], [], { version: 2 })],
		[400, 'no gzip', { 'Content-Encoding': 'gzip' }],
		[415, text, { 'Content-Encoding': 'br' }],
		[415, text, { 'Content-Type': 'text/plain' }],
		[413, gzipSync(Buffer.alloc(100_000_000, 32)), { 'Content-Encoding': 'gzip' }],
		[413, Buffer.alloc(16 * 1024 * 1024 + 1, 32)],
		[403, text, { Origin: 'http://evil.example' }],
		[403, text, { 'Sec-Fetch-Site': 'cross-site' }],
	];
	for (const [status, body, headers] of cases) {
		const answer = await post(master, body, headers).catch(() => ({ status: 'cut', message: 'cut' }));
		// A body that is refused before its end may find the connection closed.
		const fine = answer.status === status || (answer.status === 'cut' && status === 413);
		assert.ok(fine, `${answer.status} for ${body.slice(0, 80)} ${JSON.stringify(headers)}`);
		assert.ok(typeof answer.message === 'string');
	}
	assert.equal((await post(master, gzipSync(text), { 'Content-Encoding': 'gzip' })).status, 200);
	assert.deepEqual(await get(master, 'stats?type=summary'), { count: 1, download: 1000, upload: 100, total: 1100 });
});

test('it knows agents by their own tokens', async (t) => {
	const master = await startMaster(t, { apiToken: 'shared-token-of-32-characters-00' });
	const { token } = await master.vault.call('createToken', ['router', 1]);
	await master.store.refresh();
	const hello = (agent: string) => netmonBody([], [], { agent });
	const bearer = (value: string) => ({ Authorization: `Bearer ${value}` });
	assert.equal((await post(master, hello('router'))).status, 401);
	assert.equal((await post(master, hello('router'), bearer('wrong'))).status, 401);
	assert.equal((await post(master, hello('router'), bearer(token))).status, 200);
	assert.equal((await post(master, hello('other'), bearer(token))).status, 401);
	assert.equal((await post(master, hello('other'), bearer('shared-token-of-32-characters-00'))).status, 200);
	const stats = (headers: Record<string, string>) =>
		fetch(`${master.url}/api/v1/stats?type=summary`, { headers }).then(({ status }) => status);
	assert.deepEqual(
		[await stats({}), await stats(bearer(token)), await stats(bearer('shared-token-of-32-characters-00'))],
		[401, 403, 200],
	);
	await master.vault.call('revokeToken', [1, 2]);
	await master.store.refresh();
	assert.equal((await post(master, hello('router'), bearer(token))).status, 401);
	const stored = await master.vault.call('query', ['SELECT * FROM token']);
	assert.ok(!JSON.stringify(stored).includes(token));
});

test('it tells a full disk from a store that fails, and takes nothing', async () => {
	const clock = new FakeClock();
	const take = (code: string) => () => Promise.reject(new DatabaseError(code, 'the disk said so'));
	for (const [code, status] of [
		['SQLITE_FULL', 507],
		['SQLITE_IOERR', 500],
	] as const) {
		const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {}, debugs: false };
		const access = new Access({ apiToken: null, allowHosts: null }, () => []);
		const intake = new Intake({ store: { take: take(code) }, access, live: new LiveBoard(clock), clock, log: silent });
		await assert.rejects(
			intake.sync(async (use) => use(oldBody([record()])), { agent: null }),
			{ status },
		);
	}
});

test('it answers on when sums are beyond what a number holds', async (t) => {
	const master = await startMaster(t);
	await post(master, oldBody([record({ id: uuid(99), host: 'small.example' })]));
	const huge = (first: number, count: number) =>
		oldBody(Array.from({ length: count }, (_, at) => record({ id: uuid(first + at), download: 2 ** 48 })));
	// The first and the second are fine alone, and not together; the third is not.
	await post(master, huge(1000, 30));
	await post(master, huge(2000, 30));
	await post(master, huge(3000, 40));
	await post(master, oldBody([record({ id: uuid(98), host: 'small.example' })]));
	const sums = (await get(master, 'stats?type=summary')) as { count: number; download: number };
	assert.equal(sums.count, 62);
	assert.ok(Math.abs(sums.download - 60 * 2 ** 48) < 4096);
	assert.equal(master.said.filter((text) => text.includes('left out')).length, 1);
	const hosts = (await get(master, 'stats?type=group&group_by=host&sort_order=asc')) as {
		host: string;
		download: number;
	}[];
	assert.deepEqual([hosts[0]!.host, hosts[0]!.download], ['small.example', 2000]);
	for (const path of [
		'stats?type=group&group_by=class&host=example',
		'connections?sort_by=download',
		'agents',
		'agents/home/status',
	]) {
		assert.equal((await fetch(`${master.url}/api/v1/${path}`)).status, 200, path);
	}
});
