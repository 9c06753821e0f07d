// status.json: what `netmon status` and the router's pages read, once a second, by rename, so that a reader never
// sees half of it. The folder is tmpfs on a router; nothing here waits for a disk.
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Bytes, Speeds, Totals } from '../record.ts';

/** status.json: what is unknown is null, never 0. Later parts add keys and rename none. */
export interface Status {
	readonly version: string;
	readonly agent_id: string;
	/** ISO 8601 UTC. */
	readonly started: string;
	readonly updated: string;
	readonly core: {
		/** Without the secret. */
		readonly url: string;
		readonly connected: boolean;
		readonly version: string | null;
		readonly connections: number | null;
		readonly runs: number;
		readonly interval_ms: number;
	};
	/** Bytes per second. */
	readonly speeds: Speeds;
	/** Bytes since this agent started. */
	readonly totals: Totals & { readonly local: Bytes | null };
	/** Of the router's day, as far as it is sealed: a minute ago, mostly. By class, bytes; without bytes it is not there. */
	readonly today: { readonly day: string; readonly classes: Readonly<Record<string, Bytes>> };
	readonly wan: {
		readonly source: string | null;
		readonly devices: readonly string[];
		readonly why: string;
		/** What the source says of itself: flow offload, the session, missing rights. */
		readonly notes: readonly string[];
	};
	readonly udp: { readonly clients: number; readonly frames: number; readonly refused: number } | null;
	/** null: there is no file. */
	readonly queue: QueuePart | null;
	/** null: no master is set. */
	readonly sync: SyncPart | null;
	readonly health: readonly HealthRow[];
	readonly process: {
		readonly pid: number;
		/** Bytes. */
		readonly rss: number;
		readonly heap: number;
		readonly cpu_seconds: number;
		readonly node: string;
	};
}

/** Bytes of traffic: sealed = acknowledged + queued + dropped, in each kind and at every moment. */
export interface QueuePart {
	readonly usage: QueueSums;
	readonly unattributed: QueueSums;
	readonly wan: QueueSums;
	readonly overhead: QueueSums;
	readonly bypass: QueueSums;
	readonly rows: number;
	readonly file_bytes: number;
	/** What would be gone if the power went away now. */
	readonly power_cut_costs_seconds: number;
}

export type QueueSums = Readonly<Record<'sealed' | 'acknowledged' | 'queued' | 'dropped', Bytes>>;

export interface SyncPart {
	readonly state: string;
	/** ISO 8601 UTC; null = not in this life. */
	readonly last_success: string | null;
	readonly backlog_seconds: number;
	readonly bytes_sent: number;
	/** null = not known yet. */
	readonly master: 'netmon' | 'old' | null;
	/** Rows that the master refused. */
	readonly set_aside: number;
}

/** One part of the program, as engine/health.ts reports it. */
export interface HealthRow {
	readonly part: string;
	readonly state: string;
	readonly since: string;
	readonly attempts: number;
	readonly successes: number;
	readonly failures: number;
	readonly failures_in_a_row: number;
	readonly uptime_percent: number;
	readonly last_error: string | null;
}

export class StatusFile {
	readonly #path: string;
	readonly #temp: string;

	/** The folder is made, 0700, when it is not there. */
	constructor(path: string) {
		this.#path = path;
		this.#temp = `${path}.${process.pid}.tmp`;
	}

	/** Throws what the file system says (ENOSPC, EROFS, EACCES): a health fact for the caller, no reason to stop. */
	write(status: Status): void {
		const text = `${JSON.stringify(status)}\n`;
		try {
			writeFileSync(this.#temp, text, { mode: 0o600 });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
			mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
			chmodSync(dirname(this.#path), 0o700);
			writeFileSync(this.#temp, text, { mode: 0o600 });
		}
		renameSync(this.#temp, this.#path);
	}

	/** Nothing runs any more: a file that stayed would be believed. What cannot be removed stays, and grows old. */
	remove(): void {
		for (const path of [this.#temp, this.#path]) {
			try {
				rmSync(path, { force: true });
			} catch {}
		}
	}
}
