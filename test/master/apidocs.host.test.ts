// docs/api.md as a test: each command runs, and answers what stands below it.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { FakeClock } from '../fakes/clock.ts';
import { startMaster } from '../fakes/master.ts';

const examples = [
	...readFileSync('docs/api.md', 'utf8').matchAll(
		/<!-- example -->\n```sh\n([\s\S]*?)```\n```(json|csv)\n([\s\S]*?)```/g,
	),
].map(([, command, kind, answer]) => ({ command: command!, kind: kind!, answer: answer! }));

test('it answers every example of docs/api.md as the page says', async (t) => {
	if (spawnSync('curl', ['--version']).status !== 0) return t.skip('no curl: the examples are its commands');
	assert.ok(examples.length >= 10);
	const { url } = await startMaster(t, { clock: new FakeClock(Date.UTC(2026, 0, 5, 12)) });
	for (const { command, kind, answer } of examples) {
		const here = command.replaceAll('http://127.0.0.1:9091', url);
		const { stdout } = await promisify(execFile)('sh', ['-c', here]);
		if (kind === 'json') assert.deepEqual(JSON.parse(stdout), JSON.parse(answer), command);
		else assert.equal(stdout.replaceAll('\r', ''), answer, command);
	}
});
