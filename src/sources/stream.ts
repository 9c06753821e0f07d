// One WebSocket to `/connections`: frames until it ends, and why it ended. The core answers neither ping nor close,
// so it is alive while frames come, and left without a word.
import { type Clock, every } from '../system/clock.ts';
import { asHttpError } from '../system/httperror.ts';
import { type ControllerAddress, explain, nameOf, wrongSecret } from './controller.ts';
import { WebSocket, type WebSocketEnd } from './websocket.ts';

/** 90,000 connections. A larger frame ends the stream, because ws can skip none. */
const maxFrameBytes = 64 * 1024 * 1024;
/** The next frame will hardly be smaller: to ask for it at once would only move it again and again. */
const restAfterLargeMs = 60_000;
/** A core that brought no frame for so long is silent: 5 intervals, but at least this. */
const minSilenceMs = 5000;
const silenceIntervals = 5;

export interface StreamOptions {
	readonly address: ControllerAddress;
	/** Sent as `?interval=`: a positive integer, because the core never answers to anything else. */
	readonly intervalMs: number;
	/** For the connection and the upgrade. */
	readonly timeoutMs: number;
	readonly clock: Clock;
	/**
	 * Each frame that may still be current: of those that arrive together, the last. It may be looked at until the next
	 * call has returned; then its memory is used again.
	 */
	readonly onFrame: (frame: Buffer, mono: number) => void;
	/** Once: a sentence, and how long to leave the core alone at least; nothing follows. Not after `close()`. */
	readonly onEnd: (why: string, restMs: number) => void;
}

export class Stream {
	readonly #options: StreamOptions;
	readonly #socket: WebSocket;
	readonly #stopWatching: () => void;
	#latest: Buffer | null = null;
	/** Handed on last. */
	#before: Buffer | null = null;
	#heardMono: number;
	#isOpen = false;
	#over = false;

	constructor(options: StreamOptions) {
		this.#options = options;
		const { address, clock, intervalMs } = options;
		this.#heardMono = clock.mono();
		this.#socket = new WebSocket({
			address,
			path: `${address.basePath}/connections?interval=${Math.max(1, Math.round(intervalMs))}`,
			maxBytes: maxFrameBytes,
			onOpen: () => {
				this.#isOpen = true;
				this.#heardMono = clock.mono();
			},
			onMessage: (message) => this.#take(message),
			onEnd: (end) => this.#end(this.#why(end), end.kind === 'too large' ? restAfterLargeMs : 0),
		});
		this.#stopWatching = every(clock, 1000, () => this.#watch());
	}

	/** Leaves without a word, as the core expects. Idempotent. */
	close(): void {
		if (this.#over) return;
		this.#over = true;
		this.#stopWatching();
		this.#socket.close();
	}

	#take(message: Buffer) {
		if (this.#over) return;
		this.#heardMono = this.#options.clock.mono();
		if (this.#latest === null) setImmediate(() => this.#handOn());
		else this.#socket.release(this.#latest);
		this.#latest = message;
	}

	/** After a stall several old frames arrive at once; they carry no time, so only the last means anything. */
	#handOn() {
		const frame = this.#latest;
		this.#latest = null;
		if (!frame || this.#over) return;
		this.#options.onFrame(frame, this.#heardMono);
		if (this.#before) this.#socket.release(this.#before);
		this.#before = frame;
	}

	#watch() {
		const { clock, intervalMs, timeoutMs, address } = this.#options;
		const silence = clock.mono() - this.#heardMono;
		const limit = this.#isOpen ? Math.max(minSilenceMs, silenceIntervals * intervalMs) : timeoutMs;
		if (silence < limit) return;
		const seconds = Math.round(silence / 1000);
		this.#end(`${nameOf(address)} ${this.#isOpen ? 'sent no frame' : 'did not open the stream'} for ${seconds} s`);
	}

	#why(end: WebSocketEnd): string {
		const { address } = this.#options;
		const name = nameOf(address);
		switch (end.kind) {
			case 'failed':
				return explain(address, asHttpError(end.error, name));
			case 'refused':
				return end.status === 401
					? wrongSecret(address)
					: `${name} answers, but opens no stream of connections (HTTP ${end.status}): is it mihomo's controller?`;
			case 'closed':
				return `${name} ended the stream: was mihomo stopped?`;
			case 'too large':
				return `${name} sent a frame of more than 64 MiB: it was skipped, the next try is in a minute`;
			case 'binary':
				return `${name} sent binary data: it is not mihomo's controller`;
			case 'broken':
				return `${name} broke the WebSocket protocol (${end.what})`;
		}
	}

	#end(why: string, restMs = 0) {
		if (this.#over) return;
		this.close();
		this.#options.onEnd(why, restMs);
	}
}
