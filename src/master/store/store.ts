// The store's face: take a batch, answer a question, retire the old. A batch is acknowledged when the inbox has it on
// disk; the vault takes it in later, in its own thread, and always before it answers a question.
import { type Clock, every } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import type { Question } from '../answers/question.ts';
import { parcelHead } from '../batch/parcel.ts';
import { Hindered, type Hindrance, told } from './hindrance.ts';
import { Inbox } from './inbox.ts';
import { Mover } from './mover.ts';
import type { QueryAnswer, VaultState } from './vault.ts';
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
const heldBytes = 8 * 1024 * 1024;
const questionMs = 15_000;
/** Of SQL. */
const queryMs = 60_000;
const retireMs = 600_000;

interface Pending {
	readonly batch: IncomingBatch;
	readonly resolve: (taken: Taken) => void;
	readonly reject: (error: unknown) => void;
}

export class Store {
	readonly #options: StoreOptions;
	#inbox!: Inbox;
	#mover!: Mover;
	#acked = new Map<string, number>();
	#tokens: VaultState['tokens'] = [];
	#pending: Pending[] = [];
	#lastShort: Hindrance | null = null;
	#stops: (() => void)[] = [];
	#stopped = false;

	constructor(options: StoreOptions) {
		this.#options = options;
	}

	/** Rejects with a sentence when there is no store to be had. */
	async start(): Promise<void> {
		const { path, vault, clock, log } = this.#options;
		const state = await vault.call('state', []);
		this.#tokens = state.tokens;
		for (const { agent, epoch, acked } of state.epochs) this.#acked.set(nameOf(agent, epoch), acked);
		const { moved } = state;
		const { inbox, said } = await Inbox.open(`${path}-inbox`, moved, clock.wall());
		this.#inbox = inbox;
		if (said) log.error(said);
		const onMoved = () => {
			if (this.#pending.length > 0) this.#commitOrHold();
		};
		this.#mover = new Mover({ inbox, vault, clock, log, moved, onMoved });
		this.#recall(moved);
		this.#stops = [
			every(clock, moveMs, () => void this.#mover.tend()),
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

	/** Everything that was acknowledged is in the answer; where that cannot be, `lastShort` is another one after it. */
	async ask<T>(question: Question): Promise<T> {
		await this.#moveOrTell();
		return (await this.#options.vault.call('ask', [question], { timeoutMs: questionMs })) as T;
	}

	/** A call that changes or reads the vault itself, after everything acknowledged is in it. Rejects with `Hindered`. */
	async settled(): Promise<VaultPort> {
		if (!(await this.#mover.settle())) throw new Hindered(told(this.#mover.hindrance!));
		return this.#options.vault;
	}

	/** Any one statement that changes nothing; `short`: as after `ask`. */
	async query(sql: string): Promise<QueryAnswer & { readonly short: Hindrance | null }> {
		const short = await this.#moveOrTell();
		return { ...(await this.#options.vault.call('query', [sql], { timeoutMs: queryMs })), short };
	}

	/** null: the vault takes what comes. */
	get hindrance(): Hindrance | null {
		return this.#mover.hindrance;
	}

	/** Of the last answer that lacked what waits. Who compares before and after knows of its own. */
	get lastShort(): Hindrance | null {
		return this.#lastShort;
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
		if (this.#pending.length > 0) this.#commit();
		// What cannot be moved stays in the inbox.
		await this.#mover?.move();
		await this.#options.vault.stop();
		this.#inbox?.close();
	}

	async #moveOrTell(): Promise<Hindrance | null> {
		if (await this.#mover.settle()) return null;
		this.#lastShort = this.#mover.hindrance;
		return this.#lastShort;
	}

	/** While the vault is behind, batches wait for it; while it cannot take any, the room that is left is for what waits. */
	#commitOrHold(): void {
		const behind = this.#mover.bytes >= heldBytes || this.#mover.hindrance;
		if (!behind || this.#stopped) return this.#commit();
		void this.#mover.move().then((moved) => {
			if (moved) this.#commit();
			else for (const { reject } of this.#pending.splice(0)) reject(this.#mover.error);
		});
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
		for (const { body } of rows) this.#mover.count(body);
		if (this.#mover.bytes > moveBytes) void this.#mover.move();
	}

	/** What waits in the inbox counts as acknowledged, unless the vault was put back from a backup behind it. */
	#recall(moved: number): void {
		let lost = 0;
		for (const { body } of this.#inbox.all(moved)) {
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

function nameOf(agent: string, epoch: string): string {
	return `${agent}\n${epoch}`;
}
