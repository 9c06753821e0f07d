// One upgraded socket of the simulated core. Like the real one it never reads: a frame at once, then each interval;
// ping and close get no answer; while a frame waits to be taken, ticks are left out.
import type { Duplex } from 'node:stream';
import { type Clock, every } from '../../src/system/clock.ts';
import type { Fault } from './fault.ts';
import { drip, pour } from './pour.ts';
import { closeFrame, fragments, frame, frameHead, opcodes } from './websocketframe.ts';

export interface CoreStreamOptions {
	readonly socket: Duplex;
	readonly clock: Clock;
	/** `?interval=` as it was sent; null = none. */
	readonly interval: string | null;
	/** Makes the text of a frame. */
	readonly read: () => Buffer;
	/** The text was given to the socket whole and is not looked at again. */
	readonly onSent: (text: Buffer) => void;
	readonly onClose: () => void;
	/** What is wrong just now. */
	readonly fault: () => Fault | null;
}

const defaultIntervalMs = 1000;
const pingPayload = Buffer.alloc(125, 'p');

export class CoreStream {
	readonly #options: CoreStreamOptions;
	#frames = 0;
	#busy = false;
	#held: Buffer[] = [];
	#stopTicks = () => {};
	#stopDrip = () => {};

	constructor(options: CoreStreamOptions) {
		this.#options = options;
		options.socket.on('error', () => this.stop());
		options.socket.on('close', () => {
			this.stop();
			options.onClose();
		});
	}

	start(): void {
		const { clock, interval } = this.#options;
		const ms = interval === null || interval === '' ? defaultIntervalMs : Number(interval);
		// Like the real one: not an integer gets nothing for ever, zero and below one frame.
		if (interval && !/^[+-]?\d+$/.test(interval)) return;
		this.#tick();
		if (ms > 0 && !this.#options.socket.destroyed) this.#stopTicks = every(clock, ms, () => this.#tick());
	}

	/** The end as a dying process leaves it: no close frame. */
	stop(): void {
		this.#stopTicks();
		this.#stopDrip();
		this.#options.socket.destroy();
	}

	#tick(): void {
		const { fault, socket } = this.#options;
		if (this.#busy || socket.destroyed) return;
		const wrong = fault();
		if (wrong?.kind !== 'burst' && this.#held.length > 0) this.#release();
		switch (wrong?.kind) {
			case 'silence':
				return;
			case 'garbage':
				return this.#send([frame(opcodes.text, Buffer.from(wrong.text))]);
			case 'truncated': {
				const text = this.#options.read();
				return this.#send([frame(opcodes.text, text.subarray(0, Math.floor(text.length * wrong.share)))]);
			}
			case 'huge':
				return this.#stream(wrong.bytes);
			case 'drip':
				return this.#drip(frame(opcodes.text, this.#options.read()), wrong.bytesPerSecond);
			case 'close':
			case 'fin':
				if (this.#frames < wrong.afterFrames) return this.#sendText();
				if (wrong.kind === 'fin') return this.stop();
				this.#stopTicks();
				socket.end(closeFrame);
				return;
			case 'burst':
				this.#held.push(this.#options.read());
				if (this.#held.length >= wrong.frames) this.#release();
				return;
			case 'binary':
				return this.#send([frame(opcodes.binary, this.#options.read())]);
			case 'fragments':
				return this.#send([fragments(this.#options.read(), wrong.count)]);
			case 'pings':
				socket.write(Buffer.concat(Array.from({ length: wrong.count }, () => frame(opcodes.ping, pingPayload))));
				return this.#sendText();
			case 'raw':
				return this.#send([wrong.bytes]);
			default:
				return this.#sendText();
		}
	}

	#sendText(): void {
		const text = this.#options.read();
		this.#send([frameHead(opcodes.text, text.length), text], () => this.#options.onSent(text));
	}

	/** What was held back, in one piece. */
	#release(): void {
		const texts = this.#held.splice(0);
		this.#send([Buffer.concat(texts.map((text) => frame(opcodes.text, text)))], () => {
			for (const text of texts) this.#options.onSent(text);
		});
	}

	#send(parts: readonly Buffer[], taken = () => {}): void {
		const { socket } = this.#options;
		this.#busy = true;
		this.#frames += 1;
		socket.cork();
		const last = parts.length - 1;
		parts.forEach((part, index) => {
			socket.write(part, (error) => {
				if (index < last) return;
				this.#busy = false;
				if (!error) taken();
			});
		});
		socket.uncork();
	}

	#stream(bytes: number): void {
		const { socket } = this.#options;
		this.#busy = true;
		socket.write(frameHead(opcodes.text, bytes));
		pour(socket, bytes, () => {
			this.#busy = false;
		});
	}

	#drip(bytes: Buffer, perSecond: number): void {
		this.#busy = true;
		this.#stopDrip = drip(this.#options.socket, bytes, { perSecond, clock: this.#options.clock }, () => {
			this.#busy = false;
		});
	}
}
