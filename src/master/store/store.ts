// The store's face: take a batch, answer a question, retire the old. A batch is acknowledged when the inbox has it on
// disk; the vault takes it in later, in its own thread, and always before it answers a question.
import { type Clock, every } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import type { Question } from '../answers/question.ts';
import { parcelHead } from '../batch/parcel.ts';
import { Inbox } from './inbox.ts';
import type { VaultState } from './vault.ts';
import type { VaultPort } from './vaultthread.ts';

export interface StoreOptions {
	readonly path: string;
	readonly vault: VaultPort;
	readonly clock: Clock;
	readonly log: Log;
	/** ms; what is older goes. */
	readonly retentionMs: number;
	readonly retentionUsageMs: number;
}

/** What the intake hands over, checked. */
export interface IncomingBatch {
	readonly agent: string;
	/** null: an old agent's. */
	readonly netmon: {
		readonly epoch: string;
		readonly after: number;
		readonly last: number;
		readonly empty: boolean;
	} | null;
	/** See parcel.ts. */
	readonly parcel: Uint8Array;
}

/** `acked` is null for old agents. */
export interface Taken {
	readonly taken: boolean;
	readonly acked: number | null;
}

/** Longest that the store may be behind the inbox while nobody asks. */
const moveMs = 2_000;
const moveBytes = 2 * 1024 * 1024;
/** With so much behind, agents wait for their answers: they cannot outrun the disk. */
const heldBytes = 16 * 1024 * 1024;
const questionMs = 15_000;
const retireMs = 600_000;

interface Pending {
	readonly batch: IncomingBatch;
	readonly resolve: (taken: Taken) => void;
	readonly reject: (error: unknown) => void;
}

export class Store {
	readonly #options: StoreOptions;
	#inbox!: Inbox;
	#moved = 0;
	#acked = new Map<string, number>();
	#tokens: VaultState['tokens'] = [];
	#pending: Pending[] = [];
	#waitingBytes = 0;
	#moving: Promise<void> | null = null;
	/** Up to this number batches are moved one by one. */
	#careful = 0;
	#stops: (() => void)[] = [];
	#stopped = false;

	constructor(options: StoreOptions) {
		this.#options = options;
	}

