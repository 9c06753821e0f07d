// Opening the queue's file, whatever is found at its place: nothing, a file, a damaged one, one that has kept the agent
// from starting, an old program's. A file at hand is never deleted and never fatal.
import { basename } from 'node:path';
import { type Database, loadSqlite, openDatabase, quarantine } from '../system/database.ts';
import { type Disk, exists, readFile, writeFileAtomic } from '../system/disk.ts';
import type { Log } from '../system/log.ts';
import { queueApplicationId, queueSchema } from './queueschema.ts';

export interface StartOptions {
	readonly path: string;
	readonly disk: Disk;
	readonly wall: number;
	readonly maxBytes: number;
	readonly log: Log;
}

const pageBytes = 4096;
/**
 * So many in a row are no chance: who kills an agent again and again at random meets a start as it opens its file one
 * time in five, on a busy machine. With procd's pause of 5 s a file that cannot be lived with is aside in a minute.
 */
const failedStartsMax = 10;

export interface Opened {
	readonly database: Database;
	/** Another file stood here and is set aside: what it held is lost to this life. A sentence. */
	readonly lost: string | null;
}

/** Rejects with a `DatabaseError` where the disk has the last word. */
export async function openQueueDatabase(options: StartOptions): Promise<Opened> {
	const { path, disk, maxBytes } = options;
	let lost: string | null = null;
	// Most of the time until `startSucceeded`, were it not done before: a kill in it is not the file's fault.
	loadSqlite();
	if (exists(disk, path) && failedStarts(options) >= failedStartsMax) {
		lost = setAside(options, `has kept ${failedStartsMax} starts from succeeding`);
	}
	noteStart(options);
	for (;;) {
		const database = await openDatabase(path, {
			disk,
			applicationId: queueApplicationId,
			schema: queueSchema,
			maxPages: Math.floor(maxBytes / pageBytes),
		});
		if (!('damaged' in database)) return { database, lost };
		lost = setAside(options, database.damaged);
	}
}

/** The start is over, well: the next one counts from nought. */
export function startSucceeded({ path, disk }: Pick<StartOptions, 'path' | 'disk'>): void {
	try {
		disk.unlink(startsPath(path));
	} catch {
		// Not there, or the disk fails: then no start could be noted either.
	}
}

function setAside({ path, wall, disk, log }: StartOptions, why: string): string {
	const target = quarantine(path, { wall, disk });
	const sentence = `${basename(path)} ${why}: it is kept as ${basename(target)}`;
	log.error(sentence);
	return sentence;
}

const startsPath = (path: string) => `${path}-starts`;

function failedStarts({ path, disk }: StartOptions): number {
	try {
		return Number(new TextDecoder().decode(readFile(disk, startsPath(path), 8))) || 0;
	} catch {
		return 0;
	}
}

function noteStart(options: StartOptions): void {
	try {
		const before = failedStarts(options);
		const count = before >= failedStartsMax ? 1 : before + 1;
		writeFileAtomic(options.disk, startsPath(options.path), new TextEncoder().encode(String(count)));
	} catch {
		// A disk that fails here will be heard of at the next call.
	}
}
