// The queue's file as the sync sees it (`Outbox`). A disk that fails is told to the queue, and the answer is that there
// is nothing to send.

import type { Clock } from '../system/clock.ts';
import type { Gap } from '../wire.ts';
import type { OpenQueue } from './openqueue.ts';
import type { BatchLimits, ChangedRecord, Outbox, OutboxBatch, OutboxEpoch, WaitingGap } from './outbox.ts';
import { gapsOf } from './queuegaps.ts';
import { rewind } from './queueputback.ts';

export interface QueueOutboxOptions {
	readonly clock: Clock;
	readonly seal: () => void;
	readonly beginAnew: (acked: number) => void;
	/** null: there is no file now. */
	readonly open: () => OpenQueue | null;
	/** Runs `work`; undefined where the disk failed, which is told. */
	readonly attempt: <T>(work: () => T) => T | undefined;
	/** Rows were released: the bounds are to be looked at. */
	readonly onChange: () => void;
}

export class QueueOutbox implements Outbox {
	readonly #options: QueueOutboxOptions;

	constructor(options: QueueOutboxOptions) {
		this.#options = options;
	}

	seal(): void {
		this.#options.seal();
	}

	epochs(): readonly OutboxEpoch[] {
		return this.#read([], ({ store }) => {
			const live = store.live.id;
			return store.file
				.epochs()
				.filter(({ id, acked, sealed, gone }) => id === live || sealed > acked || acked > gone)
				.sort((a, b) => Number(a.id === live) - Number(b.id === live) || a.id - b.id)
				.map(({ name, acked, sealed, lent }) => ({ epoch: name, acked, sealed, lent }));
		});
	}

	peek(epoch: string, after: number, limits: BatchLimits): OutboxBatch | null {
		return this.#read(null, ({ store }) => store.lend(epoch, after, limits));
	}

	ack(epoch: string, seq: number): void {
		this.#change(undefined, ({ store }) => store.acknowledge(epoch, seq, this.#seconds()));
	}

	rewind(epoch: string, acked: number): Gap | null {
		return this.#change(null, ({ store, bounds }) =>
			rewind(store, epoch, acked, { wall: this.#seconds(), gapsGiven: bounds.gapsGiven }),
		);
	}

	beginAnew(acked: number): void {
		this.#options.beginAnew(acked);
		this.#options.onChange();
	}

	setAside(epoch: string, seq: number, why: string): 'record' | 'row' {
		return this.#change('row', ({ store, bounds }) => store.setAside(epoch, seq, why, bounds.gapsGiven));
	}

	get ackedChange(): number {
		return this.#read(0, ({ changes }) => changes.acked);
	}

	changedRecords(after: number, limit: number): readonly ChangedRecord[] {
		return this.#read([], ({ changes, bounds }) => {
			bounds.keepsRecords = true;
			return changes.records(after, limit);
		});
	}

	ackChanges(change: number): void {
		this.#change(undefined, ({ changes, flash }) => {
			changes.acknowledge(change);
			if (change >= changes.last) flash?.allTaken();
		});
	}

	refuseChange(change: number, why: string): void {
		this.#change(undefined, ({ changes, bounds }) => changes.refuse(change, why, bounds.gapsGiven));
	}

	gaps(): readonly WaitingGap[] {
		return this.#read([], ({ store, bounds }) => {
			const gaps = gapsOf(store.file);
			bounds.gapsGiven = Math.max(bounds.gapsGiven, gaps.at(-1)?.id ?? 0);
			return gaps;
		});
	}

	ackGaps(id: number): void {
		this.#change(undefined, ({ store }) =>
			store.transaction(() => void store.file.run('DELETE FROM gaps WHERE id <= ?', id)),
		);
	}

	backlogSeconds(wall: number): number {
		const oldest = this.#read(null, ({ store }) => store.oldestWaiting());
		return oldest === null ? 0 : Math.max(0, Math.round(wall / 1000 - oldest));
	}

	#read<T>(otherwise: T, work: (open: OpenQueue) => T): T {
		const open = this.#options.open();
		return open ? (this.#options.attempt(() => work(open)) ?? otherwise) : otherwise;
	}

	#change<T>(otherwise: T, work: (open: OpenQueue) => T): T {
		const result = this.#read(otherwise, work);
		this.#options.onChange();
		return result;
	}

	#seconds(): number {
		return Math.floor(this.#options.clock.wall() / 1000);
	}
}
