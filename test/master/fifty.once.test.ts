// Fifty agents at once, as they are: half of netmon's, half old ones; each says again what it is not answered.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { scratchFolder } from '../fakes/master.ts';
import { built, run } from '../fakes/masterprogram.ts';
import { randomFrom } from '../fakes/random.ts';
import { netmonBody, oldBody, record, row, uuid } from './body.ts';

const agents = 50;
const rounds = Number(process.env.NETMON_SOAK_AGENT_ROUNDS ?? 6);
const connections = 100;
const seed = Number(process.env.NETMON_SEED ?? 1);

interface Sent {
	readonly name: string;
	up: number;
	down: number;
	count: number;
}
type Send = (body: Buffer, gzip: 'gzip' | 'plain') => Promise<void>;

const texts = (at: number) => ({
	source_ip: `192.168.1.${at % 40}`,
	host: `host${at % 300}.example`,
	destination_ip: `203.0.113.${at % 250}`,
	source_port: String(20_000 + at),
	chains: at % 3 === 0 ? '["DIRECT"]' : '["Proxy","node-a"]',
});

/** One of netmon's: rows once, gzip once the master understands it, one request at a time. */
async function netmonAgent(sent: Sent, pick: (count: number) => number, send: Send): Promise<void> {
	let seq = 0;
	for (let round = 0; round < rounds; round += 1) {
		const after = seq;
		const records = Array.from({ length: connections }, (_, at) => {
			const number = round * connections + at + 1;
			return [number, record({ id: uuid(number), ...texts(number) })] as const;
		});
		const rows = records.map(([number]) => row({ seq: ++seq, record: number, up: pick(5e4), down: pick(1e6) }));
		rows.push(row({ seq: ++seq, kind: 'unattributed', up: pick(100), down: pick(1000) }));
		for (const { up, down } of rows) {
			sent.up += up;
			sent.down += down;
		}
		sent.count += connections;
		const body = netmonBody(rows, records, { agent: sent.name, after, instance: sent.name, epoch: sent.name });
		await send(round === 0 ? body : gzipSync(body), round === 0 ? 'plain' : 'gzip');
	}
}

/** An old one: all connections that changed, with the totals of their lives. */
async function oldAgent(sent: Sent, pick: (count: number) => number, send: Send): Promise<void> {
	const totals = Array.from({ length: connections }, () => ({ up: 0, down: 0 }));
	sent.count = connections;
	for (let round = 0; round < rounds; round += 1) {
		const records = totals.map((total, at) => {
			const grown = { up: pick(5e4), down: pick(1e6) };
			total.up += grown.up;
			total.down += grown.down;
			sent.up += grown.up;
			sent.down += grown.down;
			const last_updated = new Date(Date.UTC(2026, 0, 1, 0, round)).toISOString();
			return record({ id: uuid(at), ...texts(at), last_updated, upload: total.up, download: total.down });
		});
		await send(oldBody(records, sent.name), 'plain');
	}
}

test(`it refuses none of ${agents} agents at once, and has each of their bytes (seed ${seed})`, async (t) => {
	if (!built()) return t.skip('no dist/netmon-master.js: make build');
	const { url } = await run(t, join(scratchFolder(t), 'm.db'));
	const statuses = new Map<number, number>();
	const times: number[] = [];
	const send: Send = async (body, how) => {
		const gzip = how === 'gzip' ? { 'Content-Encoding': 'gzip' } : {};
		const began = performance.now();
		const headers = { 'Content-Type': 'application/json', ...gzip };
		const answer = await fetch(`${url}/api/v1/sync`, { method: 'POST', headers, body });
		await answer.arrayBuffer();
		times.push(performance.now() - began);
		statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
	};
	const all = Array.from({ length: agents }, (_, at): Sent => {
		return { name: `${at % 2 === 0 ? 'netmon' : 'old'}-${at}`, up: 0, down: 0, count: 0 };
	});
	await Promise.all(
		all.map((sent, at) => {
			const random = randomFrom(seed * 1000 + at);
			const pick = (count: number) => Math.floor(random() * count);
			return (at % 2 === 0 ? netmonAgent : oldAgent)(sent, pick, send);
		}),
	);
	assert.deepEqual([...statuses], [[200, agents * rounds]]);
	times.sort((a, b) => a - b);
	t.diagnostic(`${times.length} bodies: p99 ${times[Math.floor(times.length * 0.99)]!.toFixed(0)} ms`);
	const stats = async (query: string) =>
		((await (await fetch(`${url}/api/v1/stats?${query}`)).json()) as { data: never }).data;
	for (const { name, up, down, count } of all) {
		const expected = { count, download: down, upload: up, total: up + down };
		assert.deepEqual(await stats(`type=summary&agent_id=${name}`), expected, name);
	}
	const sum = (of: (sent: Sent) => number) => all.reduce((total, one) => total + of(one), 0);
	const core = { count: sum(({ count }) => count), download: sum(({ down }) => down), upload: sum(({ up }) => up) };
	assert.deepEqual(await stats('type=summary'), { ...core, total: core.download + core.upload });
});
