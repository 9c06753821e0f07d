// The built netmon-master as a child process.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { masterFlags, masterMalloc } from '../bench/process.ts';

const program = 'dist/netmon-master.js';
// Not as flags: Node 20 takes an --env-file for its own, wherever it stands.
const env = { ...process.env, NETMON_CONFIG: 'none', NETMON_ENV_FILE: 'none' };
/** Whether there is something to run. */
export const built = () => spawnSync(process.execPath, [program, '--version']).status === 0;

export interface Running {
	readonly url: string;
	readonly child: ChildProcess;
	end(signal: NodeJS.Signals): Promise<number | null>;
}

export async function run(
	t: { after(run: () => unknown): void },
	database: string,
	flags: readonly string[] = [],
): Promise<Running> {
	const args = [...masterFlags, '--', program, '--database', database, '--listen-port', '0', ...flags];
	const child = spawn(process.execPath, args, {
		env: { ...env, ...masterMalloc },
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
	const end = (signal: NodeJS.Signals) => {
		child.kill(signal);
		return ended;
	};
	t.after(() => end('SIGKILL'));
	let said = '';
	const url = await new Promise<string>((resolve, reject) => {
		child.stderr!.on('data', (data: Buffer) => {
			said += data;
			const found = /(http:\/\/127\.0\.0\.1:\d+)/.exec(said);
			if (found) resolve(found[1]!);
		});
		void ended.then(() => reject(new Error(said)));
	});
	return { url, child, end };
}

export function command(database: string, ...words: string[]): Promise<{ code: number; out: string; err: string }> {
	return new Promise((resolve) => {
		const args = [program, '--database', database, ...words];
		execFile(process.execPath, args, { env }, (error, out, err) => {
			resolve({ code: error ? Number(error.code ?? 1) : 0, out: out.trim(), err: err.trim() });
		});
	});
}

export async function post(url: string, body: Uint8Array): Promise<{ netmon?: { acked: number } }> {
	const headers = { 'Content-Type': 'application/json' };
	const answer = await fetch(`${url}/api/v1/sync`, { method: 'POST', headers, body });
	assert.equal(answer.status, 200);
	return (await answer.json()) as never;
}

export async function summary(url: string): Promise<unknown> {
	return ((await (await fetch(`${url}/api/v1/stats?type=summary`)).json()) as { data: unknown }).data;
}
