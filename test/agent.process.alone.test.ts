// The built agent as a process: by when it ends, notices a core that is frozen, and counts on beside a reader that
// stands still. `agent.process.host.test.ts` has what it does at no matter what time.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { aCore, byProcfs, command } from './agentprocess.ts';
import { folderFor, healthIn, Program, start, statusIn } from './fakes/netmon.ts';

const endMs = 3_000;
const startPoints = 50;

test('it ends within 3 s and with 0 at whatever moment of its start SIGTERM comes', async (t) => {
	const core = await aCore(t);
	const folder = folderFor(t);
	// How long a start takes here and now. Half the moments lie before the first line, as far as a busy machine lets
	// them; the other half follows that line, whenever it comes.
	const began = performance.now();
	const first = start(t, command(join(folder, 'first'), core.port, ...byProcfs));
	await first.until(() => first.errors !== '', 'its first line');
	const startMs = performance.now() - began;
	first.kill();
	await first.ended;
	let orderly = 0;
	const one = async (point: number) => {
		const agent = start(t, command(join(folder, String(point)), core.port, ...byProcfs, '--view', 'on'));
		const late = point - startPoints / 2;
		if (late >= 0) await agent.until(() => agent.errors !== '', 'its first line');
		await new Promise((resolve) => setTimeout(resolve, late >= 0 ? late * 8 : (point / startPoints) * 2 * startMs));
		const told = performance.now();
		agent.kill();
		const end = await agent.ended;
		assert.ok(performance.now() - told < endMs, `point ${point} took ${performance.now() - told} ms`);
		// Node itself takes a while before a line of the program runs; a signal then ends it as any other program.
		if (end === 0) orderly += 1;
		else
			assert.ok(
				late < 0 && end === 'SIGTERM' && agent.errors === '',
				`point ${point}: ended with ${end}\n${agent.errors}`,
			);
	};
	// No more at once than there are cores: a start is work, and the 3 s are for one agent.
	for (let point = 0; point < startPoints; point += 2) await Promise.all([one(point), one(point + 1)]);
	assert.ok(orderly >= startPoints / 2, `only ${orderly} of ${startPoints} came after the first lines`);
});

test('it ends within 3 s while a peer hangs', async (t) => {
	const core = await aCore(t);
	core.fault = { kind: 'deaf' };
	const folder = folderFor(t);
	writeFileSync(join(folder, 'password'), 'secret', { mode: 0o600 });
	const luci = ['--luci-url', `http://127.0.0.1:${core.port}`, '--luci-password-file', join(folder, 'password')];
	for (const wan of [byProcfs, ['--wan-source', 'luci', ...luci]]) {
		const agent = start(t, command(folder, core.port, ...wan));
		await agent.until(() => statusIn(folder), 'its status');
		const told = performance.now();
		agent.kill('SIGINT');
		assert.equal(await agent.ended, 0);
		assert.ok(performance.now() - told < endMs);
		assert.equal(statusIn(folder), null);
	}
});

test('it goes on counting while a reader of its output stands still', async (t) => {
	const core = await aCore(t);
	const folder = folderFor(t);
	// Nothing reads these pipes; the log of connections alone would fill them within seconds.
	const noise = [...byProcfs, '--view', 'on', '--log-level', 'debug', '--interval', '100'];
	const [file, ...args] = command(folder, core.port, ...noise);
	const child = spawn(file!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	t.after(() => child.kill('SIGKILL'));
	const ended = new Promise((resolve) => child.once('exit', resolve));
	const agent = new Program(spawn('true'));
	await agent.until(() => (healthIn(folder, 'mihomo')?.successes ?? 0) > 80, '80 frames', 20_000);
	child.kill();
	assert.equal(await ended, 0);
});

test('it notices a frozen core within 6 s and is back 2 s after it thaws', async (t) => {
	const folder = folderFor(t);
	const core = start(t, [process.execPath, 'build/test/fakes/core.program.js', '--connections', '20']);
	await core.until(() => core.lines.length > 0, 'its port');
	const agent = start(t, command(folder, JSON.parse(core.lines[0]!).port, ...byProcfs, '--log-connections', 'off'));
	const up = () => healthIn(folder, 'mihomo')?.state === 'up';
	await agent.until(() => up() && statusIn(folder)?.speeds.core, 'the core');
	core.kill('SIGSTOP');
	await agent.until(() => statusIn(folder)?.speeds.core === null, 'speeds that are unknown', 3_500);
	await agent.until(() => !up(), 'that it is down', 4_000);
	assert.match(agent.errors, /WARN {2}mihomo: down: \S+ sent no frame for [56] s/);
	core.kill('SIGCONT');
	await agent.until(up, 'that it is up again', 2_000);
});
