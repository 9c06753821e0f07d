// A UDP socket that is opened with a promise and sends without ever failing its caller: what cannot be sent is
// counted, and a queue that the kernel does not empty is not filled further.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';

export interface UdpSocketOptions {
	readonly family: 4 | 6;
	/** 0: any free port. */
	readonly port: number;
	/** null: every address. */
	readonly host: string | null;
	/** Several programs may listen on this port; a broadcast reaches them all. */
	readonly shared?: boolean;
	readonly onDatagram?: (bytes: Buffer, from: RemoteInfo) => void;
	readonly onSent?: (bytes: number) => void;
	readonly onError?: (error: NodeJS.ErrnoException) => void;
}

/** About 16 listeners' frames of ten seconds; beyond it old news only gets older. */
const maxQueueBytes = 64 * 1024;

export class UdpSocket {
	readonly #options: UdpSocketOptions;
	#socket: Socket | null = null;
	#closed = false;

	constructor(options: UdpSocketOptions) {
		this.#options = options;
	}

	/** Rejects with the system's error (`code` EADDRINUSE, EACCES, ...). `configure` runs when it is bound. */
	start(configure?: (socket: Socket) => void): Promise<void> {
		const { family, port, host, shared = false, onDatagram } = this.#options;
		return new Promise((resolve, reject) => {
			const socket = createSocket({
				type: family === 4 ? 'udp4' : 'udp6',
				ipv6Only: family === 6,
				reuseAddr: shared,
				// Only addresses are ever sent to: nothing is to be asked of a resolver.
				lookup: (address, _, done) => done(null, address, family),
			});
			const fail = (error: Error) => {
				socket.close();
				reject(error);
			};
			socket.once('error', fail);
			socket.bind({ port, ...(host === null ? {} : { address: host }) }, () => {
				try {
					configure?.(socket);
				} catch (error) {
					return fail(error as Error);
				}
				socket.off('error', fail);
				socket.on('error', (error) => this.#options.onError?.(error));
				if (onDatagram) socket.on('message', onDatagram);
				// Stopped while it was being bound.
				if (this.#closed) socket.close();
				else this.#socket = socket;
				resolve();
			});
		});
	}

	/** The port that is bound; 0 before and after. */
	get port(): number {
		return this.#socket?.address().port ?? 0;
	}

	send(bytes: Uint8Array, port: number, address: string): void {
		const socket = this.#socket;
		if (!socket) return;
		if (socket.getSendQueueSize() > maxQueueBytes) {
			this.#options.onError?.(Object.assign(new Error('the send queue is full'), { code: 'ENOBUFS' }));
			return;
		}
		try {
			socket.send(bytes, port, address, (error) => {
				if (error) this.#options.onError?.(error);
				else this.#options.onSent?.(bytes.length);
			});
		} catch (error) {
			this.#options.onError?.(error as NodeJS.ErrnoException);
		}
	}

	/** What was sent before is still handed to the kernel. */
	stop(): Promise<void> {
		this.#closed = true;
		const socket = this.#socket;
		this.#socket = null;
		return new Promise((resolve) => (socket ? socket.close(resolve) : resolve()));
	}
}
