// `make run` and `make demo` as a newcomer types them, in a copy of the sources: they show speeds, and end with all
// that they started.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { folderFor, Program } from './fakes/netmon.ts';
import { until } from './fakes/until.ts';

/** Made by make or by git: nothing of it belongs to the sources. */
const made = ['.git', 'build', 'dist', 'node_modules'];
const endMs = 3_000;
const noMake = spawnSync('make', ['--version']).error ? 'no make: nobody can type it' : false;

function checkout(t: TestContext): string {
	const folder = folderFor(t);
	for (const name of readdirSync('.')) {
		if (!made.includes(name)) cpSync(name, join(folder, name), { recursive: true, preserveTimestamps: true });
	}
	symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
	return folder;
}

/** Started as a shell starts it: a process group of its own, which ^C reaches as a whole. */
function make(t: TestContext, cwd: string, ...args: string[]): Program {
	// What is installed is taken as it is: -o.
	const child = spawn('make', ['-o', 'node_modules', `NODE=${process.execPath}`, ...args], {
		cwd,
		stdio: ['ignore', 'pipe', 'pipe'],
		detached: true,
		// Not as a part of the make that runs the tests.
		env: { ...process.env, MAKEFLAGS: '', MAKELEVEL: '' },
	});
	t.after(() => {
		if (groupLives(child.pid!)) process.kill(-child.pid!, 'SIGKILL');
	});
	return new Program(child);
}

function groupLives(pid: number): boolean {
	try {
		process.kill(-pid, 0);
		return true;
	} catch {
		return false;
	}
}

/** The `curl` that it prints shows what flowed, in 24 hours of a class each. */
async function dayIsTold(demo: Program): Promise<void> {
	const question = /^A day of figures: curl -s '(\S+)'$/m.exec(demo.lines.join('\n'))?.[1];
	assert.ok(question, 'a question is printed');
	await until(async () => {
		const { data } = (await (await fetch(question)).json()) as { data: { points: { value: number }[] }[] };
		return data.some(({ points }) => points.length === 24 && points.some(({ value }) => value > 0));
	}, 'a day of figures');
}

test('it runs and demonstrates itself by make, and ends on ^C and on SIGTERM', { skip: noMake }, async (t) => {
	const cwd = checkout(t);
	const run = 'ARGS=--config none --env-file none --listen-port 0 --wan-device lo';
	for (const [target, args, shows] of [
		['run', [run], / WAN ↑ [\d.]+ [kMG]?B\/s ↓ [\d.]+ [kMG]?B\/s$/],
		[
			'demo',
			['ARGS=--listen-port 0'],
			/ direct ↑ [\d.]+ [kMG]?B\/s .* bypass ↑ [\d.]+ [kMG]?B\/s .* WAN ↑ [\d.]+ [kMG]?B\/s/,
		],
	] as const)
		for (const how of ['SIGINT', 'SIGTERM'] as const) {
			// The second time what the first has built is taken as it is.
			const built = how === 'SIGINT' ? [] : ['-o', 'build', '-o', 'build-test'];
			const program = make(t, cwd, ...built, target, ...args);
			await program.until(
				() => program.lines.filter((line) => shows.test(line)).length >= 2,
				`speeds by make ${target}`,
				60_000,
			);
			if (target === 'demo' && how === 'SIGINT') await dayIsTold(program);
			const told = performance.now();
			if (how === 'SIGINT') process.kill(-program.pid, how);
			else program.kill(how);
			await program.ended;
			await program.until(() => !groupLives(program.pid), `the end of all that make ${target} started`, endMs);
			assert.ok(
				performance.now() - told < endMs,
				`make ${target} took ${performance.now() - told} ms to end on ${how}`,
			);
			assert.doesNotMatch(program.errors, /\n\s+at /, 'a stack was printed');
		}
});
