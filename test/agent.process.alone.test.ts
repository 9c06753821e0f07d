// The built agent as a process: how it ends, what it does when its output, its folder or its core goes away, and that
// nothing leaks meanwhile.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeCore } from './fakes/core.ts';
import { alone, descriptorsOf, folderFor, healthIn, netmon, Program, start, statusIn } from './fakes/netmon.ts';
import { Simulation } from './fakes/simulation.ts';

const endMs = 3_000;
const startPoints = 50;
const restarts = 20;

async function aCore(t: TestContext, options: { readonly stepMs?: number } = {}): Promise<FakeCore> {
	const simulation = new Simulation({ seed: 3, connections: 50, growing: 1, shorts: 5, startWall: Date.now() });
	const core = new FakeCore({ simulation, ...options });
	await core.start();
	t.after(() => core.stop());
	return core;
}

const byProcfs = ['--wan-source', 'procfs', '--wan-device', 'lo'];

function command(folder: string, port: number, ...more: string[]): string[] {
	const peers = ['--clash-url', `http://127.0.0.1:${port}`, '--listen-port', '0'];
	return [...netmon, 'agent', ...alone, '--state-dir', folder, ...peers, ...more];
}

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

test('it goes on when the reader of its output goes, of both outputs too, or there is none', async (t) => {
	const core = await aCore(t);
	const folder = folderFor(t);
	const shell = (script: string) =>
		start(t, [
			'sh',
			'-c',
			script,
			'sh',
			...command(folder, core.port, ...byProcfs, '--view', 'on', '--log-level', 'debug'),
		]);
	for (const [script, what] of [
		['"$@" 2>/dev/null | head -n 1', 'stdout to head'],
		['"$@" 2>&1 | head -n 1', 'both to head'],
		['exec "$@" >&- 2>&-', 'both closed'],
	] as const) {
		const agent = shell(script);
		await agent.until(() => statusIn(folder), `${what}: its status`);
		const { pid } = statusIn(folder)!.process;
		const before = statusIn(folder)!.updated;
		await agent.until(
			() => (statusIn(folder)?.updated ?? before) > before && healthIn(folder, 'mihomo')!.successes > 3,
			what,
		);
		process.kill(pid, 'SIGTERM');
		await agent.until(() => statusIn(folder) === null, `${what}: its end`);
		await agent.ended;
	}
});

test('it prints no stack when the reader of a short command goes', async (t) => {
	const folder = folderFor(t);
	const doctor = [
		'doctor',
		...alone,
		'--state-dir',
		folder,
		'--wan-source',
		'none',
		'--clash-url',
		'http://127.0.0.1:9',
	];
	for (const [args, code] of [
		[['--help'], 0],
		[['--version'], 0],
		[doctor, 1],
	] as const) {
		const script = '{ "$@" 3>&-; echo "code $?" >&3; } 3>&2 | true';
		const program = start(t, ['sh', '-c', script, 'sh', ...netmon, ...args]);
		await program.ended;
		assert.equal(program.errors, `code ${code}\n`, args[0]);
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

test('it goes on, and says so, when its folder cannot be written', async (t) => {
	const core = await aCore(t);
	const folder = folderFor(t);
	writeFileSync(join(folder, 'file'), '');
	mkdirSync(join(folder, 'ro'));
	const readOnly = ['unshare', '-m', 'sh', '-c', `mount -t tmpfs -o ro none ${folder}/ro && exec "$@"`, 'sh'];
	const cases: [string, string[], string][] = [['ENOTDIR', [], join(folder, 'file', 'state')]];
	if (spawnSync('unshare', ['-m', 'true']).status === 0) cases.push(['EROFS', readOnly, join(folder, 'ro')]);
	for (const [code, around, place] of cases) {
		const agent = start(t, [
			...around,
			...command(place, core.port, ...byProcfs, '--view', 'on', '--log-connections', 'off'),
		]);
		await agent.until(() => agent.errors.includes(code), `a line with ${code}`);
		await agent.until(() => agent.lines.length > 3, 'speeds');
		assert.equal(agent.errors.match(/WARN {2}status/g)?.length, 1, agent.errors);
		agent.kill();
		assert.equal(await agent.ended, 0, agent.errors);
	}
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

test(`it has the sums to the byte after ${restarts} deaths of the core, and leaks nothing`, async (t) => {
	let sent = 0;
	const simulation = new Simulation({ seed: 7, connections: 40, growing: 1, shorts: 5, startWall: Date.now() });
	const onFrame = () => {
		sent += 1;
	};
	const core = new FakeCore({ simulation, stepMs: 20, onFrame });
	// What a baseline taken under flow misses is another test's business.
	for (let step = 0; step < 10; step += 1) simulation.step(100);
	simulation.rest();
	const base = simulation.total;
	await core.start();
	t.after(() => core.stop());
	const folder = folderFor(t);
	const quick = ['--interval', '100', '--retry-mihomo', '0:50:200', '--log-connections', 'off'];
	const agent = start(t, command(folder, core.port, ...byProcfs, ...quick));
	const frames = async (count: number) => {
		const before = sent;
		await agent.until(() => sent >= before + count, `${count} frames`);
	};
	const told = async (run: number) => {
		const began = Date.now();
		await agent.until(() => Date.parse(statusIn(folder)?.updated ?? '') > began && statusIn(folder)?.core.runs === run);
		return statusIn(folder)!;
	};
	const expected = { up: -base.up, down: -base.down };
	const descriptors: number[] = [];
	for (let run = 1; run <= restarts + 1; run += 1) {
		await frames(3);
		simulation.resume();
		await frames(3);
		simulation.rest();
		// So many that some come one by one, however busy this machine is.
		await frames(8);
		const { total } = simulation;
		expected.up += total.up;
		expected.down += total.down;
		descriptors.push(descriptorsOf(agent.pid));
		if (run > restarts) break;
		await core.kill();
		await core.start();
	}
	const { totals } = await told(restarts + 1);
	assert.deepEqual(totals.core, expected);
	for (const way of ['up', 'down'] as const)
		assert.equal(totals.attributed![way] + totals.unattributed![way], expected[way]);
	assert.ok(Math.max(...descriptors.slice(3)) <= Math.max(...descriptors.slice(0, 3)) + 1, descriptors.join(' '));
	agent.kill();
	assert.equal(await agent.ended, 0);
});
