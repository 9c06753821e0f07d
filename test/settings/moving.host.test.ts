// The commands of docs/moving.md, given to a shell with the built program, each in a network namespace of its own.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { until } from '../fakes/until.ts';
import { blocks } from './movingpage.ts';

const unshare = ['--user', '--map-root-user', '--net'];
const able = spawnSync('unshare', [...unshare, 'true']).status === 0;

/** What each command must say of itself, in the order of the page. */
const cores = [
	...Array(4).fill('ws://192.168.1.1:9090'),
	...Array(2).fill('ws://127.0.0.1:9090'),
	'ws://127.0.0.1:9097',
];

interface Status {
	readonly core: { readonly url: string };
}

for (const [index, script] of blocks('sh').entries()) {
	test(`it runs: ${script.replace(/\s+/g, ' ')}`, async (t) => {
		if (!able) return t.skip('no unshare: for running the commands away from the real network');
		const folder = mkdtempSync(join(tmpdir(), 'netmon-'));
		t.after(() => rmSync(folder, { recursive: true }));
		const stub = `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/netmon.js')}' "$@"\n`;
		writeFileSync(join(folder, 'netmon'), stub, { mode: 0o755 });
		if (script === 'netmon\n') writeFileSync(join(folder, '.env'), blocks('dotenv')[0]!);
		const env = { PATH: `${folder}:${process.env.PATH}` };
		const child = spawn('unshare', [...unshare, 'sh', '-c', script], { cwd: folder, env, detached: true });
		const closed = once(child, 'close');
		let open = true;
		closed.then(() => {
			open = false;
		});
		t.after(() => open && process.kill(-child.pid!, 'SIGKILL'));
		let said = '';
		for (const stream of [child.stdout, child.stderr]) {
			stream.on('data', (chunk) => {
				said += chunk;
			});
		}
		await until(() => !open || (said.includes('mihomo: down') && said.includes('status: up')), 'it runs');
		assert.ok(open, said);
		const status: Status = JSON.parse(readFileSync(join(folder, 'netmon-state/status.json'), 'utf8'));
		process.kill(-child.pid!, 'SIGTERM');
		await closed;
		assert.ok(said.includes('agent: stopped'), said);
		assert.equal(status.core.url, cores[index]);
		assert.doesNotMatch(said, /secret\b(?! of --)|pa\$\$word/);
	});
}
