import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import WebSocket from 'ws';
import { fingerprint } from './certificate.ts';
import { FakeClock } from './clock.ts';
import { proxyTypes } from './home.ts';
import { ask, bareStream, Listener, listen, started } from './listener.ts';
import { Simulation } from './simulation.ts';
import { truthOf } from './truth.ts';

test('it sends a frame at once and then each interval, as one text ending in a newline', async (t) => {
	const clock = new FakeClock();
	const core = await started(t, { clock, stepMs: 0 });
	const listener = listen(t, core, '');
	await listener.frames(1);
	await clock.advance(999);
	await clock.advance(1);
	await listener.frames(2);
	await clock.advance(2_000);
	await listener.frames(4);
	assert.equal(listener.texts.length, 4);
	assert.ok(listener.texts.every((text) => text.endsWith('}\n') && JSON.parse(text).connections.length >= 20));
});

test('it answers no ping and no close', async (t) => {
	const core = await started(t);
	const listener = listen(t, core);
	await listener.frames(1);
	listener.socket.ping();
	await listener.frames(5);
	assert.equal(listener.pongs, 0);
	// ws hears nothing after it said close; a bare socket does.
	const { socket, heard } = bareStream(t, core, '/connections?interval=20');
	await heard(1);
	socket.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]));
	await heard(100_000);
});

test('it sends one frame for interval 0 or below, and none when it is no integer', async (t) => {
	const clock = new FakeClock();
	let sent = 0;
	const core = await started(t, {
		clock,
		onFrame: () => {
			sent += 1;
		},
	});
	for (const [interval, frames] of [
		['0', 1],
		['-5', 1],
		['abc', 0],
		['1.5', 0],
	] as const) {
		sent = 0;
		const listener = listen(t, core, `?interval=${interval}`);
		await listener.until(() => listener.socket.readyState === WebSocket.OPEN);
		if (frames > 0) await listener.frames(frames);
		await clock.advance(10_000);
		assert.equal(sent, frames, interval);
		assert.equal(listener.code, undefined, interval);
		listener.socket.terminate();
	}
});

test('it asks for the secret in the header or, for a WebSocket, in the token, which decides', async (t) => {
	const core = await started(t, { secret: 's3cret' });
	const header = (authorization: string) => ({ headers: { authorization } });
	assert.deepEqual(await ask(core, '/version'), { status: 401, body: '{"message":"Unauthorized"}\n' });
	assert.equal((await ask(core, '/version', header('bearer s3cret'))).status, 401);
	assert.equal((await ask(core, '/version?token=s3cret')).status, 401);
	assert.equal((await ask(core, '/version', header('Bearer s3cret'))).status, 200);
	for (const [query, authorization, status] of [
		['', 'Bearer s3cret', 101],
		['', 'Bearer wrong', 401],
		['?token=s3cret', '', 101],
		['?token=s3cret', 'Bearer wrong', 101],
		['?token=wrong', 'Bearer s3cret', 401],
		['', '', 401],
	] as const) {
		const listener = listen(t, core, query, authorization ? header(authorization) : {});
		if (status === 101) await listener.frames(1);
		else {
			await listener.closed();
			assert.equal(listener.status, 401);
		}
	}
	assert.equal(core.asked[0]?.authorization, null);
	assert.equal(core.asked.at(-2)?.url, '/connections?token=wrong');
});

test('it answers what a core answers over HTTP', async (t) => {
	const core = await started(t);
	const version = JSON.parse((await ask(core, '/version')).body);
	assert.equal(version.meta, true);
	const { proxies } = JSON.parse((await ask(core, '/proxies')).body);
	assert.equal(proxies.DIRECT.type, 'Direct');
	assert.equal(proxies.DIRECT.id, core.simulation.directId);
	assert.deepEqual(Object.keys(proxies).sort(), Object.keys(proxyTypes).sort());
	assert.ok(JSON.parse((await ask(core, '/configs')).body)['mixed-port'] > 0);
	assert.ok(JSON.parse((await ask(core, '/connections')).body).connections.length >= 20);
	assert.equal((await ask(core, '/nothing')).status, 404);
	assert.equal((await ask(core, '/configs', { method: 'PUT' })).status, 204);
	assert.notEqual(core.simulation.directId, proxies.DIRECT.id);
});

