// A real UDP socket on the LAN side of a test: sends, collects what comes, and waits for facts.
import assert from 'node:assert/strict';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

export interface Datagram {
	readonly bytes: Uint8Array;
	readonly from: RemoteInfo;
}

export class Peer {
	readonly received: Datagram[] = [];
	readonly #socket: Socket;
	#taken = 0;

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.on('message', (bytes, from) => this.received.push({ bytes: Uint8Array.from(bytes), from }));
	}

	static async open(address = '127.0.0.1', port = 0): Promise<Peer> {
		const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', reuseAddr: port !== 0 });
		socket.bind(port, address);
		await once(socket, 'listening');
		return new Peer(socket);
	}

	get port(): number {
		return this.#socket.address().port;
	}

	send(bytes: Uint8Array, port: number, address = '127.0.0.1'): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#socket.send(bytes, port, address, (error) => (error ? reject(error) : resolve()));
		});
	}

	/** The next datagram that was not taken yet. */
	async next(): Promise<Datagram> {
		await until(() => this.received.length > this.#taken, 'a datagram');
		return this.received[this.#taken++]!;
	}

	/** How many came that `next` has not given out. */
	get waiting(): number {
		return this.received.length - this.#taken;
	}

	close(): Promise<void> {
		return new Promise((resolve) => this.#socket.close(() => resolve()));
	}
}

/** Lets I/O happen until the fact is there; fails after 5 s. */
export async function until(fact: () => boolean, what = 'the fact'): Promise<void> {
	const end = performance.now() + 5_000;
	while (!fact()) {
		assert.ok(performance.now() < end, `waited 5 s for ${what}`);
		await new Promise((resolve) => setImmediate(resolve));
	}
}
