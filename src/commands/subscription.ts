// A listener of version 1 (docs/udp.md): says hello to one agent, proves its address, renews its lease, says goodbye.
// Hands on frames and the agent's answers; when nothing comes it goes on asking.
import { randomBytes } from 'node:crypto';
import { encodeMessage, type Message, openDatagram, parseMessage } from '../sinks/datagram.ts';
import { type Frame, parseFrame } from '../sinks/frame.ts';
import { UdpSocket } from '../sinks/socket.ts';
import type { Clock } from '../system/clock.ts';

export interface SubscriptionOptions {
	/** An IP address. */
	readonly address: string;
	readonly port: number;
	readonly clock: Clock;
	/** Frames that come from where the agent's answer came from. */
	readonly onFrame: (frame: Frame) => void;
	/** The agent has no room; it is asked again after `retryS`. */
	readonly onRefused: (status: 'full' | 'address full', retryS: number) => void;
	/** The agent said that it stops. */
	readonly onEnded: () => void;
}

const helloMs = 1_000;
/** After this many hellos without an answer nobody seems to be there. */
const eagerHellos = 10;
const patientHelloMs = 5_000;
/** A third of the lease: two renewals may be lost. */
const renewMs = 10_000;
/** Without a frame for so long the lease is gone, or the agent. */
const silenceMs = 3_000;
const maxRetryS = 300;

export class Subscription {
	readonly #options: SubscriptionOptions;
	readonly #nonce = randomBytes(4).readUInt32LE();
	readonly #socket: UdpSocket;
	#cookie: Uint8Array | null = null;
	/** Where the agent answers from, which may be another of its addresses than the one asked. */
	#source: { readonly address: string; readonly port: number } | null = null;
	#hellos = 0;
	#heardAt = 0;
	#cancel: () => void = () => {};

	constructor(options: SubscriptionOptions) {
		this.#options = options;
		this.#socket = new UdpSocket({
			family: options.address.includes(':') ? 6 : 4,
			port: 0,
			host: null,
			onDatagram: (bytes, from) => this.#take(bytes, from),
		});
	}

	async start(): Promise<void> {
		await this.#socket.start();
		this.#hello();
	}

	/** Gives the agent its room back. */
	async stop(): Promise<void> {
		this.#cancel();
		if (this.#cookie && this.#source) this.#say({ type: 'goodbye', nonce: this.#nonce, cookie: this.#cookie });
		await this.#socket.stop();
	}

	#hello() {
		this.#hellos += 1;
		this.#source = null;
		this.#say({ type: 'hello', nonce: this.#nonce });
		this.#again(this.#hellos < eagerHellos ? helloMs : patientHelloMs, () => this.#hello());
	}

	#register(cookie: Uint8Array) {
		this.#cookie = cookie;
		this.#say({ type: 'register', nonce: this.#nonce, cookie });
	}

	/** Renews while frames come; from their end on says hello. */
	#keep(registeredAt: number) {
		const now = this.#options.clock.mono();
		if (now - this.#heardAt >= silenceMs) {
			this.#hellos = 0;
			return this.#hello();
		}
		const due = now - registeredAt >= renewMs && this.#cookie !== null;
		if (due) this.#register(this.#cookie!);
		this.#again(helloMs, () => this.#keep(due ? now : registeredAt));
	}

	#take(bytes: Uint8Array, from: { readonly address: string; readonly port: number }) {
		const envelope = openDatagram(bytes);
		if (typeof envelope === 'string') return;
		if (envelope.type === 'frame' || envelope.type === 'ended') {
			// Only from whom has proved that it was asked.
			if (from.address !== this.#source?.address || from.port !== this.#source.port) return;
			const frame = envelope.type === 'frame' ? parseFrame(envelope) : null;
			if (typeof frame === 'string') return;
			if (frame === null) return this.#ended();
			this.#heardAt = this.#options.clock.mono();
			return this.#options.onFrame(frame);
		}
		const message = parseMessage(envelope);
		if (typeof message !== 'string' && message.type !== 'ended' && message.nonce === this.#nonce) {
			this.#answered(message, from);
		}
	}

	#answered(message: Message, from: { readonly address: string; readonly port: number }) {
		if (message.type === 'cookie') return this.#register(message.cookie);
		if (message.type !== 'answer') return;
		this.#cookie = message.cookie;
		if (message.status !== 'accepted') {
			const retryS = Math.min(Math.max(1, message.retryS), maxRetryS);
			this.#again(retryS * 1000, () => this.#hello());
			return this.#options.onRefused(message.status, retryS);
		}
		const now = this.#options.clock.mono();
		if (!this.#source) this.#heardAt = now;
		this.#source = { address: from.address, port: from.port };
		this.#hellos = 0;
		this.#again(helloMs, () => this.#keep(now));
	}

	#ended() {
		this.#source = null;
		this.#cookie = null;
		this.#again(patientHelloMs, () => this.#hello());
		this.#options.onEnded();
	}

	#say(message: Message) {
		this.#socket.send(encodeMessage(message), this.#options.port, this.#options.address);
	}

	#again(ms: number, run: () => void) {
		this.#cancel();
		this.#cancel = this.#options.clock.after(ms, run);
	}
}
