// The built program as a user starts it: what it prints, what it writes into its state folder, and how it ends.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { HealthRow, Status } from '../../src/sinks/statusfile.ts';

/** `--` keeps Node from taking `--env-file` for its own. */
export const netmon = [process.execPath, '--', 'dist/netmon.js'] as const;

/** Nothing is read from this machine's own configuration. */
export const alone = ['--config', 'none', '--env-file', 'none'] as const;

const longestMs = 15_000;

/** A child process with what it printed. */
export class Program {
	readonly child: ChildProcess;
	out = '';
	errors = '';
	/** Resolves with the exit code, or the signal that ended it. */
	readonly ended: Promise<number | NodeJS.Signals>;

	constructor(child: ChildProcess) {
		this.child = child;
		child.stdout?.on('data', (bytes) => {
			this.out += bytes;
		});
		child.stderr?.on('data', (bytes) => {
			this.errors += bytes;
		});
		this.ended = new Promise((resolve) => {
			child.once('close', (code, signal) => resolve(code ?? signal ?? -1));
		});
	}

	get pid(): number {
		return this.child.pid!;
	}

	/** Whole lines of its standard output. */
	get lines(): string[] {
		return this.out.split('\n').slice(0, -1);
	}

	get running(): boolean {
		return this.child.exitCode === null && this.child.signalCode === null;
	}

	kill(signal: NodeJS.Signals = 'SIGTERM'): void {
		this.child.kill(signal);
	}

	/** Resolves when `fact` holds; fails with all that was printed when it does not. */
	async until(fact: () => unknown, what = fact.toString(), limitMs = longestMs): Promise<void> {
		const end = performance.now() + limitMs;
		while (!fact()) {
			const said = `${this.out}\n${this.errors}`.slice(-3_000);
			assert.ok(performance.now() < end, `not within ${limitMs / 1000} s: ${what}\n${said}`);
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}
}

/** Starts a command that ends with the test at the latest. */
export function start(t: TestContext, [command, ...args]: readonly string[]): Program {
	const program = new Program(spawn(command!, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
	t.after(async () => {
		if (program.running) program.kill('SIGKILL');
		await program.ended;
	});
	return program;
}

/** A folder that goes with the test. */
export function folderFor(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-e2e-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/** What the agent of this state folder last said of itself; null before it did. */
export function statusIn(folder: string): Status | null {
	const path = join(folder, 'status.json');
	return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}

export function healthIn(folder: string, part: string): HealthRow | undefined {
	return statusIn(folder)?.health.find((row) => row.part === part);
}

/** Open files and sockets of a process. */
export function descriptorsOf(pid: number): number {
	return readdirSync(`/proc/${pid}/fd`).length;
}
