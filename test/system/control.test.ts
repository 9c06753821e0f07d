import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/system/clock.ts';
import { ask, type Control, type ControlHandler, type ControlRefusal, listen } from '../../src/system/control.ts';
import type { Log } from '../../src/system/log.ts';
import { FakeClock } from '../fakes/clock.ts';

const silent: Log = { error() {}, warn() {}, info() {}, debug() {}, debugs: false };

function socketPath(t: { after(run: () => void): void }): string {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-control-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return join(folder, 'control.sock');
}

const start = (path: string, handlers: Record<string, ControlHandler> = {}, clock = systemClock) =>
	listen({ path, handlers, clock, log: silent });

function owner(answer: Control | ControlRefusal): Control {
	if ('error' in answer) assert.fail(answer.error);
	return answer;
}

/** Sends bytes as they are; answers what came back. */
function raw(path: string, ...pieces: (string | Buffer)[]): Promise<string> {
	return new Promise((resolve, reject) => {
		const socket = createConnection(path, () => {
			for (const piece of pieces) socket.write(piece);
		});
		let text = '';
		socket.on('data', (piece) => {
			text += piece;
		});
		socket.on('close', () => resolve(text));
		socket.on('error', (error: NodeJS.ErrnoException) =>
			error.code === 'EPIPE' || error.code === 'ECONNRESET' ? resolve(text) : reject(error),
		);
	});
}

/** A socket whose owner was killed. */
async function leaveStale(path: string): Promise<void> {
	const listening = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
	const owner = spawn(process.execPath, ['-e', listening]);
	await new Promise((resolve) => owner.stdout.once('data', resolve));
	owner.kill('SIGKILL');
	await new Promise((resolve) => owner.once('exit', resolve));
}

test('it answers what it is asked, and says what it can be asked', async (t) => {
	const path = socketPath(t);
	const control = owner(
		await start(path, {
			twice: ({ number }) => Number(number) * 2,
			later: async () => ({ deep: [1, { two: 'drei \u{1f310}' }] }),
			nothing: () => undefined,
			fails: () => {
				throw new Error('the disk is full');
			},
		}),
	);
	assert.equal(statSync(path).mode & 0o777, 0o600);
	assert.deepEqual(await ask(path, { ask: 'twice', number: 21 }), { value: 42 });
	assert.deepEqual(await ask(path, { ask: 'later' }), { value: { deep: [1, { two: 'drei \u{1f310}' }] } });
	assert.deepEqual(await ask(path, { ask: 'nothing' }), { value: null });
	assert.deepEqual(await ask(path, { ask: 'pid' }), { value: process.pid });
	assert.deepEqual(await ask(path, { ask: 'fails' }), { error: 'the disk is full', absent: false });
	for (const name of ['what', '__proto__', 'toString', 7]) {
		const error = 'no such request; there are: fails, later, nothing, pid, twice';
		assert.deepEqual(await ask(path, { ask: name }), { error, absent: false });
	}
	const many = await Promise.all(Array.from({ length: 10 }, (_, number) => ask(path, { ask: 'twice', number })));
	assert.deepEqual(
		many,
		Array.from({ length: 10 }, (_, number) => ({ value: number * 2 })),
	);
	await control.stop();
	await control.stop();
	assert.equal(existsSync(path), false);
	assert.deepEqual(await ask(path, { ask: 'pid' }), { error: `nobody listens on ${path}`, absent: true });
});

test('it takes any bytes, answers an error, and goes on', async (t) => {
	const path = socketPath(t);
	const control = owner(await start(path, { echo: (request) => request }));
	for (const bad of ['\n', 'null\n', '[]\n', '{"ask":\n', `${'['.repeat(60_000)}\n`, Buffer.from([255, 254, 10])]) {
		assert.match(await raw(path, bad), /^\{"error":"a request is one JSON object"\}\n$/);
	}
	const long = await raw(path, `{"ask":"${'x'.repeat(70_000)}"}\n`);
	assert.match(long, /^\{"error":"a request is one line of JSON, at most 65536 bytes"\}\n$/);
	assert.equal(await raw(path, '{"ask":', '"pid"}', '\n{"ask":"pid"}\n'), `{"value":${process.pid}}\n`);
	assert.deepEqual(await ask(path, { ask: 'echo', x: '\n' }), { value: { ask: 'echo', x: '\n' } });
	await control.stop();
});

