// The stream of what is now: read by fetch (which can send the token), opened again when it breaks, let go while nobody
// looks at the tab, so that the agents may be quiet.
import { ApiError, open } from '../client.ts';
import { EventText } from './eventtext.ts';
import { LiveBook, type LiveState } from './livebook.ts';

/** off: nobody looks; opening; on; broken: it is tried again. */
export type FeedState = 'off' | 'opening' | 'on' | 'broken' | 'full';

const firstRetryMs = 1_000;
const lastRetryMs = 30_000;
/** The master sends a beat each 15 s. */
const silentMs = 40_000;
const hiddenMs = 30_000;

export interface LiveFeedOptions {
	readonly onToken: () => void;
}

export class LiveFeed {
	readonly book = new LiveBook();
	readonly #options: LiveFeedOptions;
	readonly #listeners = new Set<() => void>();
	#state: FeedState = 'off';
	#control: AbortController | null = null;
	#retryMs = firstRetryMs;
	#timer = 0;
	#watch = 0;
	#hideTimer = 0;

	constructor(options: LiveFeedOptions) {
		this.#options = options;
	}

	get state(): FeedState {
		return this.#state;
	}

	start(): void {
		document.addEventListener('visibilitychange', this.#visibility);
		void this.#read();
	}

	stop(): void {
		document.removeEventListener('visibilitychange', this.#visibility);
		this.#end('off');
	}

	/** Called when anything changed. Answers how to hear no more of it. */
	listen(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	readonly #visibility = () => {
		window.clearTimeout(this.#hideTimer);
		if (document.hidden) this.#hideTimer = window.setTimeout(() => this.#end('off'), hiddenMs);
		else if (this.#state === 'off' || this.#state === 'broken') {
			this.#retryMs = firstRetryMs;
			this.#end('off');
			void this.#read();
		}
	};

	#become(state: FeedState): void {
		this.#state = state;
		for (const listener of this.#listeners) listener();
	}

	#end(state: FeedState): void {
		window.clearTimeout(this.#timer);
		window.clearTimeout(this.#watch);
		this.#control?.abort();
		this.#control = null;
		this.#become(state);
	}

	async #read(): Promise<void> {
		const control = new AbortController();
		this.#control = control;
		this.#become('opening');
		try {
			const response = await open('live', {}, { signal: control.signal });
			await this.#take(response, control);
		} catch (error) {
			// Who was let go meanwhile has nothing to say any more.
			if (this.#control === control && error instanceof ApiError && error.kind === 'token') {
				this.#end('off');
				return this.#options.onToken();
			}
		}
		if (this.#control !== control) return;
		this.#end(this.#state === 'full' ? 'full' : 'broken');
		this.#timer = window.setTimeout(() => void this.#read(), this.#retryMs * (0.5 + Math.random() / 2));
		this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
	}

	async #take(response: Response, control: AbortController): Promise<void> {
		const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
		const text = new EventText();
		// The master begins with what it last heard, by its own clock.
		const aheadMs = Date.parse(response.headers.get('Date') ?? '') - Date.now() || 0;
		this.#retryMs = firstRetryMs;
		this.#become('on');
		for (;;) {
			window.clearTimeout(this.#watch);
			this.#watch = window.setTimeout(() => control.abort(), silentMs);
			const { done, value } = await reader.read();
			if (done) return;
			const events = text.push(value);
			for (const { name, data } of events) {
				if (name === 'full') this.#state = 'full';
				if (name !== 'live') continue;
				const state = JSON.parse(data) as LiveState;
				this.book.take(state, Math.min(Date.now(), state.received - aheadMs));
			}
			if (events.length > 0) for (const listener of this.#listeners) listener();
		}
	}
}