test('it listens on TLS with the test certificate', async (t) => {
	const core = await started(t, { listen: { kind: 'tls' } });
	const shown = await new Promise<string>((resolve, reject) => {
		const options = { host: '127.0.0.1', port: core.port, path: '/version', agent: false, rejectUnauthorized: false };
		const asked = httpsRequest(options, (response) => {
			const socket = response.socket as import('node:tls').TLSSocket;
			resolve(socket.getPeerCertificate().fingerprint256);
			response.resume();
		});
		asked.on('error', reject);
		asked.end();
	});
	assert.equal(shown, fingerprint);
	const listener = new Listener(`wss://127.0.0.1:${core.port}/connections?interval=20`, { rejectUnauthorized: false });
	t.after(() => listener.socket.terminate());
	await listener.frames(2);
});

test('it asks no secret on a unix socket', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const path = join(folder, 'core.sock');
	await started(t, { listen: { kind: 'unix', path }, secret: 's3cret' });
	const listener = new Listener(`ws+unix://${path}:/connections?interval=20`, {
		headers: { authorization: 'Bearer no' },
	});
	t.after(() => listener.socket.terminate());
	await listener.frames(2);
});

test('it says over the wire what its simulation knows', async (t) => {
	const frames: string[] = [];
	const core = await started(t, { stepMs: 0 });
	const listener = listen(t, core, '?interval=5');
	for (let count = 1; count < 30; count += 1) {
		await listener.frames(count);
		core.simulation.step(1000);
	}
	core.simulation.rest();
	await listener.frames(listener.texts.length + 3);
	frames.push(...listener.texts);
	const [found] = truthOf({ frames, types: proxyTypes, from: 'zero' });
	const [run] = core.simulation.truth();
	assert.deepEqual(found!.total, run!.total);
	assert.deepEqual(found!.attributed, { up: run!.shown.up, down: run!.shown.down });
});

test('it ends with a bare FIN when killed, refuses, and comes back on its port as a new run', async (t) => {
	const core = await started(t, { stepMs: 5 });
	const listener = listen(t, core);
	await listener.frames(5);
	const { port } = core;
	await core.kill();
	await listener.closed();
	assert.equal(listener.code, 1006);
	const refused = listen(t, core);
	await refused.closed();
	assert.match(refused.error, /ECONNREFUSED/);
	await core.start();
	assert.equal(core.port, port);
	const again = listen(t, core);
	await again.frames(1);
	const last = JSON.parse(listener.texts.at(-1)!);
	const first = JSON.parse(again.texts[0]!);
	assert.ok(first.downloadTotal < last.downloadTotal);
	assert.equal(core.simulation.truth().length, 2);
});

test('it leaves out ticks for a reader that stalls, and hands it old frames first', async (t) => {
	const clock = new FakeClock();
	let sent = 0;
	const simulation = new Simulation({ seed: 2, connections: 10_000 });
	const core = await started(t, {
		clock,
		simulation,
		onFrame: () => {
			sent += 1;
		},
	});
	const listener = listen(t, core, '?interval=1000');
	await listener.frames(1);
	listener.socket.pause();
	await clock.advance(60_000);
	assert.ok(sent < 10, `${sent} frames of 7 MB went to a socket that nobody reads`);
	const now = simulation.total.down;
	listener.socket.resume();
	await listener.frames(2);
	assert.ok(JSON.parse(listener.texts[1]!).downloadTotal < now);
});

test('it can speak as Clash and as sing-box do', async (t) => {
	const clash = await started(t, { dialect: 'clash' });
	const frame = JSON.parse((await ask(clash, '/connections')).body);
	assert.deepEqual(Object.keys(frame), ['downloadTotal', 'uploadTotal', 'connections']);
	assert.equal(frame.connections[0].metadata.sourceGeoIP, undefined);
	assert.equal(JSON.parse((await ask(clash, '/proxies')).body).proxies.DIRECT.id, undefined);
	const box = await started(t, { dialect: 'sing-box' });
	const sorted = JSON.parse((await ask(box, '/connections')).body);
	assert.deepEqual(Object.keys(sorted), ['connections', 'downloadTotal', 'memory', 'uploadTotal']);
	const keys = Object.keys(sorted.connections[0]);
	assert.deepEqual(keys, [...keys].sort());
});
