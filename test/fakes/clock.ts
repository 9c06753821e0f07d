// A clock that stands still until a test moves it. `wall` and `mono` can be moved apart (`stepWall`).
import type { Clock } from '../../src/system/clock.ts';

export class FakeClock implements Clock {
	#mono = 0;
	#wall: number;
	#timers: { at: number; run: () => void }[] = [];

	constructor(wall = Date.UTC(2026, 0, 1)) {
		this.#wall = wall;
	}

	wall = () => this.#wall;
	mono = () => this.#mono;

	after = (ms: number, run: () => void) => {
		const timer = { at: this.#mono + ms, run };
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((other) => other !== timer);
		};
	};

	/** Moves both clocks by `ms`, running every timer at its moment; promises get their turn in between. */
	async advance(ms: number): Promise<void> {
		const end = this.#mono + ms;
		for (;;) {
			await settle();
			const next = this.#earliest();
			if (!next || next.at > end) break;
			this.#timers = this.#timers.filter((timer) => timer !== next);
			this.#moveTo(Math.max(this.#mono, next.at));
			next.run();
		}
		this.#moveTo(end);
		await settle();
	}

	/** The wall clock jumps; the monotonic one does not notice (NTP, or an owner who sets the time). */
	stepWall(ms: number): void {
		this.#wall += ms;
	}

	/** How many timers wait: a test of what stops can ask for 0. */
	get pending(): number {
		return this.#timers.length;
	}

	/** Of those that are due at the same moment the one that was set first. */
	#earliest() {
		let earliest = this.#timers[0];
		for (const timer of this.#timers) if (timer.at < earliest!.at) earliest = timer;
		return earliest;
	}

	#moveTo(mono: number) {
		this.#wall += mono - this.#mono;
		this.#mono = mono;
	}
}

/** Lets everything that is ready run: promises, then I/O callbacks. */
function settle(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
