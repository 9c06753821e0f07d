// The search for the one thing in a batch that a master refuses: halves what is under suspicion with each answer. Pure.
// Promise: one bad among 500 is known for certain after 10 requests, the first refusal included; what was neither
// refused alone nor left over between a refusal and what was taken is never called bad.

export class BadOne {
	/** So many of the next ones hold a bad one; 0 = no suspicion. */
	#suspects = 0;
	/** Refusals in this search. One alone proves little: the body may have been refused for something else. */
	#refusals = 0;
	/** Something else was taken in this search: it is not the master that refuses everything. */
	#proved = false;
	#lastTaken = false;
	/** The next one is to be tried alone. */
	#again = false;
	/** The next one was refused alone. */
	#sentAlone = false;

	/** How many to send now, at most `usual`. */
	portion(usual: number): number {
		if (this.#again) return 1;
		if (this.#suspects === 0) return usual;
		// Floor and ceiling: so that the paths with an extra question at their end are the shorter ones.
		const half = this.#lastTaken ? Math.ceil(this.#suspects / 2) : Math.floor(this.#suspects / 2);
		return Math.max(1, Math.min(usual, half));
	}

	/** `count` of the next ones were refused together. */
	refused(count: number): void {
		if (!this.searching) {
			this.#refusals = 0;
			this.#proved = false;
		}
		this.#refusals += 1;
		this.#suspects = count;
		this.#sentAlone = count === 1;
		this.#lastTaken = false;
		this.#again = false;
	}

	/** `count` of the next ones were taken. Answers whether a search has ended without finding anything. */
	taken(count: number): boolean {
		const searched = this.#suspects > 0;
		this.#proved = true;
		this.#lastTaken = true;
		this.#again = false;
		this.#suspects = Math.max(0, this.#suspects - count);
		return searched && this.#suspects === 0;
	}

	/** The next one is the bad one. */
	get alone(): boolean {
		return this.#suspects === 1 && (this.#sentAlone || this.#refusals > 1);
	}

	get searching(): boolean {
		return this.#suspects > 0 || this.#again;
	}

	/** Whether the master took anything else in this search. */
	get proved(): boolean {
		return this.#proved;
	}

	/** It takes bodies without rows. */
	prove(): void {
		this.#proved = true;
	}

	/** The bad one is gone, or was none. */
	clear(): void {
		this.#suspects = 0;
		this.#again = false;
	}

	/** The bad one was mended: whether that helped is to be seen from it alone. */
	mended(): void {
		this.#suspects = 0;
		this.#again = true;
	}
}
