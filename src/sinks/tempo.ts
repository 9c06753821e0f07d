// When to sync: at this agent's own moment in each interval, and more often while the master asks for it. Pure.

export class Tempo {
	readonly #intervalMs: number;
	/** The next moment of its own, monotonic ms. */
	#due: number;
	#fastMs: number | null = null;

	/**
	 * @param random in [0, 1): where in the interval, so that a thousand agents that were started together spread
	 */
	constructor(intervalMs: number, mono: number, random: number) {
		this.#intervalMs = intervalMs;
		this.#due = mono + random * intervalMs;
	}

	/** Seconds that the master asked for; 0 = as configured. What is slower than the interval is not followed. */
	set nextSyncS(seconds: number) {
		this.#fastMs = seconds > 0 && seconds * 1000 < this.#intervalMs ? seconds * 1000 : null;
	}

	get isFast(): boolean {
		return this.#fastMs !== null;
	}

	/** Whether a moment of its own has come since the last time this was true: what grew is to be sealed. */
	takeDue(mono: number): boolean {
		if (mono < this.#due) return false;
		this.#due += this.#intervalMs * (Math.floor((mono - this.#due) / this.#intervalMs) + 1);
		return true;
	}

	/** ms until the next sync, counted from `mono`, when the last one is just over. */
	waitMs(mono: number): number {
		return Math.max(0, Math.min(this.#due - mono, this.#fastMs ?? Number.POSITIVE_INFINITY));
	}
}
