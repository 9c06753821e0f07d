// Waits for a fact that real sockets bring about, and says which one never came.

const limitMs = 10_000;

export async function until(fact: () => boolean): Promise<void> {
	const end = performance.now() + limitMs;
	while (!fact()) {
		if (performance.now() > end) throw new Error(`never came true in ${limitMs} ms: ${fact}`);
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
}
