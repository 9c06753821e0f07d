// `ip -6 neigh show` as a child process: no shell, a time limit, a bounded output. The kernel tells IPv6 neighbours by
// netlink alone, which Node does not speak.
import { type ChildProcess, type ExecFileException, execFile } from 'node:child_process';
import type { Neighbour } from './arptable.ts';
import { parseIpNeighbours } from './ipneighbours.ts';

const timeoutMs = 5_000;
/** 10,000 neighbours; the kernel keeps 1,024. */
const outputBytesMost = 1 << 20;

export class IpCommand {
	readonly #command: string;
	#child: ChildProcess | null = null;
	#problem: string | null = null;
	#absent = false;

	constructor(command: string) {
		this.#command = command;
	}

	/** There is no such command, or this user may not run it: asking again is no use. */
	get isAbsent(): boolean {
		return this.#absent;
	}

	/** A sentence about the last try; null: nothing is wrong. */
	get problem(): string | null {
		return this.#problem;
	}

	/** The IPv6 neighbours; null: see `problem`. Never rejects. One at a time. */
	neighbours(): Promise<Neighbour[] | null> {
		return new Promise((resolve) => {
			const limits = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: outputBytesMost } as const;
			const env = { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
			const end = (error: ExecFileException | null, stdout: string) => {
				this.#child = null;
				this.#problem = error && this.#sentence(error);
				resolve(error ? null : parseIpNeighbours(stdout));
			};
			try {
				this.#child = execFile(this.#command, ['-6', 'neigh', 'show'], { ...limits, env }, end);
			} catch (error) {
				// Where there is no memory for a process, Node throws instead of calling back.
				end(error as ExecFileException, '');
			}
		});
	}

	kill(): void {
		this.#child?.kill('SIGKILL');
	}

	#sentence({ code, killed }: ExecFileException): string {
		this.#absent = code === 'ENOENT' || code === 'EACCES' || code === 'EPERM';
		const tooMuch = killed || code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
		const why = this.#absent
			? `cannot be run (${code})`
			: tooMuch
				? 'took too long or said too much'
				: `failed (${code})`;
		return `${this.#command} -6 neigh show ${why}: IPv6 addresses that DHCP did not give stay without a device`;
	}
}
