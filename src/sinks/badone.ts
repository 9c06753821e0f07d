// The search for the one thing in a batch that a master refuses: halves what is under suspicion with each answer. Pure.
// Promise: one bad among 500 is found after 10 requests at most, the first refusal included.

export class BadOne {
	/** So many of the next ones hold a bad one for certain; 0 = no suspicion. */
	#suspects = 0;
	/** Something else was taken since the suspicion began: it is not the master that refuses everything. */
	#proved = false;
	/** The next one is to be tried alone, once more. */
	#again = false;

	/** How many to send now, at most `usual`. */
	portion(usual: number): number {
		if (this.#again) return 1;
		if (this.#suspects === 0) return usual;
		return Math.max(1, Math.min(usual, Math.floor(this.#suspects / 2)));
	}

	/** `count` of the next ones were refused together. */
	refused(count: number): void {
		if (this.#suspects === 0 && !this.#again) this.#proved = false;
		this.#again = false;
		this.#suspects = count;
	}

	/** `count` of the next ones were taken. */
	taken(count: number): void {
		this.#proved = true;
		this.#again = false;
		this.#suspects = Math.max(0, this.#suspects - count);
	}

	/** The next one is the bad one. */
	get alone(): boolean {
		return this.#suspects === 1;
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
