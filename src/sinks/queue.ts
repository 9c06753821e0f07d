// The queue: what the engine seals goes into an SQLite file each commit interval, whole or not at all, with the checkpoint
// that belongs to it, and waits there until the master has it. docs/queue.md has the promise. A disk that fails takes
// nothing down: what is sealed waits in memory, unsent, until it is on disk.

import { randomBytes } from 'node:crypto';
import type { Connection } from '../record.ts';
import { every } from '../system/clock.ts';
import { DatabaseError } from '../system/database.ts';
import { type Disk, diskErrorCode, nodeDisk } from '../system/disk.ts';
import type { Gap } from '../wire.ts';
import { placeOfConnection, placeOfRecord } from './connectionrecord.ts';
import { assemble, leave, type OpenQueue, statusOf } from './openqueue.ts';
import type { Outbox } from './outbox.ts';
import { Pending } from './pending.ts';
import { answerExport } from './queueexport.ts';
import { addGap } from './queuegaps.ts';
import { openQueue } from './queueopening.ts';
import type { QueueOptions, QueueSource, QueueStart, QueueStatus } from './queueoptions.ts';
import { QueueOutbox } from './queueoutbox.ts';
import { beginAnew } from './queueputback.ts';
import { startSucceeded } from './queuestart.ts';
import type { QueueStore } from './queuestore.ts';

export type { QueueOptions, QueueSource, QueueStart, QueueStatus } from './queueoptions.ts';

const bucketMs = 300_000;
/** After a disk failed. */
const retryMs = 10_000;
/** Errors after which the file is opened anew, which sets it aside if it is damaged. */
const fatalCodes: readonly string[] = ['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_INTERNAL'];

const newEpoch = () => randomBytes(8).toString('hex');

export class Queue {
	/** For the sync. */
	readonly outbox: Outbox;
	readonly #options: QueueOptions;
	readonly #disk: Disk;
	#file: OpenQueue | null = null;
	#source: QueueSource | null = null;
	/** Taken from the engine and not on disk yet. */
	readonly #pending = new Pending();
	#bucket = 0;
	#committed: number;
	#retryAt = 0;
	#opening: Promise<void> | null = null;
	#rows = 0;
	#stops: (() => void)[] = [];

	constructor(options: QueueOptions) {
		this.#options = options;
		this.#disk = options.disk ?? nodeDisk;
		this.#committed = options.clock.mono();
		this.outbox = new QueueOutbox({
			clock: options.clock,
			seal: () => this.#commit('seal'),
			open: () => this.#file,
			beginAnew: (acked) => this.#beginAnew(acked),
			attempt: (work) => this.#try(work),
			onChange: () => this.#keepBounds(),
		});
	}

