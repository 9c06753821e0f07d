// One question at a time for one part of a view: a new one ends the one before, and what comes too late is dropped.
import { ApiError } from '../client.ts';

export interface LoadOptions<T> {
	readonly done: (value: T) => void;
	/** Never for what was ended here, nor for a token that is wrong. */
	readonly failed: (error: unknown) => void;
}

export class Loader {
	readonly #onToken: () => void;
	#control: AbortController | null = null;

	constructor(onToken: () => void) {
		this.#onToken = onToken;
	}

	async load<T>(ask: (signal: AbortSignal) => Promise<T>, { done, failed }: LoadOptions<T>): Promise<void> {
		this.stop();
		const control = new AbortController();
		this.#control = control;
		try {
			const value = await ask(control.signal);
			if (this.#control === control) done(value);
		} catch (error) {
			if (this.#control !== control) return;
			if (error instanceof ApiError && error.kind === 'token') this.#onToken();
			else failed(error);
		}
	}

	stop(): void {
		this.#control?.abort();
		this.#control = null;
	}
}
