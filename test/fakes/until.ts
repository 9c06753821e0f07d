// Waits for a fact, not for a time: asks again whenever the event loop has turned, for a bounded while.

const longestMs = 10_000;

/** Resolves when `fact` holds; rejects, naming it, when it does not come true within 10 s of real time. */
export async function until(fact: () => unknown | Promise<unknown>, what = fact.toString()): Promise<void> {
	const end = performance.now() + longestMs;
	while (!(await fact())) {
		if (performance.now() > end) throw new Error(`it did not come true within ${longestMs / 1000} s: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
}
