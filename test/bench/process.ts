// A child process under measurement: its CPU time and its own memory, from /proc.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** The flags that the OpenWrt package starts node with. */
export const routerFlags = [
	'--max-semi-space-size=1',
	'--v8-pool-size=0',
	'--liftoff-only',
	'--heap-growing-percent=15',
];

/** Those that the master's file starts node with (build.mjs). */
export const masterFlags = ['--max-semi-space-size=2', '--heap-growing-percent=15', '--v8-pool-size=1'];

/**
 * glibc keeps a freed frame of some MB for itself once it has seen such sizes; musl, which OpenWrt has, gives it back
 * at once. These make glibc do the same, so that what is measured is what a router sees.
 */
export const muslMalloc = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_ARENA_MAX: '1' };

/** How the master's file and image set glibc's malloc: from 32 kB on, which is what V8's compiler takes, it goes back. */
export const masterMalloc = {
	MALLOC_ARENA_MAX: '1',
	MALLOC_MMAP_THRESHOLD_: '32768',
	MALLOC_TRIM_THRESHOLD_: '131072',
};

export interface Usage {
	/** User + system, ms. */
	readonly cpuMs: number;
	/** Own (RssAnon) and all resident memory, bytes. */
	readonly anonBytes: number;
	readonly residentBytes: number;
}

/** CPU time from the scheduler's own account of every thread (ns; proc(5)'s stat counts in 10 ms). */
function cpuMs(pid: number): number {
	const folder = `/proc/${pid}/task`;
	const ns = readdirSync(folder).map((task) =>
		Number(readFileSync(`${folder}/${task}/schedstat`, 'utf8').split(' ')[0]),
	);
	return ns.reduce((sum, one) => sum + one, 0) / 1e6;
}

export function usageOf(child: ChildProcess): Usage {
	const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
	const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
	return { cpuMs: cpuMs(child.pid!), anonBytes: bytes('RssAnon'), residentBytes: bytes('VmRSS') };
}

/** Starts `node FLAGS file ...args`; resolves with the child when its stdout brought a first line, and that line. */
export function startNode(
	file: string,
	args: readonly string[],
	flags: readonly string[] = [],
	env: Readonly<Record<string, string>> = {},
): Promise<[ChildProcess, string]> {
	const child = spawn(process.execPath, [...flags, '--', file, ...args], {
		stdio: ['ignore', 'pipe', 'inherit'],
		env: { ...process.env, ...env },
	});
	return new Promise((resolve, reject) => {
		child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
		createInterface({ input: child.stdout! }).once('line', (line) => resolve([child, line]));
	});
}

/** The same, for a program that says nothing: ready when it has made `sign`, a file. */
export async function startQuietNode(
	file: string,
	args: readonly string[],
	{ flags, sign }: { readonly flags: readonly string[]; readonly sign: string },
): Promise<ChildProcess> {
	const child = spawn(process.execPath, [...flags, '--', file, ...args], {
		stdio: ['ignore', 'ignore', 'inherit'],
		env: { ...process.env, ...muslMalloc },
	});
	while (!existsSync(sign)) {
		if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}`);
		await wait(20);
	}
	return child;
}

/** SIGTERM, then waits for the end. */
export function stop(child: ChildProcess): Promise<void> {
	return new Promise((resolve) => {
		if (child.exitCode !== null || child.signalCode !== null) return resolve();
		child.once('exit', () => resolve());
		child.kill();
	});
}

export function wait(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