	/** Rejects with a sentence when there is no store to be had. */
	async start(): Promise<void> {
		const { path, vault, clock, log } = this.#options;
		const state = await vault.call('state', []);
		this.#moved = state.moved;
		this.#tokens = state.tokens;
		for (const { agent, epoch, acked } of state.epochs) this.#acked.set(nameOf(agent, epoch), acked);
		const { inbox, said } = await Inbox.open(`${path}-inbox`, state.moved, clock.wall());
		this.#inbox = inbox;
		if (said) log.error(said);
		this.#recall();
		this.#stops = [
			every(clock, moveMs, () => void this.#move().catch((error: Error) => log.error(`the store: ${error.message}`))),
			every(clock, retireMs, () => void this.#retire()),
		];
	}

	/**
	 * Resolves when the batch is on disk, or when it cannot be taken because rows before it are missing. Rejects with a
	 * `DatabaseError`. Batches that come together are synced together.
	 */
	take(batch: IncomingBatch): Promise<Taken> {
		return new Promise((resolve, reject) => {
			this.#pending.push({ batch, resolve, reject });
			if (this.#pending.length === 1) setImmediate(() => this.#commitOrHold());
		});
	}

	/** Everything that was acknowledged is in the answer, as far as the disk lets it. */
	async ask<T>(question: Question): Promise<T> {
		await this.#move().catch((error: Error) => this.#options.log.error(`the store: ${error.message}`));
		return (await this.#options.vault.call('ask', [question], { timeoutMs: questionMs })) as T;
	}

	/** A call that changes or reads the vault itself, after everything acknowledged is in it. */
	async settled(): Promise<VaultPort> {
		await this.#move();
		return this.#options.vault;
	}

	/** After tokens, or acknowledged rows of a forgotten agent, have changed. */
	async refresh(): Promise<void> {
		this.#tokens = (await this.#options.vault.call('state', [])).tokens;
	}

	get tokens(): VaultState['tokens'] {
		return this.#tokens;
	}

	async stop(): Promise<void> {
		if (this.#stopped) return;
		this.#stopped = true;
		for (const stop of this.#stops) stop();
		this.#commit();
		try {
			await this.#move();
		} catch {
			// It stays in the inbox.
		}
		await this.#options.vault.stop();
		this.#inbox?.close();
	}

	/** Held batches go on when the vault has taken some. */
	#commitOrHold(): void {
		if (this.#waitingBytes < heldBytes || this.#stopped) return this.#commit();
		void this.#move().catch(() => {});
	}

	#commit(): void {
		const pending = this.#pending.splice(0);
		const acked = new Map<string, number>();
		const rows: { came: number; body: Uint8Array }[] = [];
		const answers: [Pending, Taken][] = [];
		for (const one of pending) {
			const { netmon, agent, parcel } = one.batch;
			const name = nameOf(agent, netmon?.epoch ?? '');
			const known = netmon ? (acked.get(name) ?? this.#acked.get(name) ?? 0) : 0;
			if (netmon && netmon.after > known) {
				answers.push([one, { taken: false, acked: known }]);
				continue;
			}
			const next = netmon ? Math.max(known, netmon.last) : null;
			if (next !== null) acked.set(name, next);
			if (!netmon?.empty) rows.push({ came: this.#options.clock.wall(), body: parcel });
			answers.push([one, { taken: true, acked: next }]);
		}
		try {
			if (rows.length > 0) this.#inbox.add(rows);
		} catch (error) {
			for (const { reject } of pending) reject(error);
			return;
		}
		for (const [name, number] of acked) this.#acked.set(name, number);
		for (const [{ resolve }, taken] of answers) resolve(taken);
		for (const { body } of rows) this.#waitingBytes += body.byteLength;
		if (this.#waitingBytes > moveBytes) void this.#move().catch(() => {});
	}

	/** Resolves when the vault has everything that was in the inbox at the call. */
	async #move(): Promise<void> {
		const upTo = this.#inbox.last;
		while (this.#moved < upTo) {
			this.#moving ??= this.#moveChunk().finally(() => {
				this.#moving = null;
			});
			await this.#moving;
		}
	}

	async #moveChunk(): Promise<void> {
		const chunk = this.#inbox.chunk(this.#moved, this.#careful > this.#moved ? 1 : Number.POSITIVE_INFINITY);
		const last = chunk.at(-1);
		if (!last) {
			this.#moved = this.#inbox.last;
			return;
		}
		const bytes = chunk.reduce((sum, { body }) => sum + body.byteLength, 0);
		const transfer = chunk.map(({ body }) => body.buffer as ArrayBuffer);
		try {
			await this.#options.vault.call('move', [chunk], { transfer });
		} catch (error) {
			if (!isOfTheBatch(error)) throw error;
			// One of them cannot be booked: alone, it is left out, so that the others go on.
			this.#careful = last.id;
			if (chunk.length > 1) return;
			this.#options.log.error(`a batch cannot be booked and is left out: ${(error as Error).message}`);
			await this.#options.vault.call('move', [[{ ...last, body: new Uint8Array() }]]);
		}
		this.#moved = last.id;
		this.#inbox.remove(last.id);
		this.#waitingBytes -= bytes;
		if (this.#pending.length > 0) this.#commitOrHold();
	}

	/** What waits in the inbox counts as acknowledged, unless the vault was put back from a backup behind it. */
	#recall(): void {
		let lost = 0;
		for (const { body } of this.#inbox.all(this.#moved)) {
			this.#waitingBytes += body.byteLength;
			const { agent, netmon } = parcelHead(body);
			if (!netmon) continue;
			const name = nameOf(agent, netmon.epoch);
			const known = this.#acked.get(name) ?? 0;
			if (netmon.after > known) lost += 1;
			else this.#acked.set(name, Math.max(known, netmon.last));
		}
		if (lost > 0)
			this.#options.log.warn(`the store was put back: ${lost} batches wait for what their agents still have`);
	}

	async #retire(): Promise<void> {
		const { vault, clock, log, retentionMs, retentionUsageMs } = this.#options;
		const now = clock.wall();
		try {
			const retention = { connectionsBefore: now - retentionMs, usageBefore: now - retentionUsageMs };
			while (!this.#stopped && (await vault.call('retire', [retention])));
		} catch (error) {
			if (!this.#stopped) log.warn(`retention: ${(error as Error).message}`);
		}
	}
}

/** SQLite refused a value, where the disk or the thread would refuse all. */
function isOfTheBatch(error: unknown): boolean {
	const code = error instanceof Error && 'code' in error ? error.code : null;
	return (
		code === 'SQLITE_RANGE' || code === 'SQLITE_TOOBIG' || code === 'SQLITE_MISMATCH' || code === 'SQLITE_CONSTRAINT'
	);
}

function nameOf(agent: string, epoch: string): string {
	return `${agent}\n${epoch}`;
}
