// What the router's LuCI shows beside the status: files next to it, written only while somebody looks, each by rename.
// The plugin touches a file when it is asked; its time says when somebody last looked.
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../system/clock.ts';

export interface PagesOptions {
	/** Of the status file. */
	readonly folder: string;
	/** null: nobody can look. */
	readonly lookedFile: string | null;
	readonly clock: Clock;
}

/** A page that is open asks each few seconds. */
const lookMs = 60_000;
/** History grows each minute, the devices' table each 30 s: no need to write some 100 kB each second. */
const rewriteMs = 5_000;

export class Pages {
	readonly #options: PagesOptions;
	readonly #written = new Set<string>();
	#writtenAt = Number.NEGATIVE_INFINITY;

	constructor(options: PagesOptions) {
		this.#options = options;
	}

	/** Whether somebody has looked within the last minute, and what was written for him is no longer new. */
	get isDue(): boolean {
		const { lookedFile, clock } = this.#options;
		if (lookedFile === null || clock.mono() - this.#writtenAt < rewriteMs) return false;
		const stat = statSync(lookedFile, { throwIfNoEntry: false });
		return stat !== undefined && clock.wall() - stat.mtimeMs < lookMs;
	}

	/** Replaces NAME.json; throws what the file system says. */
	write(name: string, page: object): void {
		const path = this.#path(name);
		this.#written.add(name);
		this.#writtenAt = this.#options.clock.mono();
		writeFileSync(`${path}.tmp`, JSON.stringify(page), { mode: 0o600 });
		renameSync(`${path}.tmp`, path);
	}

	/** Nothing runs any more: pages that stayed would be believed. */
	remove(): void {
		for (const name of this.#written) {
			try {
				rmSync(this.#path(name), { force: true });
			} catch {}
		}
	}

	#path(name: string): string {
		return join(this.#options.folder, `${name}.json`);
	}
}
