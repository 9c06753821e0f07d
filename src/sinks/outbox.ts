// What the sync sees of the queue: numbered rows that never change, read without deleting, acknowledged by number.
// Promise: what was not acknowledged comes again, in order; what is no longer kept is told as a gap.
import type { Gap, Row, WireRecord } from '../wire.ts';

export interface OutboxEpoch {
	readonly epoch: string;
	/** The master has committed the rows up to this number; 0 = none. */
	readonly acked: number;
	/** The highest number given so far in this epoch; rows up to there will never be added to. */
	readonly sealed: number;
	/** The highest number that was ever given out by `peek`: the master can have no higher one from this file. */
	readonly lent: number;
}

export interface BatchLimits {
	readonly maxRows: number;
	/** Of the body as JSON, uncompressed; an estimate from above. One row is always given, however large its record. */
	readonly maxBytes: number;
}

export interface OutboxBatch {
	/** What was asked for. The first row may have a higher number than `after + 1`: what lies between was dropped or folded. */
	readonly after: number;
	/** At least one; in order of seq, not always without gaps. */
	readonly rows: readonly Row[];
	/**
	 * Those that a row of this batch is the first to name: each record once in an epoch, however the rows are cut into
	 * batches. `no` is of this epoch. `agent_id` is null: the sync puts its own in.
	 */
	readonly records: readonly { readonly no: number; readonly record: WireRecord }[];
}

/** A record with the totals of its connection, for a master that adds nothing up by itself. */
export interface ChangedRecord {
	/** Grows with each change of any record, over all epochs; each is given once. */
	readonly change: number;
	readonly record: WireRecord;
}

export interface WaitingGap {
	readonly id: number;
	readonly gap: Gap;
}

/**
 * No call throws for the disk: a queue whose disk fails works from memory and says so in its health. Calls that change
 * something are committed when they return (as far as there is a disk).
 */
export interface Outbox {
	/** Turns what has grown up to now into rows. Before a sync, and only while the master answers. */
	seal(): void;
	/** Oldest first; those with rows to send or kept for a master put back, and always, as the last, the one that grows. */
	epochs(): readonly OutboxEpoch[];
	/** The rows after `after` (as a rule the epoch's `acked`), oldest first; null when there are none. */
	peek(epoch: string, after: number, limits: BatchLimits): OutboxBatch | null;
	/** The master has committed all rows up to `seq`. Lower than before: nothing happens (that is `rewind`). */
	ack(epoch: string, seq: number): void;
	/**
	 * The master was put back: it has the rows up to `acked` alone. What is still kept will be sent again; what is not
	 * is answered as a gap, which also waits in `gaps()` (null: everything is still here).
	 */
	rewind(epoch: string, acked: number): Gap | null;
	/**
	 * The master has numbers of the growing epoch, up to `acked`, that this file never gave out: it is an older copy of
	 * one that went on. What it holds above them is dropped, counting begins anew under another epoch, and a gap says so.
	 */
	beginAnew(acked: number): void;
	/**
	 * The master refuses a batch of this row alone. Where the row brought a record, that is emptied (all but its id and
	 * times) and the row will be tried again ('record'); else the row is dropped and counted ('row').
	 */
	setAside(epoch: string, seq: number, why: string): 'record' | 'row';

	/** For an old master. The change acknowledged last. */
	readonly ackedChange: number;
	/** Records in the order of their last change, those after `after`. */
	changedRecords(after: number, limit: number): readonly ChangedRecord[];
	/** An old master has taken all changes up to this: the rows of kind `usage` that they are made of are acknowledged. */
	ackChanges(change: number): void;
	/** An old master refuses this record alone: its rows are dropped and counted. */
	refuseChange(change: number, why: string): void;

	/** What is to be told to the master, oldest first. */
	gaps(): readonly WaitingGap[];
	/** All gaps up to this id were taken. */
	ackGaps(id: number): void;
	/** Age in seconds of the oldest row that was not acknowledged; 0 when there is none. `wall` in ms. */
	backlogSeconds(wall: number): number;
}