	/** Opens the file, or another in its place. Never rejects: without a file the engine begins afresh. */
	async open(): Promise<QueueStart> {
		return (await this.#open({ late: false })) ?? { checkpoint: null, history: [] };
	}

	/** The engine has taken what `open` gave, and runs. */
	start(source: QueueSource): void {
		const { clock, commitIntervalMs, path } = this.#options;
		this.#source = source;
		startSucceeded({ path, disk: this.#disk });
		this.#bucket = this.#bucketNow();
		this.#stops = [every(clock, commitIntervalMs, () => this.#tick())];
		if (commitIntervalMs > retryMs) this.#stops.push(every(clock, retryMs, () => this.#retry()));
	}

	/** Seals, commits, brings flash up to date and closes. Again: nothing. */
	async stop(): Promise<void> {
		for (const stop of this.#stops) stop();
		this.#stops = [];
		await this.#opening;
		this.#commit('seal');
		const file = this.#file;
		if (!file) return;
		this.#try(() => {
			// What is not on disk is in no row either: the checkpoint does not fit to what a start would find.
			const checkpoint = this.#pending.isEmpty ? (this.#source?.checkpoint() ?? null) : null;
			leave(file, checkpoint, this.#options.bootId);
		});
		this.#file = null;
		this.#source = null;
		this.#try(() => file.store.file.database.close());
	}

	/** null: there is no file. */
	status(): QueueStatus | null {
		const file = this.#file;
		if (!file) return null;
		const committedSeconds = Math.round((this.#options.clock.mono() - this.#committed) / 1000);
		return this.#try(() => statusOf(file, this.#rows, committedSeconds)) ?? null;
	}

	get store(): QueueStore | null {
		return this.#file?.store ?? null;
	}

	/** A page of what is kept, for `netmon export`; throws a sentence. */
	answerExport(request: Readonly<Record<string, unknown>>): unknown {
		const file = this.#file;
		if (!file) throw new Error('the queue has no file at the moment');
		return answerExport(file.store.file, request);
	}

	/** Device, host and node of a row's connection, for the history; null where nobody knows them any more. */
	placeOf({ connection, record }: { readonly connection: Connection | null; readonly record: number | null }) {
		if (connection) return placeOfConnection(connection, this.#options.recordHosts);
		const file = this.#file;
		if (!file || record === null) return null;
		const found = this.#try(() => file.store.file.records.get(file.store.live.id, record));
		return found ? placeOfRecord(found) : null;
	}

	/** Something may be missing in that time: the master is to be told. */
	addGap(gap: Gap): void {
		const file = this.#file;
		if (!file) return;
		this.#try(() => file.store.transaction(() => addGap(file.store.file, gap, file.bounds.gapsGiven)));
	}

	async #open({ late }: { readonly late: boolean }): Promise<QueueStart | null> {
		const { path, clock, limitBytes: maxBytes, recordHosts: hosts } = this.#options;
		try {
			const opening = await openQueue({
				...{ ...this.#options, wall: clock.wall(), mono: clock.mono(), disk: this.#disk, maxBytes, hosts, late },
				newEpoch,
			});
			this.#file = assemble(opening.store, this.#options, this.#disk);
			this.#rows = opening.store.file.countRows();
			this.#options.onOk();
			return opening;
		} catch (error) {
			// The disk's fault and not the file's: that start does not count.
			startSucceeded({ path, disk: this.#disk });
			this.#fail(error);
			return null;
		}
	}

	#tick(): void {
		const bucket = this.#bucketNow();
		const isOver = bucket !== this.#bucket;
		if (!this.#commit(isOver ? 'seal' : 'records')) return;
		this.#bucket = bucket;
		this.#try(() => {
			const { store, flash } = this.#file!;
			if (flash?.isDue && (isOver || this.#commit('seal'))) flash.copy();
			if (flash?.historyIsDue) flash.writeHistory(store.file.history());
		});
	}

	/** true: everything that the engine gave is on disk. */
	#commit(how: 'records' | 'seal'): boolean {
		const source = this.#source;
		if (!source) return false;
		const maySeal = this.#file !== null && !this.#pending.isFull;
		this.#pending.add(source.take(maySeal ? how : 'records'));
		if (!this.#file) this.#retry();
		const file = this.#file;
		const wall = Math.floor(this.#options.clock.wall() / 1000);
		const write = () => file!.store.commit(this.#pending.sealed, source.checkpoint(), wall);
		if (!file || !this.#try(() => file.bounds.withRoom(write) ?? true)) {
			this.#pending.limit(() => source.shed());
			return false;
		}
		this.#committed = this.#options.clock.mono();
		this.#pending.clear();
		this.#options.onOk();
		if (how === 'seal') {
			file.flash?.sealed(file.store.live.sealed);
			this.#keepBounds();
		}
		return true;
	}

	/** The file is an older copy of one that went on: from here on it is another queue, and the engine begins afresh. */
	#beginAnew(acked: number): void {
		const file = this.#file;
		if (!file || !this.#source) return;
		const name = newEpoch();
		const done = this.#try(() => {
			const wall = Math.floor(this.#options.clock.wall() / 1000);
			beginAnew(file.store, name, acked, { wall, gapsGiven: file.bounds.gapsGiven });
			return true;
		});
		if (!done) return;
		this.#pending.clear();
		this.#source.beginAnew();
		file.flash?.beginEpoch();
	}

	#keepBounds(): void {
		const file = this.#file;
		if (!file) return;
		const said = this.#try(() => file.bounds.keep());
		if (said) this.#options.log.warn(said);
		this.#rows = this.#try(() => file.store.file.countRows()) ?? this.#rows;
	}

	/** The file could not be opened, or was given up: tries again, now and then. */
	#retry(): void {
		const now = this.#options.clock.mono();
		if (this.#file || this.#opening || now < this.#retryAt) return;
		this.#retryAt = now + retryMs;
		this.#opening = this.#open({ late: true }).then((opened) => {
			this.#opening = null;
			if (!opened) return;
			this.#pending.forgetRecords();
			this.#source?.beginEpoch();
		});
	}

	#try<T>(work: () => T): T | undefined {
		try {
			return work();
		} catch (error) {
			this.#fail(error);
			return undefined;
		}
	}

	#fail(error: unknown): void {
		if (!(error instanceof Error) || !('code' in error)) throw error;
		const sentence = error instanceof DatabaseError ? error.message : diskErrorCode(error);
		this.#options.onFailure(`${sentence}; what is counted waits in memory`);
		if (!(error instanceof DatabaseError) || !fatalCodes.includes(error.code)) return;
		const file = this.#file;
		this.#file = null;
		try {
			file?.store.file.database.close();
		} catch {
			// It is as damaged as it was said to be.
		}
	}

	#bucketNow(): number {
		return Math.floor(this.#options.clock.wall() / bucketMs);
	}
}
