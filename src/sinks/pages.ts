// What the router's LuCI shows beside the status: files next to it, written only while somebody looks, each by rename.
// The plugin touches a file when it is asked; its time says when somebody last looked.
import { renameSync, statSync, writeFileSync } from 'node:fs';
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

export class Pages {
	readonly #options: PagesOptions;

	constructor(options: PagesOptions) {
		this.#options = options;
	}

	/** Whether somebody has looked within the last minute. */
	get isLooked(): boolean {
		const { lookedFile, clock } = this.#options;
		const stat = lookedFile === null ? undefined : statSync(lookedFile, { throwIfNoEntry: false });
		return stat !== undefined && clock.wall() - stat.mtimeMs < lookMs;
	}

	/** Replaces NAME.json; throws what the file system says. */
	write(name: string, page: object): void {
		const path = join(this.#options.folder, `${name}.json`);
		writeFileSync(`${path}.tmp`, JSON.stringify(page), { mode: 0o600 });
		renameSync(`${path}.tmp`, path);
	}
}
