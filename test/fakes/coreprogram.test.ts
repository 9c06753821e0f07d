import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import WebSocket from 'ws';
import { proxyTypes } from './home.ts';
import { truthOf } from './truth.ts';

function run(...args: readonly string[]): { child: ChildProcessWithoutNullStreams; line: () => Promise<string> } {
	const child = spawn(process.execPath, ['build/test/fakes/core.program.js', ...args]);
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	return { child, line: async () => String((await lines.next()).value) };
}

test('it says its port, streams, tells its truth on SIGUSR2 and ends on SIGTERM', async (t) => {
	const { child, line } = run('--seed', '4', '--connections', '30', '--growing', '1', '--step', '10', '--secret', 'x');
	t.after(() => child.kill('SIGKILL'));
	const { port } = JSON.parse(await line());
	const socket = new WebSocket(`ws://127.0.0.1:${port}/connections?interval=20`, {
		headers: { authorization: 'Bearer x' },
	});
	t.after(() => socket.terminate());
	const frames: string[] = [];
	await new Promise<void>((resolve) => {
		socket.on('message', (data) => {
			frames.push(String(data));
			if (frames.length === 10) resolve();
		});
	});
	child.kill('SIGUSR2');
	const { runs, listed } = JSON.parse(await line());
	// Those that came later may know more than was told.
	const [found] = truthOf({ frames: frames.slice(0, 10), types: proxyTypes, from: 'zero' });
	assert.equal(runs.length, 1);
	assert.ok(listed >= 30 && runs[0].total.down >= found!.total.down && found!.total.down > 0);
	child.kill('SIGTERM');
	const code = await new Promise((resolve) => child.on('close', resolve));
	assert.equal(code, 0);
});

test('it says why it cannot listen, and which flag is wrong', async () => {
	for (const [args, why] of [
		[['--port', '1', '--host', '192.0.2.1'], /cannot listen: .*EADDRNOTAVAIL/],
		[['--connections', 'many'], /--connections takes a number/],
		[['--dialect', 'basic'], /--dialect is one of mihomo/],
		[['--nothing'], /--nothing/],
	] as const) {
		const { child } = run(...args);
		let errors = '';
		child.stderr.on('data', (data) => {
			errors += data;
		});
		const code = await new Promise((resolve) => child.on('close', resolve));
		assert.equal(code, 1);
		assert.match(errors, why);
	}
});
