// A speed that wanders around its mean as a home's does: it strays a little each moment and comes back in half a minute.
import type { Dice } from './dice.ts';

const comeBackMs = 30_000;
/** As a power of e. */
const strayPerSecond = 0.12;

export class Rate {
	readonly #dice: Dice;
	readonly #mean: number;
	#stray = 0;

	/** @param mean bytes a second */
	constructor(dice: Dice, mean: number) {
		this.#dice = dice;
		this.#mean = mean;
	}

	/** The bytes of the next `ms`. */
	step(ms: number): number {
		const stray = this.#dice.bell() * strayPerSecond * Math.sqrt(ms / 1000);
		this.#stray += stray - this.#stray * Math.min(1, ms / comeBackMs);
		return this.#mean * Math.exp(this.#stray) * (ms / 1000);
	}
}
