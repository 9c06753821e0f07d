// One long question left open at a netmon master, which answers it when somebody looks: so live figures begin at once,
// through NAT too. On a connection of its own, beside the sync.
import { type Clock, sleep } from '../system/clock.ts';
import type { Courier, Transport } from './courier.ts';
import { parseWake } from './masteranswer.ts';

export interface WakeOptions {
	readonly clock: Clock;
	readonly courier: Courier;
	readonly transport: Transport;
	readonly agentId: string;
	/** Somebody looks. */
	readonly onWake: () => void;
}

/** How long the master may hold the question: below the 60 s after which many a NAT and proxy forgets a connection. */
const holdMs = 55_000;
/** A master that answers at once is not asked more often. */
const leastGapMs = 2_000;
/** A master without this route, for good: until the next greeting. */
const absentStatuses = [404, 405, 501];

export class Wake {
	readonly #options: WakeOptions;
	#open: AbortController | null = null;
	#asked = Number.NEGATIVE_INFINITY;
	#absent = false;
	#running: Promise<void> = Promise.resolve();

	constructor(options: WakeOptions) {
		this.#options = options;
	}

	/** Another master may have the route. */
	greet(): void {
		this.#absent = false;
	}

	/** Leaves the question open, if it is not. */
	open(): void {
		if (this.#open || this.#absent) return;
		const open = new AbortController();
		this.#open = open;
		this.#running = this.#ask(open.signal).finally(() => {
			if (this.#open === open) this.#open = null;
		});
	}

	/** Takes the question back. */
	async close(): Promise<void> {
		this.#open?.abort();
		this.#open = null;
		await this.#running;
	}

	async #ask(signal: AbortSignal): Promise<void> {
		const { clock, courier, transport, agentId, onWake } = this.#options;
		while (!signal.aborted) {
			await sleep(clock, Math.max(0, this.#asked + leastGapMs - clock.mono()), signal);
			if (signal.aborted) return;
			this.#asked = clock.mono();
			try {
				const { status, body } = await courier.wake(transport, agentId, holdMs, signal);
				this.#absent = absentStatuses.includes(status);
				const wake = status === 200 ? parseWake(body) : null;
				if (wake === true && !signal.aborted) onWake();
				if (wake !== false) return;
			} catch {
				// Nothing is lost by it: the sync's own failures tell of a master that is away.
				return;
			}
		}
	}
}
