// How much may go to flash now: so many bytes in any 60 minutes, and not one more. Whole blocks are counted, since that
// is what flash writes.
import type { Clock } from '../system/clock.ts';

const hourMs = 3_600_000;
const blockBytes = 4_096;
/** What an orderly stop may still write when all else is spent. */
const stopShare = 0.1;

export class FlashBudget {
	readonly #clock: Clock;
	readonly #bytes: number;
	/** Oldest first. */
	#writes: { readonly mono: number; readonly bytes: number }[] = [];

	/** @param spent what an earlier life had spent in its last hour: counted as if it were now */
	constructor(clock: Clock, bytes: number, spent = 0) {
		this.#clock = clock;
		this.#bytes = bytes;
		if (spent > 0) this.#writes.push({ mono: clock.mono(), bytes: spent });
	}

	/** Bytes of the last hour. */
	get spent(): number {
		const now = this.#clock.mono();
		this.#writes = this.#writes.filter(({ mono }) => now - mono < hourMs);
		return this.#writes.reduce((sum, { bytes }) => sum + bytes, 0);
	}

	/** Bytes that may be written now. */
	room({ stopping = false } = {}): number {
		const room = this.#bytes * (stopping ? 1 : 1 - stopShare) - this.spent;
		return Math.max(0, Math.floor(room / blockBytes) * blockBytes);
	}

	/** They were written, or may have been. */
	spend(bytes: number): void {
		this.#writes.push({ mono: this.#clock.mono(), bytes: Math.ceil(bytes / blockBytes) * blockBytes });
	}
}
