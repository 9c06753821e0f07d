// One WebSocket to `/connections`: frames until it ends, and why it ended. The core answers neither ping nor close,
// so it is alive while frames come, and left with terminate().
import { connect, type Socket } from 'node:net';
import WebSocket from 'ws';
import { connectTls } from '../system/certificate.ts';
import { type Clock, every } from '../system/clock.ts';
import { asHttpError } from '../system/httperror.ts';
import { authorization, type ControllerAddress, explain, nameOf, wrongSecret } from './controller.ts';

/** 90,000 connections. A larger frame ends the stream, because ws can skip none. */
const maxFrameBytes = 64 * 1024 * 1024;
/** The next frame will hardly be smaller: to ask for it at once would only move it again and again. */
const restAfterLargeMs = 60_000;
/** A core that brought no frame for so long is silent: 5 intervals, but at least this. */
const minSilenceMs = 5000;
const silenceIntervals = 5;
const tooLarge = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

export interface StreamOptions {
	readonly address: ControllerAddress;
	/** Sent as `?interval=`: a positive integer, because the core never answers to anything else. */
	readonly intervalMs: number;
	/** For the connection and the upgrade. */
	readonly timeoutMs: number;
	readonly clock: Clock;
	/** Each frame that may still be current: of those that arrive together, the last. */
	readonly onFrame: (frame: Buffer, mono: number) => void;
	/** Once: a sentence, and how long to leave the core alone at least; nothing follows. Not after `close()`. */
	readonly onEnd: (why: string, restMs: number) => void;
}

export class Stream {
	readonly #options: StreamOptions;
	readonly #socket: WebSocket;
	readonly #stopWatching: () => void;
	#latest: Buffer | null = null;
	#heardMono: number;
	#isOpen = false;
	#over = false;

	constructor(options: StreamOptions) {
		this.#options = options;
		const { address, clock, intervalMs } = options;
		this.#heardMono = clock.mono();
		this.#socket = new WebSocket(urlOf(address, intervalMs), {
			headers: authorization(address),
			perMessageDeflate: false,
			maxPayload: maxFrameBytes,
			// A name with broken UTF-8 is one odd name, not the end of the stream.
			skipUTF8Validation: true,
			followRedirects: false,
			// The core never reads: an answer to a ping would only pile up.
			autoPong: false,
			createConnection: connector(address),
		});
		this.#socket.on('open', () => {
			this.#isOpen = true;
			this.#heardMono = clock.mono();
		});
		this.#socket.on('message', (data, isBinary) => this.#take(data as Buffer, isBinary));
		this.#socket.on('unexpected-response', (_request, response) => {
			const { statusCode } = response;
			response.destroy();
			this.#end(
				statusCode === 401
					? wrongSecret(address)
					: `${nameOf(address)} answers, but opens no stream of connections (HTTP ${statusCode}): is it mihomo's controller?`,
			);
		});
		this.#socket.on('error', (error: Error & { code?: string }) =>
			this.#end(this.#why(error), error.code === tooLarge ? restAfterLargeMs : 0),
		);
		this.#socket.on('close', () => this.#end(`${nameOf(address)} ended the stream: was mihomo stopped?`));
		this.#stopWatching = every(clock, 1000, () => this.#watch());
	}

	/** Leaves without a word, as the core expects. Idempotent. */
	close(): void {
		if (this.#over) return;
		this.#over = true;
		this.#stopWatching();
		this.#socket.terminate();
	}

	#take(data: Buffer, isBinary: boolean) {
		if (this.#over) return;
		if (isBinary) return this.#end(`${nameOf(this.#options.address)} sent binary data: it is not mihomo's controller`);
		this.#heardMono = this.#options.clock.mono();
		if (this.#latest === null) setImmediate(() => this.#handOn());
		this.#latest = data;
	}

	/** After a stall several old frames arrive at once; they carry no time, so only the last means anything. */
	#handOn() {
		const frame = this.#latest;
		this.#latest = null;
		if (frame && !this.#over) this.#options.onFrame(frame, this.#heardMono);
	}

	#watch() {
		const { clock, intervalMs, timeoutMs, address } = this.#options;
		const silence = clock.mono() - this.#heardMono;
		const limit = this.#isOpen ? Math.max(minSilenceMs, silenceIntervals * intervalMs) : timeoutMs;
		if (silence < limit) return;
		const seconds = Math.round(silence / 1000);
		this.#end(`${nameOf(address)} ${this.#isOpen ? 'sent no frame' : 'did not open the stream'} for ${seconds} s`);
	}

	#why(error: Error & { code?: string }): string {
		const { address } = this.#options;
		if (error.code === tooLarge) {
			return `${nameOf(address)} sent a frame of more than 64 MiB: it was skipped, the next try is in a minute`;
		}
		if (error.code?.startsWith('WS_ERR_')) return `${nameOf(address)} broke the WebSocket protocol (${error.code})`;
		return explain(address, asHttpError(error, nameOf(address)));
	}

	#end(why: string, restMs = 0) {
		if (this.#over) return;
		this.close();
		this.#options.onEnd(why, restMs);
	}
}

/** Always `ws:`; whether TLS or a unix socket carries it is the connector's business. */
function urlOf({ kind, host, port, basePath }: ControllerAddress, intervalMs: number): string {
	const name = kind === 'unix' ? 'localhost' : `${host.includes(':') ? `[${host}]` : host}:${port}`;
	return `ws://${name}${basePath}/connections?interval=${Math.max(1, Math.round(intervalMs))}`;
}

type Connector = NonNullable<WebSocket.ClientOptions['createConnection']>;

function connector({ kind, host, port, socketPath, certificate }: ControllerAddress): Connector {
	const open = (_options: unknown, done: (error: Error | null, socket?: Socket) => void): Socket | undefined => {
		if (kind === 'unix') return connect({ path: socketPath });
		if (kind === 'tcp') return connect({ host, port, noDelay: true });
		connectTls({ host, port }, certificate, done);
		return undefined;
	};
	return open as unknown as Connector;
}
