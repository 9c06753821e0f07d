// Slow peers by the thousand: each is cut off, and a normal request does not notice.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../fakes/master.ts';
import { built, run } from '../fakes/masterprogram.ts';

const peers = Number(process.env.NETMON_SOAK_SLOW_PEERS ?? 1_000);
const cutMs = 10_000;
const begins = {
	headers: 'GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-',
	bodies:
		'POST /api/v1/sync HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{',
};

test(`it cuts off ${peers} peers that drip headers or bodies, and answers others meanwhile`, async (t) => {
	if (!built()) return t.skip('no dist/netmon-master.js: make build');
	const { url } = await run(t, join(scratchFolder(t), 'm.db'));
	const port = Number(new URL(url).port);
	const sockets: Socket[] = [];
	t.after(() => {
		for (const socket of sockets) socket.destroy();
	});
	const lives: Record<keyof typeof begins, number[]> = { headers: [], bodies: [] };
	const ends = Array.from({ length: peers }, async (_, at) => {
		const kind = at % 2 === 0 ? 'headers' : 'bodies';
		const socket = connect(port, '127.0.0.1');
		sockets.push(socket);
		socket.on('error', () => {}).resume();
		await once(socket, 'connect');
		const began = performance.now();
		socket.write(begins[kind]);
		const drip = setInterval(() => socket.write('a'), 1_000);
		await new Promise((resolve) => socket.once('close', resolve));
		clearInterval(drip);
		lives[kind].push(performance.now() - began);
	});
	const times: number[] = [];
	let open = true;
	const asking = (async () => {
		while (open) {
			const started = performance.now();
			assert.equal((await fetch(`${url}/api/v1/stats?type=summary`)).status, 200);
			times.push(performance.now() - started);
		}
	})();
	await Promise.all(ends);
	open = false;
	await asking;
	times.sort((a, b) => a - b);
	const p99 = times[Math.floor(times.length * 0.99)]!;
	t.diagnostic(`${times.length} requests meanwhile: p99 ${p99.toFixed(1)} ms, longest ${times.at(-1)!.toFixed(0)} ms`);
	for (const [kind, list] of Object.entries(lives)) {
		t.diagnostic(`${list.length} that dripped ${kind} were cut within ${(Math.max(...list) / 1000).toFixed(1)} s`);
	}
	assert.ok(p99 < 100, `p99 of ${times.length} requests is ${p99} ms`);
	const longest = Math.max(...lives.headers, ...lives.bodies);
	assert.ok(longest < cutMs, `the last was cut after ${longest} ms`);
});
