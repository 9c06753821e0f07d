import assert from 'node:assert/strict';
import { test } from 'node:test';
import WebSocket from 'ws';
import { FakeClock } from './clock.ts';
import type { Fault } from './fault.ts';
import { ask, bareStream, type Listener, listen, started } from './listener.ts';

/** What a reader finds of each fault of a stream that was healthy for a frame. */
const streamFaults: readonly [Fault, (listener: Listener) => Promise<void>][] = [
	[{ kind: 'garbage', text: '<html>' }, (reader) => reader.until(() => reader.texts.at(-1) === '<html>')],
	[{ kind: 'truncated', share: 0.5 }, (reader) => reader.until(() => !reader.texts.at(-1)?.endsWith('\n'))],
	[{ kind: 'huge', bytes: 30_000_000 }, (reader) => reader.until(() => reader.texts.at(-1)?.length === 30_000_000)],
	[{ kind: 'binary' }, (reader) => reader.until(() => reader.binary.at(-1) === true)],
	[{ kind: 'fragments', count: 10_000 }, (reader) => reader.frames(reader.texts.length + 3)],
	[{ kind: 'pings', count: 100 }, (reader) => reader.until(() => reader.pings >= 300)],
	[{ kind: 'burst', frames: 4 }, (reader) => reader.frames(reader.texts.length + 8)],
	[{ kind: 'close', afterFrames: 1 }, (reader) => reader.until(() => reader.code === 1000)],
	[{ kind: 'fin', afterFrames: 1 }, (reader) => reader.until(() => reader.code === 1006)],
	[{ kind: 'raw', bytes: Buffer.from([0xf1, 0x00]) }, (reader) => reader.until(() => reader.error.includes('RSV'))],
];

for (const [fault, found] of streamFaults) {
	test(`it can be wrong: ${fault.kind}`, { timeout: 20_000 }, async (t) => {
		const core = await started(t);
		const listener = listen(t, core);
		await listener.frames(1);
		core.fault = fault;
		await found(listener);
		core.fault = null;
		const healed = listen(t, core);
		await healed.frames(3);
		assert.ok(JSON.parse(healed.texts[2]!).downloadTotal >= 0);
	});
}

test('it can be wrong: silence, then the same socket goes on', async (t) => {
	const clock = new FakeClock();
	const core = await started(t, { clock });
	const listener = listen(t, core, '');
	await listener.frames(1);
	core.fault = { kind: 'silence' };
	await clock.advance(60_000);
	core.fault = null;
	await clock.advance(1_000);
	await listener.frames(2);
	assert.equal(listener.texts.length, 2);
});

test('it can be wrong: a byte a second', async (t) => {
	const clock = new FakeClock();
	const core = await started(t, { clock, stepMs: 0 });
	core.fault = { kind: 'drip', bytesPerSecond: 1 };
	const listener = listen(t, core);
	await listener.until(() => listener.socket.readyState === WebSocket.OPEN);
	await clock.advance(30_000);
	assert.equal(listener.texts.length, 0);
	core.fault = { kind: 'drip', bytesPerSecond: 1_000_000 };
	const faster = listen(t, core);
	await faster.until(() => faster.socket.readyState === WebSocket.OPEN);
	await clock.advance(40);
	await faster.frames(1);
	assert.ok(faster.texts[0]!.endsWith('}\n'));
});

test('it can be wrong before the stream: another program, a status, an answer that waits, no answer at all', async (t) => {
	const clock = new FakeClock();
	const core = await started(t, { clock });
	core.fault = { kind: 'html' };
	assert.match((await ask(core, '/version')).body, /<html>/);
	const page = listen(t, core);
	await page.closed();
	assert.equal(page.status, 200);
	core.fault = { kind: 'status', status: 502 };
	assert.equal((await ask(core, '/proxies')).status, 502);
	core.fault = { kind: 'banner', text: 'SSH-2.0-OpenSSH_9.6\r\n' };
	await assert.rejects(ask(core, '/version'), /Parse Error/);
	core.fault = { kind: 'slow', ms: 5_000 };
	const waits = ask(core, '/version');
	const asked = core.asked.length;
	while (core.asked.length === asked) await clock.advance(0);
	await clock.advance(5_000);
	assert.equal((await waits).status, 200);
	core.fault = { kind: 'deaf' };
	const connects = core.connects;
	const deaf = listen(t, core);
	while (core.connects === connects) await clock.advance(0);
	await clock.advance(60_000);
	assert.equal(deaf.socket.readyState, WebSocket.CONNECTING);
});

test('it can be wrong in an answer: garbage, too much, too slowly', { timeout: 20_000 }, async (t) => {
	const clock = new FakeClock();
	const core = await started(t, { clock, stepMs: 0 });
	core.fault = { kind: 'answer', body: '{"version":' };
	assert.deepEqual(await ask(core, '/version'), { status: 200, body: '{"version":' });
	core.fault = { kind: 'huge answer', bytes: 20_000_000 };
	assert.equal(JSON.parse((await ask(core, '/proxies')).body).version.length, 20_000_000);
	core.fault = { kind: 'huge answer', bytes: 100, bytesPerSecond: 1 };
	let over = false;
	const slowly = ask(core, '/version').finally(() => {
		over = true;
	});
	const asked = core.asked.length;
	while (core.asked.length === asked) await clock.advance(0);
	await clock.advance(90_000);
	assert.equal(over, false);
	await clock.advance(20_000);
	assert.equal((await slowly).status, 200);
});

test('it pours 300 MB without holding them, and a million fragments', { timeout: 20_000 }, async (t) => {
	const core = await started(t, { stepMs: 0 });
	core.fault = { kind: 'huge', bytes: 300_000_000 };
	const before = process.memoryUsage().rss;
	const { heard } = bareStream(t, core, '/connections');
	await heard(300_000_000);
	assert.ok(process.memoryUsage().rss - before < 250_000_000);
	core.fault = { kind: 'fragments', count: 1_000_000 };
	await heard(2_000_000);
});
