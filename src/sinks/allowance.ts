// How many rows may be set aside: a master that refuses more of them is wrong itself, and takes no history with it.
import type { Clock } from '../system/clock.ts';

const mostAnHour = 64;
const hourMs = 3_600_000;

export class Allowance {
	/** So many in this life. */
	count = 0;
	readonly #clock: Clock;
	/** Monotonic ms of each of the last hour. */
	#taken: number[] = [];

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Counts one more; false = there were too many in the last hour, this one is not to be set aside. */
	take(): boolean {
		const mono = this.#clock.mono();
		this.#taken = this.#taken.filter((at) => mono - at < hourMs);
		if (this.#taken.length >= mostAnHour) return false;
		this.#taken.push(mono);
		this.count += 1;
		return true;
	}
}
