// Slow peers by the thousand: each is cut off, and a normal request does not notice.
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { startMaster } from '../fakes/master.ts';

const peers = Number(process.env.NETMON_SOAK_SLOW_PEERS ?? 1_000);
const cutMs = 12_000;

test(`it cuts off ${peers} peers that drip headers or bodies, and answers others meanwhile`, async (t) => {
	const { url } = await startMaster(t);
	const port = Number(new URL(url).port);
	const sockets: Socket[] = [];
	t.after(() => {
		for (const socket of sockets) socket.destroy();
	});
	const began = performance.now();
	const ends = Array.from({ length: peers }, async (_, at) => {
		const socket = connect(port, '127.0.0.1');
		sockets.push(socket);
		socket.on('error', () => {});
		socket.write(
			at % 2 === 0
				? 'GET /api/v1/health HTTP/1.1\r\nHost: x\r\nX-'
				: 'POST /api/v1/sync HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{',
		);
		const drip = setInterval(() => socket.write('a'), 1_000);
		await new Promise((resolve) => socket.once('close', resolve));
		clearInterval(drip);
		return performance.now() - began;
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
	const cut = await Promise.all(ends);
	open = false;
	await asking;
	times.sort((a, b) => a - b);
	assert.ok(times[Math.floor(times.length * 0.99)]! < 100, `p99 of ${times.length} requests`);
	assert.ok(Math.max(...cut) < cutMs, `the last was cut after ${Math.max(...cut)} ms`);
});
