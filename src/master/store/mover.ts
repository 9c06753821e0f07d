// From the inbox to the vault: some megabytes at a time, each batch once whatever fails; and the vault's sums of all
// times brought up to date, when somebody asks or nothing else is to be done. What cannot be moved stays where it is, and
// `hindrance` says so.
import type { Clock } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import { type Hindrance, hindranceOf, told } from './hindrance.ts';
import type { Inbox } from './inbox.ts';
import type { VaultPort } from './vaultthread.ts';

export interface MoverOptions {
	readonly inbox: Inbox;
	readonly vault: VaultPort;
	readonly clock: Clock;
	readonly log: Log;
	/** The last number that the vault has. */
	readonly moved: number;
	/** After each step. */
	readonly onMoved: () => void;
}

/** What failed is tried again after so long, whoever asks. */
const againMs = 1_000;

export class Mover {
	readonly #options: MoverOptions;
	#moved: number;
	#moving: Promise<void> | null = null;
	/** Up to this number batches are moved one by one. */
	#careful = 0;
	#batches = 0;
	#bytes = 0;
	/** The vault may owe something to its sums of all times. */
	#owes = true;
	#failure: { readonly error: Error; readonly at: number } | null = null;

	constructor(options: MoverOptions) {
		this.#options = options;
		this.#moved = options.moved;
		for (const { body } of options.inbox.all(options.moved)) this.count(body);
	}

	/** A batch that is in the inbox. */
	count(body: Uint8Array): void {
		this.#batches += 1;
		this.#bytes += body.byteLength;
	}

	/** That wait. */
	get bytes(): number {
		return this.#bytes;
	}

	/** null: the vault takes what comes. */
	get hindrance(): Hindrance | null {
		return this.#failure && hindranceOf(this.#failure.error, Math.max(this.#batches, this.#owes ? 1 : 0));
	}

	/** Why the last move failed. */
	get error(): Error | null {
		return this.#failure?.error ?? null;
	}

	/** Moves what is in the inbox at the call. Answers false, where it cannot be now. */
	move(): Promise<boolean> {
		return this.#try(async () => {
			await this.#moveAll();
			// What failed may have been the sums: the vault is well when they are.
			if (this.#failure && this.#owes) await this.#settleAll();
		});
	}

	/** The same, and all sums have what was moved. */
	settle(): Promise<boolean> {
		return this.#try(async () => {
			await this.#moveAll();
			if (this.#owes) await this.#settleAll();
		});
	}

	/** To be called now and then: moves what waits, or has the sums settled where nothing does. */
	tend(): Promise<boolean> {
		return this.#moved < this.#options.inbox.last ? this.move() : this.settle();
	}

	async #try(work: () => Promise<void>): Promise<boolean> {
		const { clock, log } = this.#options;
		if (this.#failure && clock.mono() - this.#failure.at < againMs) return false;
		try {
			await work();
		} catch (thrown) {
			const error = thrown as Error;
			const known = this.#failure?.error.message === error.message;
			this.#failure = { error, at: clock.mono() };
			if (!known) log.error(`${told(this.hindrance!)} (${error.message})`);
			return false;
		}
		if (this.#failure) log.warn('the store takes batches again');
		this.#failure = null;
		return true;
	}

	async #moveAll(): Promise<void> {
		const upTo = this.#options.inbox.last;
		while (this.#moved < upTo) {
			this.#moving ??= this.#step().finally(() => {
				this.#moving = null;
			});
			await this.#moving;
		}
	}

	async #settleAll(): Promise<void> {
		const before = this.#moved;
		await this.#options.vault.call('settle', [{ sparing: this.#failure !== null }]);
		// What others moved meanwhile may owe something again.
		if (this.#moved === before) this.#owes = false;
	}

	async #step(): Promise<void> {
		const { inbox, vault, log, onMoved } = this.#options;
		// A disk that was full may have room for one of them.
		const sparing = this.#failure !== null;
		const alone = sparing || this.#careful > this.#moved;
		const chunk = inbox.chunk(this.#moved, alone ? 1 : Number.POSITIVE_INFINITY);
		const last = chunk.at(-1);
		if (!last) {
			this.#moved = inbox.last;
			return;
		}
		const bytes = chunk.reduce((sum, { body }) => sum + body.byteLength, 0);
		const transfer = chunk.map(({ body }) => body.buffer as ArrayBuffer);
		try {
			await vault.call('move', [chunk, { sparing }], { transfer });
		} catch (error) {
			if (!isOfTheBatch(error)) throw error;
			// One of them cannot be booked: alone, it is left out, so that the others go on.
			this.#careful = last.id;
			if (chunk.length > 1) return;
			log.error(`a batch cannot be booked and is left out: ${(error as Error).message}`);
			await vault.call('move', [[{ ...last, body: new Uint8Array() }]]);
		}
		this.#moved = last.id;
		this.#owes = true;
		this.#batches -= chunk.length;
		this.#bytes -= bytes;
		try {
			inbox.remove(last.id);
		} catch {
			// Removing wants a little room, too. The vault knows that it has them; they go with the next ones.
		}
		onMoved();
	}
}

/** SQLite refused a value, where the disk or the thread would refuse all. */
function isOfTheBatch(error: unknown): boolean {
	const code = error instanceof Error && 'code' in error ? error.code : null;
	return (
		code === 'SQLITE_RANGE' || code === 'SQLITE_TOOBIG' || code === 'SQLITE_MISMATCH' || code === 'SQLITE_CONSTRAINT'
	);
}
