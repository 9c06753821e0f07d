// Plays the server's side of a recorded ubus conversation over a real unix socket, byte for byte; only seq (and the
// client id) are taken from what the client sends. Cuts the bytes as it is told.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

export interface Recorded {
	readonly dir: 'client' | 'server';
	readonly hex: string;
	readonly means: {
		readonly type: string;
		readonly seq: number;
		readonly peer: number;
		readonly attrs: Readonly<Record<string, unknown>>;
	};
}

export interface Transcript {
	readonly what: string;
	readonly result: unknown;
	readonly messages: readonly Recorded[];
}

export function readTranscript(name: string): Transcript {
	const lines = readFileSync(`test/fixtures/openwrt/ubus/${name}.jsonl`, 'utf8').trim().split('\n');
	const [head, ...messages] = lines.map((line) => JSON.parse(line));
	return { ...head, messages };
}

/** How the bytes leave: in one write a message, in one write for all that can go, or in pieces of 1 to `pieces` bytes. */
export type Cut = 'messages' | 'together' | { readonly pieces: number; readonly random: () => number };

export class TranscriptServer {
	readonly path: string;
	/** What the client sent that differs from the recording (seq aside), in words. */
	readonly differences: string[] = [];
	/** How many of the client's recorded messages came. */
	received = 0;
	readonly #transcript: Transcript;
	readonly #cut: Cut;
	readonly #server: Server;
	#client: Socket | null = null;
	#at = 0;
	#seqs = new Map<number, number>();
	#rest = Buffer.alloc(0);

	constructor(path: string, transcript: Transcript, cut: Cut) {
		this.path = path;
		this.#transcript = transcript;
		this.#cut = cut;
		this.#server = createServer((socket) => {
			this.#client = socket;
			socket.on('error', () => {});
			socket.on('data', (chunk) => this.#take(socket, chunk));
			void this.#play(socket);
		});
	}

	async start(): Promise<void> {
		this.#server.listen(this.path);
		await once(this.#server, 'listening');
	}

	async stop(): Promise<void> {
		this.#client?.destroy();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	/** Sends the server's messages up to the client's next one. */
	async #play(socket: Socket): Promise<void> {
		const ready: Buffer[] = [];
		for (; this.#transcript.messages[this.#at]?.dir === 'server'; this.#at++) {
			const bytes = Buffer.from(this.#transcript.messages[this.#at]!.hex, 'hex');
			const type = bytes[1];
			// HELLO has no seq of the client's, an event (INVOKE) one of ubusd's.
			if (type !== 0 && type !== 5)
				bytes.writeUInt16BE(this.#seqs.get(bytes.readUInt16BE(2)) ?? bytes.readUInt16BE(2), 2);
			ready.push(bytes);
		}
		if (this.#cut === 'messages') for (const bytes of ready) socket.write(bytes);
		else if (this.#cut === 'together') socket.write(Buffer.concat(ready));
		else {
			const all = Buffer.concat(ready);
			for (let at = 0; at < all.length; ) {
				const size = 1 + Math.floor(this.#cut.random() * this.#cut.pieces);
				socket.write(all.subarray(at, at + size));
				at += size;
				// Lets the reader read this piece alone.
				await new Promise((resolve) => setImmediate(resolve));
			}
		}
	}

	#take(socket: Socket, chunk: Buffer): void {
		this.#rest = Buffer.concat([this.#rest, chunk]);
		for (;;) {
			if (this.#rest.length < 12) return;
			const size = 8 + (this.#rest.readUInt32BE(8) & 0xffffff);
			if (this.#rest.length < size) return;
			const bytes = this.#rest.subarray(0, size);
			this.#rest = this.#rest.subarray(size);
			const expected = this.#transcript.messages[this.#at];
			if (expected?.dir !== 'client') {
				this.differences.push(`the client sent ${bytes.toString('hex')} where nothing was expected`);
				return;
			}
			const recorded = Buffer.from(expected.hex, 'hex');
			this.#seqs.set(recorded.readUInt16BE(2), bytes.readUInt16BE(2));
			recorded.writeUInt16BE(bytes.readUInt16BE(2), 2);
			if (!recorded.equals(bytes))
				this.differences.push(`${bytes.toString('hex')} instead of ${recorded.toString('hex')}`);
			this.received += 1;
			this.#at += 1;
			if (this.#transcript.messages[this.#at]?.dir === 'server') void this.#play(socket);
		}
	}
}

/** Values as the recordings' JSON has them: bigints marked, no prototypes, `undefined` left out. */
export function plain(value: unknown): unknown {
	return JSON.parse(
		JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? { $bigint: String(part) } : part)),
	);
}
