// The queue's copy on flash: what was sealed and waits for longer than the interval goes there, under a hard budget;
// while the master acknowledges nothing does. Knows what a power cut would cost now. A disk that fails is told once.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../system/clock.ts';
import { type Disk, diskErrorCode, writeFileAtomic } from '../system/disk.ts';
import { deflateRawSync } from './deflate.ts';
import { FlashBudget } from './flashbudget.ts';
import { appendFrame, flashFileBytes, packFrame, readFlashFile, removeFile, writeFlashFile } from './flashfile.ts';
import { makeFrame, NumberSet } from './flashframe.ts';
import type { EpochLine } from './queueschema.ts';
import type { QueueStore } from './queuestore.ts';
import { writeStopMark } from './stopmark.ts';

export const flashNames = { copy: 'queue.copy', stop: 'queue.stop', history: 'history.gz' } as const;

export interface FlashOptions {
	readonly folder: string;
	readonly disk: Disk;
	readonly clock: Clock;
	readonly intervalMs: number;
	readonly budgetBytes: number;
	/** The copy never has more. */
	readonly maxBytes: number;
	readonly onProblem: (sentence: string) => void;
}

/** Kept in the living file: what of it is on flash. */
interface State {
	readonly id: string;
	readonly bytes: number;
	/** Epoch name -> highest seq in the copy. */
	readonly copied: Readonly<Record<string, number>>;
	readonly spent: number;
}

const mostFrameRows = 20_000;
/** Fewer rows than these are not worth a block of flash, unless there are no more. */
const fewestFrameRows = 200;
const smallFrameBytes = 4_096;
const leastRowBytes = 4;
const historyMs = 6 * 3_600_000;
/** After a try that the budget or the disk did not let through. */
const againMs = 60_000;

export class FlashCopy {
	readonly #options: FlashOptions;
	readonly #store: QueueStore;
	readonly #budget: FlashBudget;
	#id = '';
	#bytes = 0;
	#copied = new Map<string, number>();
	#records = new Map<string, NumberSet>();
	/** When which number was sealed: a power cut costs what came after the last one that is safe. */
	#seals: { readonly seq: number; readonly mono: number }[] = [];
	#safe: number;
	/** What a row of the last frame took, records and all. */
	#rowBytes = leastRowBytes;
	#again = Number.NEGATIVE_INFINITY;
	#historyAt: number;

	constructor(options: FlashOptions, store: QueueStore) {
		this.#options = options;
		this.#store = store;
		const now = options.clock.mono();
		this.#safe = now;
		this.#historyAt = now;
		const state = this.#state();
		this.#budget = new FlashBudget(options.clock, options.budgetBytes, state?.spent ?? 0);
		if (state) this.#goOn(state);
	}

	/** All up to `seq` of the living epoch is in rows, at this moment. */
	sealed(seq: number): void {
		this.#seals.push({ seq, mono: this.#options.clock.mono() });
	}

	/** Numbers count from 1 again. */
	beginEpoch(): void {
		this.#seals = [];
		this.#safe = this.#options.clock.mono();
	}

