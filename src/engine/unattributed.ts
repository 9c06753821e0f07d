// The bytes that the core counted and no listed connection showed, in one direction of one run of the core.
//
// A frame lists connections, then reads the totals, then the counters: counters run ahead of the totals, and a
// connection that opened meanwhile is missing though the totals hold it. So the gap of one frame is noise, and
// clamping it frame by frame invents bytes. The sum follows the cumulative gap instead (docs/accounting.md):
// it rises to the smallest gap of the last 5 frames, is set to the gap when nothing moves, and at the end of a
// run becomes at least the last gap.

const windowFrames = 5;

/** What is carried through a restart of the agent. Bytes since the run's baseline. */
export interface UnattributedState {
	readonly total: number;
	readonly attributed: number;
	readonly sum: number;
	readonly gaps: readonly number[];
}

const nothing: UnattributedState = { total: 0, attributed: 0, sum: 0, gaps: [0] };

export class Unattributed {
	#total: number;
	#attributed: number;
	#sum: number;
	readonly #gaps: number[];

	constructor({ total, attributed, sum, gaps }: UnattributedState = nothing) {
		this.#total = total;
		this.#attributed = attributed;
		this.#sum = sum;
		this.#gaps = [...gaps];
	}

	/** Bytes so far; never negative. */
	get sum(): number {
		return this.#sum;
	}

	/**
	 * The next frame of the run: what the core's total gained and what the connections' counters gained, both
	 * since the baseline. Answers by how much the sum changed; negative when rest shows that it was too high.
	 */
	frame(total: number, attributed: number): number {
		const gap = total - attributed;
		const rest = total === this.#total && attributed === this.#attributed;
		this.#total = total;
		this.#attributed = attributed;
		this.#gaps.push(gap);
		if (this.#gaps.length > windowFrames) this.#gaps.shift();
		return this.#set(rest ? Math.max(0, gap) : Math.max(this.#sum, Math.min(...this.#gaps)));
	}

	/** The run is over and no frame of it will come. */
	finish(): number {
		return this.#set(Math.max(this.#sum, this.#total - this.#attributed));
	}

	state(): UnattributedState {
		return { total: this.#total, attributed: this.#attributed, sum: this.#sum, gaps: [...this.#gaps] };
	}

	#set(sum: number): number {
		const change = sum - this.#sum;
		this.#sum = sum;
		return change;
	}
}
