// The built agent as a process: what it does when the reader of its output, its folder or its core goes away, and that
// nothing leaks meanwhile.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { aCore, byProcfs, command } from './agentprocess.ts';
import { FakeCore } from './fakes/core.ts';
import { fixedPort } from './fakes/killing.ts';
import { alone, descriptorsOf, folderFor, healthIn, netmon, start, statusIn } from './fakes/netmon.ts';
import { Simulation } from './fakes/simulation.ts';

const restarts = 20;

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

test(`it has the sums to the byte after ${restarts} deaths of the core, and leaks nothing`, async (t) => {
	let sent = 0;
	const simulation = new Simulation({ seed: 7, connections: 40, growing: 1, shorts: 5, startWall: Date.now() });
	const onFrame = () => {
		sent += 1;
	};
	const core = new FakeCore({ simulation, stepMs: 20, onFrame, listen: { kind: 'tcp', port: fixedPort() } });
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