	/** Seconds of traffic that a power cut at this moment would lose. */
	get costSeconds(): number {
		this.#settle();
		return Math.max(0, Math.round((this.#options.clock.mono() - this.#safe) / 1000));
	}

	/** Whether something has waited for long enough: seal, commit, then `copy`. */
	get isDue(): boolean {
		const now = this.#options.clock.mono();
		this.#settle();
		return now - this.#safe >= this.#options.intervalMs && now >= this.#again;
	}

	get historyIsDue(): boolean {
		return this.#options.clock.mono() - this.#historyAt >= historyMs;
	}

	/** Everything that was sealed is with a master which tells no numbers. */
	allTaken(): void {
		this.#seals = [{ seq: 0, mono: this.#options.clock.mono() }];
	}

	/** Brings the copy up to date as far as the budget goes. */
	copy({ stopping = false } = {}): void {
		this.#again = this.#options.clock.mono() + againMs;
		this.#guard(() => {
			const epochs = this.#store.file.epochs();
			const useful = epochs.some(({ name, acked }) => (this.#copied.get(name) ?? 0) > acked);
			if (!useful || this.#bytes > this.#options.maxBytes / 2) this.#begin();
			try {
				for (const epoch of epochs) if (!this.#copyEpoch(epoch, stopping)) break;
			} finally {
				this.#keepState();
			}
		});
	}

	/** Each 6 hours, and at stop. */
	writeHistory(parts: readonly (readonly [string, string])[], { stopping = false } = {}): void {
		this.#historyAt = this.#options.clock.mono();
		const bytes = deflateRawSync(Buffer.from(JSON.stringify(parts)));
		if (bytes.byteLength > this.#budget.room({ stopping })) return;
		this.#guard(() => {
			this.#budget.spend(bytes.byteLength);
			writeFileAtomic(this.#options.disk, this.#path('history'), bytes);
		});
	}

	/** The last thing of an orderly stop: the next start may go on from here. */
	writeStopMark(checkpoint: Uint8Array, bootId: string | null): void {
		if (checkpoint.byteLength * 1.5 > this.#budget.room({ stopping: true })) return;
		this.#guard(() => {
			const copy = { id: this.#id, bytes: this.#id === '' ? 0 : this.#bytes };
			const mark = { bootId, wall: this.#options.clock.wall(), copy, checkpoint };
			this.#budget.spend(writeStopMark(this.#options.disk, this.#path('stop'), mark));
		});
	}

	/** The living file is used: what an earlier stop left must never be. */
	removeStopMark(): void {
		this.#guard(() => removeFile(this.#options.disk, this.#path('stop')));
	}

	#settle(): void {
		const { name, acked } = this.#store.live;
		const safe = Math.max(acked, this.#copied.get(name) ?? 0);
		while (this.#seals.length > 0 && this.#seals[0]!.seq <= safe) this.#safe = this.#seals.shift()!.mono;
	}

	/** The next frame begins a new file. */
	#begin(): void {
		this.#id = '';
		this.#bytes = 0;
		this.#copied = new Map();
		this.#records = new Map();
	}

	/** false: the budget is spent. */
	#copyEpoch(epoch: EpochLine, stopping: boolean): boolean {
		const known = this.#records.get(epoch.name) ?? new NumberSet();
		this.#records.set(epoch.name, known);
		let mostRows = mostFrameRows;
		for (;;) {
			const room = Math.min(this.#budget.room({ stopping }), this.#options.maxBytes - this.#bytes);
			mostRows = Math.min(mostRows, Math.max(1, Math.floor((room / this.#rowBytes) * 0.9)));
			if (mostRows < fewestFrameRows && room < smallFrameBytes) return false;
			const after = Math.max(epoch.acked, this.#copied.get(epoch.name) ?? 0);
			const made = makeFrame(this.#store.file, epoch, { after, mostRows, known });
			if (!made) {
				// What is left was dropped meanwhile.
				if (this.#copied.has(epoch.name) || epoch.acked < epoch.sealed) this.#copied.set(epoch.name, epoch.sealed);
				return true;
			}
			const frame = packFrame(made.frame);
			this.#rowBytes = Math.max(leastRowBytes, frame.byteLength / made.rows);
			if (frame.byteLength > room) {
				if (made.rows <= 1) return false;
				mostRows = Math.floor(made.rows / 2);
				continue;
			}
			this.#write(frame);
			for (const no of made.fresh) known.add(no);
			this.#copied.set(epoch.name, made.frame.upTo);
		}
	}

	#write(frame: Uint8Array): void {
		const { disk } = this.#options;
		this.#budget.spend(frame.byteLength);
		if (this.#id === '') {
			const id = randomBytes(8).toString('hex');
			writeFlashFile(disk, this.#path('copy'), id, [frame]);
			this.#id = id;
			this.#bytes = flashFileBytes([frame]);
		} else {
			appendFrame(disk, this.#path('copy'), this.#bytes, frame);
			this.#bytes += frame.byteLength;
		}
	}

	#state(): State | null {
		const text = this.#store.file.kept('flash');
		return typeof text === 'string' ? (JSON.parse(text) as State) : null;
	}

	#keepState(): void {
		const copied = Object.fromEntries(this.#copied);
		const state: State = { id: this.#id, bytes: this.#bytes, copied, spent: this.#budget.spent };
		this.#store.transaction(() => this.#store.file.keep('flash', JSON.stringify(state)));
	}

	/** The copy is gone on with where it is still the one that the living file knows. */
	#goOn({ id, bytes, copied }: State): void {
		this.#guard(() => {
			const found = readFlashFile(this.#options.disk, this.#path('copy'));
			if (!found || found.id !== id || found.bytes < bytes) return;
			this.#id = id;
			this.#bytes = bytes;
			this.#copied = new Map(Object.entries(copied));
		});
	}

	#path(name: keyof typeof flashNames): string {
		return join(this.#options.folder, flashNames[name]);
	}

	#guard(work: () => void): void {
		try {
			work();
		} catch (error) {
			this.#options.onProblem(`${this.#options.folder} cannot be written (${diskErrorCode(error)})`);
		}
	}
}
