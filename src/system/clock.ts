// The two clocks and the only timer. Wall time is for people and may jump; everything that measures or waits
// uses the monotonic one. Tests hand in a fake that they move by hand.

export interface Clock {
	/** ms since the Unix epoch; may jump in both directions. */
	wall(): number;
	/** ms since the machine booted (CLOCK_MONOTONIC); never falls. */
	mono(): number;
	/** Calls `run` once, `ms` from now; the returned function cancels it and may be called any time. */
	after(ms: number, run: () => void): () => void;
}

/** Both at one moment. */
export function bothClocks(clock: Clock): { readonly wall: number; readonly mono: number } {
	return { wall: clock.wall(), mono: clock.mono() };
}

/** performance.now() begins with the process, hrtime with the machine: so times of two lives can be compared. */
const sinceBoot = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export const systemClock: Clock = {
	wall: () => Date.now(),
	mono: () => performance.now() + sinceBoot,
	after(ms, run) {
		const timer = setTimeout(run, ms);
		return () => clearTimeout(timer);
	},
};

/**
 * Calls `run` every `ms` by the monotonic clock, first after `ms`. Does not drift; ticks that were missed (a
 * stopped process) are left out, not made up for. The returned function ends it.
 */
export function every(clock: Clock, ms: number, run: () => void): () => void {
	let due = clock.mono() + ms;
	let cancel = clock.after(ms, tick);
	function tick() {
		const now = clock.mono();
		due += ms * Math.max(1, Math.floor((now - due) / ms) + 1);
		cancel = clock.after(Math.max(0, due - now), tick);
		run();
	}
	return () => cancel();
}

/** Resolves after `ms`, or at once with `signal`'s abort. Never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal?.aborted) return resolve();
		const finish = () => {
			cancel();
			signal?.removeEventListener('abort', finish);
			resolve();
		};
		const cancel = clock.after(ms, finish);
		signal?.addEventListener('abort', finish);
	});
}
