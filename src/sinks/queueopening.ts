// From whatever is at hand to a queue that works: the living file where it opens, else a new one with what the copy on
// flash holds, under a new epoch. Says whether the engine may go on from a checkpoint, or must begin afresh.

import { join } from 'node:path';
import { type Disk, diskErrorCode } from '../system/disk.ts';
import type { Log } from '../system/log.ts';
import type { RecordHosts } from './connectionrecord.ts';
import { inflateRawSync } from './deflate.ts';
import { flashNames } from './flashcopy.ts';
import { type FlashFrames, readFlashFile, readWhole, removeFile } from './flashfile.ts';
import { restoreFrame } from './flashframe.ts';
import { moveOldTracker, takeOldTracker } from './oldtracker.ts';
import { QueueFile } from './queuefile.ts';
import { addGap } from './queuegaps.ts';
import { openQueueDatabase } from './queuestart.ts';
import { QueueStore } from './queuestore.ts';
import { takeStopMark } from './stopmark.ts';

export interface OpeningOptions {
	readonly path: string;
	readonly persistDir: string | null;
	readonly disk: Disk;
	/** ms since the Unix epoch. */
	readonly wall: number;
	/** ms since boot. */
	readonly mono: number;
	readonly bootId: string | null;
	readonly maxBytes: number;
	readonly hosts: RecordHosts;
	readonly log: Log;
	/** The name of an epoch that nobody has had. */
	readonly newEpoch: () => string;
	/** The engine runs already, from a baseline of its own: it needs an epoch for itself, and no checkpoint. */
	readonly late: boolean;
}

export interface Opening {
	readonly store: QueueStore;
	/** null: begin afresh. */
	readonly checkpoint: Uint8Array | null;
	readonly history: readonly (readonly [part: string, text: string])[];
}

export async function openQueue(options: OpeningOptions): Promise<Opening> {
	const { path, disk, log, persistDir } = options;
	await moveOldTracker(path, disk);
	const { database, lost } = await openQueueDatabase(options);
	try {
		const file = new QueueFile(database);
		const living = file.kept('live');
		if (typeof living === 'string') {
			const opening = goOn(file, living, options);
			await takeOldTracker(file, path, { disk, epoch: options.newEpoch(), log });
			return opening;
		}
		beginFile(file);
		const copy = persistDir === null ? null : readCopy(join(persistDir, flashNames.copy), options);
		for (const frame of copy?.frames ?? []) {
			const whole = database.transaction(() => restoreFrame(file, frame));
			if (!whole) log.warn('a part of the copy on flash is not of this version: it is left out');
		}
		const history = persistDir === null ? [] : readHistory(join(persistDir, flashNames.history), options);
		const opening = beginEpoch(file, options, { lost, copy, history });
		await takeOldTracker(file, path, { disk, epoch: options.newEpoch(), log });
		return opening;
	} catch (error) {
		database.close();
		throw error;
	}
}

function goOn(file: QueueFile, living: string, options: OpeningOptions): Opening {
	const { persistDir, disk, hosts, log } = options;
	if (persistDir !== null) {
		try {
			removeFile(disk, join(persistDir, flashNames.stop));
		} catch (error) {
			log.warn(`${persistDir} cannot be written (${diskErrorCode(error)})`);
		}
	}
	const history = file.history();
	const checkpoint = file.kept('checkpoint');
	if (!options.late) {
		const kept = checkpoint instanceof Uint8Array ? checkpoint : null;
		return { store: new QueueStore(file, living, hosts), checkpoint: kept, history };
	}
	return beginEpoch(file, options, { lost: 'the file could not be opened at the start', copy: null, history });
}

/** The last transaction of an opening: with it the file is the living one. */
function beginEpoch(
	file: QueueFile,
	{ persistDir, disk, bootId, wall, mono, hosts, log, newEpoch, late }: OpeningOptions,
	found: { lost: string | null; copy: FlashFrames | null; history: readonly (readonly [string, string])[] },
): Opening {
	const { lost, copy, history } = found;
	const bound = { bootId, mono, copy: copy ? { id: copy.id, bytes: copy.bytes } : { id: '', bytes: 0 } };
	const mark =
		persistDir === null || late
			? { checkpoint: null, why: null }
			: tryMark(() => takeStopMark(disk, join(persistDir, flashNames.stop), bound), log);
	const name = newEpoch();
	const wasThere = lost ?? (copy ? mark.why : null);
	file.database.transaction(() => {
		const last = file.get<{ bucket: number | null }>('SELECT max(bucket) AS bucket FROM rows')?.bucket;
		file.addEpoch(name);
		file.keep('live', name);
		file.keep('checkpoint', mark.checkpoint);
		for (const [part, text] of history) file.setHistory(part, text);
		const to = Math.floor(wall / 1000);
		if (wasThere) addGap(file, { from: Math.min(last ?? to, to), to, what: `counting began afresh: ${wasThere}` });
	});
	if (wasThere) log.warn(`gap: counting begins afresh: ${wasThere}`);
	return { store: new QueueStore(file, name, hosts), checkpoint: mark.checkpoint, history };
}

type Mark = ReturnType<typeof takeStopMark>;

function tryMark(take: () => Mark, log: Log): Mark {
	try {
		return take();
	} catch (error) {
		const why = `the checkpoint on flash cannot be taken from it (${diskErrorCode(error)})`;
		log.warn(why);
		return { checkpoint: null, why };
	}
}

/** What an opening that was cut short has left. */
function beginFile(file: QueueFile): void {
	file.database.transaction(() => {
		for (const table of ['rows', 'records', 'shapes', 'marks', 'gaps', 'history', 'epochs', 'kept']) {
			file.run(`DELETE FROM ${table}`);
		}
		file.run('DELETE FROM sums');
		for (const kind of [0, 1, 2, 3, 4]) file.run('INSERT INTO sums (kind) VALUES (?)', kind);
	});
}

function readCopy(path: string, { disk, log }: OpeningOptions): FlashFrames | null {
	try {
		return readFlashFile(disk, path);
	} catch (error) {
		log.warn(`${path} cannot be read (${diskErrorCode(error)})`);
		return null;
	}
}

const mostHistoryBytes = 16 * 1024 * 1024;

/** The history that was kept on flash; none when it is damaged: it is for looking at. */
export function readHistory(path: string, { disk, log }: Pick<OpeningOptions, 'disk' | 'log'>): [string, string][] {
	try {
		const packed = readWhole(disk, path);
		if (!packed) return [];
		const parts: unknown = JSON.parse(inflateRawSync(packed, { maxOutputLength: mostHistoryBytes }).toString('utf8'));
		const isPart = (part: unknown) =>
			Array.isArray(part) && part.length === 2 && part.every((text) => typeof text === 'string');
		return Array.isArray(parts) ? (parts.filter(isPart) as [string, string][]) : [];
	} catch {
		log.warn(`${path} is damaged: the history begins afresh`);
		return [];
	}
}
