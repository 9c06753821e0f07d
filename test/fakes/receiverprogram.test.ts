import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { systemClock } from '../../src/system/clock.ts';
import { request } from '../../src/system/http.ts';
import { example } from './syncpage.ts';

async function lineOf(child: ChildProcess): Promise<{ port: number; sums: object }> {
	for await (const line of createInterface({ input: child.stdout! })) return JSON.parse(line);
	throw new Error('it said nothing');
}

test('it still has after a kill what it acknowledged', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-receiver-'));
	const children: ChildProcess[] = [];
	const start = () => {
		const program = ['build/test/fakes/receiver.program.js', '--file', join(folder, 'state')];
		const child = spawn(process.execPath, program, { stdio: 'pipe' });
		children.push(child);
		return child;
	};
	const sync = async (port: number) => {
		const body = example('batch').replace('"after": 41', '"after": 0');
		const url = new URL(`http://127.0.0.1:${port}/api/v1/sync`);
		return request({ clock: systemClock, url, method: 'POST', body, timeoutMs: 5_000 });
	};
	try {
		const first = start();
		const answer = await sync((await lineOf(first)).port);
		assert.equal(answer.status, 200, answer.body.toString());
		first.kill('SIGKILL');
		await once(first, 'exit');
		const second = start();
		const { port } = await lineOf(second);
		await sync(port);
		second.kill('SIGUSR2');
		const { sums } = await lineOf(second);
		second.kill('SIGTERM');
		assert.equal((await once(second, 'exit'))[0], 0);
		assert.deepEqual(Object.keys(sums), ['attic-9f3c']);
		assert.deepEqual(Object.values(sums)[0].unattributed, { up: -120, down: 4096 });
	} finally {
		for (const child of children) child.kill('SIGKILL');
		rmSync(folder, { recursive: true });
	}
});
