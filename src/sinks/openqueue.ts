// What belongs to an open file of the queue: the store, its bounds, what an old master sees of it, its copy on flash.
import type { Disk } from '../system/disk.ts';
import { FlashCopy } from './flashcopy.ts';
import { QueueBounds } from './queuebounds.ts';
import { QueueChanges } from './queuechanges.ts';
import type { QueueOptions, QueueStatus } from './queueoptions.ts';
import type { QueueStore } from './queuestore.ts';

export interface OpenQueue {
	readonly store: QueueStore;
	readonly changes: QueueChanges;
	readonly bounds: QueueBounds;
	/** null: the living file is on a disk itself. */
	readonly flash: FlashCopy | null;
}

/** The bound of bytes as one of rows: none takes less. */
const leastRowBytes = 16;

export function assemble(store: QueueStore, options: QueueOptions, disk: Disk): OpenQueue {
	const { clock, limitBytes, ageMs, retentionMs, persistDir, log } = options;
	const bounds = { bytes: limitBytes, rows: Math.floor(limitBytes / leastRowBytes), ageMs, retentionMs };
	const open = { store, changes: new QueueChanges(store), bounds: new QueueBounds(store, bounds, clock) };
	if (persistDir === null) return { ...open, flash: null };
	const copy = {
		folder: persistDir,
		disk,
		clock,
		intervalMs: options.flushIntervalMs,
		budgetBytes: options.flashBudgetBytes,
		maxBytes: limitBytes,
		onProblem: (text: string) => log.warn(text),
	};
	return { ...open, flash: new FlashCopy(copy, store) };
}

export function statusOf({ store, flash }: OpenQueue, rows: number, committedSeconds: number): QueueStatus {
	const powerCutCostsSeconds = flash?.costSeconds ?? committedSeconds;
	return { sums: store.file.sums(), rows, fileBytes: store.file.bytes(), powerCutCostsSeconds };
}

/** The last thing of an orderly stop, before the file is closed. `checkpoint`: null where the next start cannot use it. */
export function leave({ store, flash }: OpenQueue, checkpoint: Uint8Array | null, bootId: string | null): void {
	flash?.copy({ stopping: true });
	flash?.writeHistory(store.file.history(), { stopping: true });
	if (checkpoint) flash?.writeStopMark(checkpoint, bootId);
}
