// What the queue is given, and what it tells.
import type { Clock } from '../system/clock.ts';
import type { Disk } from '../system/disk.ts';
import type { Log } from '../system/log.ts';
import type { RecordHosts } from './connectionrecord.ts';
import type { Sums } from './queuefile.ts';
import type { Sealed } from './queuestore.ts';

export interface QueueOptions {
	/** The living file. */
	readonly path: string;
	/** Flash; null: the living file is on a disk itself. */
	readonly persistDir: string | null;
	readonly disk?: Disk;
	readonly clock: Clock;
	readonly log: Log;
	/** This boot's; null where the machine tells none. */
	readonly bootId: string | null;
	readonly limitBytes: number;
	readonly ageMs: number;
	readonly retentionMs: number;
	readonly commitIntervalMs: number;
	readonly flushIntervalMs: number;
	readonly flashBudgetBytes: number;
	readonly recordHosts: RecordHosts;
	/** It works (again). */
	readonly onOk: () => void;
	/** A sentence: the disk fails and the queue goes on in memory. */
	readonly onFailure: (sentence: string) => void;
}

/** The engine, as the queue sees it. */
export interface QueueSource {
	/** What is new since the last call; with `seal` what has flowed becomes rows. */
	take(how: 'records' | 'seal'): Sealed;
	/** All that must outlive this process, as it is after the last `take`; null: nothing yet. */
	checkpoint(): Uint8Array | null;
	/** Records are numbered from 1 again from now on. */
	beginEpoch(): void;
	/** Counting begins anew, too: what is open is let go of. */
	beginAnew(): void;
	/**
	 * The disk has failed for so long that memory runs short: bytes of connections that have ended become unattributed.
	 * Answers their numbers, which no row will name.
	 */
	shed(): readonly number[];
}

export interface QueueStart {
	/** null: begin afresh. */
	readonly checkpoint: Uint8Array | null;
	readonly history: readonly (readonly [part: string, text: string])[];
}

export interface QueueStatus {
	readonly sums: Sums;
	readonly rows: number;
	readonly fileBytes: number;
	readonly powerCutCostsSeconds: number;
}
