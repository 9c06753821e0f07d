// What agents say of now, for whoever listens, and the tempo that this asks of them. Nothing of it is stored.
import type { Clock } from '../../system/clock.ts';
import type { AgentHealth, LivePart } from '../../wire.ts';

export interface LiveState {
	readonly agent_id: string;
	/** ms since the Unix epoch, by this machine's clock. */
	readonly received: number;
	readonly live: LivePart | null;
	readonly health: AgentHealth | null;
}

/** Called with each news; false = the listener takes no more. */
export type Listener = (state: LiveState) => boolean;

/** Seconds between two syncs while somebody listens. */
const fastSyncS = 1;
const wakeMs = 55_000;
const maxListeners = 64;
const maxSleepers = 4_096;

export class LiveBoard {
	readonly #clock: Clock;
	readonly #states = new Map<string, LiveState>();
	readonly #listeners = new Set<Listener>();
	readonly #sleepers = new Set<(wake: boolean) => void>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** What agents are told as `next_sync_s`. */
	get nextSyncS(): number {
		return this.#listeners.size > 0 ? fastSyncS : 0;
	}

	/** All agents that spoke since the master's start. */
	states(): readonly LiveState[] {
		return [...this.#states.values()];
	}

	tell(agent: string, live: LivePart | null, health: AgentHealth | null): void {
		const known = health ?? this.#states.get(agent)?.health ?? null;
		const state = { agent_id: agent, received: this.#clock.wall(), live, health: known };
		this.#states.set(agent, state);
		for (const listener of this.#listeners) if (!listener(state)) this.#listeners.delete(listener);
	}

	forget(agent: string): void {
		this.#states.delete(agent);
	}

	/** Begins with what is known; every agent that waits is woken. Answers how to leave; null = too many listen. */
	listen(listener: Listener): (() => void) | null {
		if (this.#listeners.size >= maxListeners) return null;
		this.#listeners.add(listener);
		for (const state of this.#states.values()) listener(state);
		for (const wake of [...this.#sleepers]) wake(true);
		return () => {
			this.#listeners.delete(listener);
		};
	}

	/** True as soon as somebody listens; false after 55 s, or when `signal` says that nobody waits for the answer. */
	wake(signal: AbortSignal): Promise<boolean> {
		if (this.#listeners.size > 0) return Promise.resolve(true);
		if (this.#sleepers.size >= maxSleepers) return Promise.resolve(false);
		return new Promise((resolve) => {
			const finish = (wake: boolean) => {
				cancel();
				signal.removeEventListener('abort', gone);
				this.#sleepers.delete(finish);
				resolve(wake);
			};
			const gone = () => finish(false);
			const cancel = this.#clock.after(wakeMs, gone);
			signal.addEventListener('abort', gone);
			this.#sleepers.add(finish);
		});
	}

	/** Lets everyone go. */
	stop(): void {
		for (const wake of [...this.#sleepers]) wake(false);
		this.#listeners.clear();
	}
}
