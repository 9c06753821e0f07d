// The signals that ask a program to stop.

/** Aborts with the first SIGINT or SIGTERM; a second one ends the process at once. */
export function interruption(): AbortSignal {
	const controller = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.on(signal, () => (controller.signal.aborted ? process.exit(130) : controller.abort()));
	}
	return controller.signal;
}
