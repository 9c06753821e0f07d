// What a simulation asks of random numbers: integers, choices, UUIDs. The same seed gives the same everywhere.
import { randomFrom } from './random.ts';

export class Dice {
	readonly #random: () => number;

	constructor(seed: number) {
		this.#random = randomFrom(seed);
	}

	/** In [0, 1). */
	next(): number {
		return this.#random();
	}

	/** An integer from `low` to `high`, both possible. */
	int(low: number, high: number): number {
		return low + Math.floor(this.next() * (high - low + 1));
	}

	chance(probability: number): boolean {
		return this.next() < probability;
	}

	pick<T>(list: readonly T[]): T {
		const picked = list[Math.floor(this.next() * list.length)];
		if (picked === undefined) throw new Error('nothing to pick from');
		return picked;
	}

	/** Around 0 with deviation 1, from three uniform numbers: never beyond 3. */
	bell(): number {
		return (this.next() + this.next() + this.next()) * 2 - 3;
	}

	/** A UUID of `version` in lower case, as Go writes it. */
	uuid(version = 4): string {
		const hex = [this.next(), this.next(), this.next(), this.next()]
			.map((part) =>
				Math.floor(part * 2 ** 32)
					.toString(16)
					.padStart(8, '0'),
			)
			.join('');
		const variant = '89ab'[this.int(0, 3)];
		return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
	}
}
