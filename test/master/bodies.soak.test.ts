// Bodies that nobody should send, against the built program: each has its status, and none stays in memory.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { scratchFolder } from '../fakes/master.ts';
import { built, post, run, summary } from '../fakes/masterprogram.ts';
import { oldBody, record, uuid } from './body.ts';

const rounds = Number(process.env.NETMON_SOAK_BODIES ?? 50);
const mostMb = 16;
const limit = 16 * 1024 * 1024;

interface Hostile {
	readonly what: string;
	readonly status: number;
	readonly headers?: Readonly<Record<string, string | number>>;
	/** What is sent, one after the other, until the answer comes. */
	readonly chunks: () => Iterable<Uint8Array>;
}

function* endless(): Generator<Uint8Array> {
	const chunk = Buffer.alloc(64 * 1024, 32);
	while (true) yield chunk;
}

const text = oldBody([record()]).toString();
const cases: readonly Hostile[] = [
	{ what: 'one byte too many', status: 413, headers: { 'Content-Length': limit + 1 }, chunks: endless },
	{ what: 'chunked without end', status: 413, chunks: endless },
	{
		what: 'shorter than it says',
		status: 400,
		headers: { 'Content-Length': 5 },
		chunks: () => [Buffer.from(text)],
	},
	{
		what: '97 kB that become 100 MB',
		status: 413,
		headers: { 'Content-Encoding': 'gzip' },
		chunks: () => [gzipSync(Buffer.alloc(100_000_000, 32))],
	},
	{ what: '200,000 brackets', status: 400, chunks: () => [Buffer.from('['.repeat(200_000))] },
	{
		what: '16 MiB of brackets',
		status: 400,
		headers: { 'Content-Length': limit },
		chunks: () => [Buffer.alloc(limit, '[')],
	},
	{
		what: 'another encoding',
		status: 415,
		headers: { 'Content-Encoding': 'br' },
		chunks: () => [Buffer.from(text)],
	},
];

/** The status; null = the connection was cut before one came. */
function send(url: string, { headers = {}, chunks }: Hostile): Promise<number | null> {
	return new Promise((resolve) => {
		const asked = request(`${url}/api/v1/sync`, {
			method: 'POST',
			agent: false,
			headers: { 'Content-Type': 'application/json', ...headers },
		});
		let answered = false;
		asked.on('error', () => resolve(null));
		asked.on('response', (answer) => {
			answered = true;
			resolve(answer.statusCode!);
			asked.destroy();
		});
		const iterator = chunks()[Symbol.iterator]();
		const next = () => {
			if (answered || asked.destroyed) return;
			const { value, done } = iterator.next();
			if (done) asked.end();
			else asked.write(value, next);
		};
		next();
	});
}

for (const hostile of cases) {
	const title = `it refuses a body that is ${hostile.what}, ${rounds} times, within ${mostMb} MB`;
	test(title, async (t) => {
		if (!built()) return t.skip('no dist/netmon-master.js: make build');
		const { url, child } = await run(t, join(scratchFolder(t), 'm.db'));
		const residentMb = () =>
			Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024;
		// What it needs anyway.
		const records = Array.from({ length: 500 }, (_, at) => record({ id: uuid(at) }));
		for (let round = 0; round < 20; round += 1) await post(url, oldBody(records));
		const before = await summary(url);
		const base = residentMb();
		let most = 0;
		for (let round = 0; round < rounds; round += 1) {
			const status = await send(url, hostile);
			// A body that is refused before its end may find the connection closed.
			const fine = status === hostile.status || (status === null && hostile.status === 413);
			assert.ok(fine, `status ${status}`);
			most = Math.max(most, residentMb() - base);
		}
		t.diagnostic(`resident memory at most ${most.toFixed(1)} MB above ${base.toFixed(0)}`);
		assert.ok(most < mostMb, `${most} MB`);
		assert.deepEqual(await summary(url), before);
	});
}