test('it refuses an answer that is too large', async (t) => {
	const path = socketPath(t);
	const control = owner(await start(path, { large: () => 'x'.repeat(9_000_000), fits: () => 'x'.repeat(8_000_000) }));
	assert.deepEqual(await ask(path, { ask: 'large' }), { error: 'the answer is too large', absent: false });
	const answer = await ask(path, { ask: 'fits' });
	assert.ok('value' in answer && String(answer.value).length === 8_000_000);
	await control.stop();
});

test('it hangs up on who does not ask within 10 s, and stops while somebody is connected', async (t) => {
	const path = socketPath(t);
	const clock = new FakeClock();
	const control = owner(await start(path, {}, clock));
	const slow = raw(path, '{"ask"');
	while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
	await clock.advance(10_000);
	assert.equal(await slow, '');
	const connected = raw(path, '{');
	while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
	await control.stop();
	assert.equal(await connected, '');
	assert.equal(clock.pending, 0);
});

test('it gives up on an owner that is silent', async (t) => {
	const path = socketPath(t);
	const frozen = createServer(() => {});
	await new Promise<void>((resolve) => frozen.listen(path, resolve));
	const clock = new FakeClock();
	const asked = ask(path, { ask: 'pid' }, { clock, timeoutMs: 3_000 });
	await clock.advance(3_000);
	assert.deepEqual(await asked, { error: 'no answer within 3 s', absent: false });
	const started = start(path, {}, clock);
	while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
	await clock.advance(2_000);
	assert.deepEqual(await started, { error: `another program holds ${path}: no answer within 2 s`, pid: null });
	frozen.close();
});

test('it says who owns the folder, and replaces what a dead owner has left', async (t) => {
	const path = socketPath(t);
	const first = owner(await start(path));
	const second = await start(path);
	assert.ok('error' in second);
	assert.equal(second.pid, process.pid);
	assert.match(second.error, new RegExp(`another netmon \\(process ${process.pid}\\) works in .*: stop it first`));
	await first.stop();

	await leaveStale(path);
	assert.ok(existsSync(path));
	const next = owner(await start(path));
	assert.deepEqual(await ask(path, { ask: 'pid' }), { value: process.pid });
	await next.stop();
});

test('it lets one of two win that start at once', async (t) => {
	const path = socketPath(t);
	for (const stale of [false, true]) {
		if (stale) await leaveStale(path);
		const both = await Promise.all([start(path), start(path), start(path)]);
		t.after(() => Promise.all(both.map((one) => 'stop' in one && one.stop())));
		assert.equal(both.filter((one) => 'stop' in one).length, 1);
		assert.deepEqual(await ask(path, { ask: 'pid' }), { value: process.pid });
		for (const one of both) if ('stop' in one) await one.stop();
	}
});

test('it removes nothing that is no socket, and tells what is in the way', async (t) => {
	const path = socketPath(t);
	writeFileSync(path, 'precious');
	assert.deepEqual(await start(path), { error: `${path} is in the way and is no socket: remove it`, pid: null });
	assert.ok(existsSync(path));
	rmSync(path);
	symlinkSync('/nowhere', path);
	const linked = await start(path);
	assert.ok('error' in linked && /no socket/.test(linked.error), JSON.stringify(linked));
	const missing = await start(join(path, '../none/control.sock'));
	assert.ok('error' in missing && /cannot make the control socket in .*none/.test(missing.error));
	const long = await start(`/${'x'.repeat(107)}`);
	assert.ok('error' in long && /longer than 107 bytes/.test(long.error));
});
