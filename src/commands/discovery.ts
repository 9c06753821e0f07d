// Listens for the broadcasts of version 1 and tells one agent from another by its instance.
import { openDatagram } from '../sinks/datagram.ts';
import { type Frame, parseFrame } from '../sinks/frame.ts';
import { UdpSocket } from '../sinks/socket.ts';

export interface Found {
	readonly address: string;
	readonly frame: Frame;
}

export interface DiscoveryOptions {
	readonly port: number;
	readonly onFrame: (found: Found) => void;
	/** An agent that was not heard before; its first frame follows by `onFrame`. */
	readonly onAgent: (found: Found) => void;
}

/** Whoever is on the LAN can make up agents: beyond these they are not told apart and not listened to. */
const maxAgents = 16;

export class Discovery {
	readonly #options: DiscoveryOptions;
	readonly #socket: UdpSocket;
	readonly #instances = new Set<number>();

	constructor(options: DiscoveryOptions) {
		this.#options = options;
		this.#socket = new UdpSocket({
			family: 4,
			port: options.port,
			host: null,
			shared: true,
			onDatagram: (bytes, from) => this.#take(bytes, from.address),
		});
	}

	/** Rejects with a sentence when the port cannot be had. */
	async start(): Promise<void> {
		try {
			await this.#socket.start();
		} catch (error) {
			const { port } = this.#options;
			throw new Error(
				`cannot listen for broadcasts on UDP port ${port} (${(error as Error).message}): ` +
					'end the program that has it, or name the agent: netmon watch HOST',
			);
		}
	}

	stop(): Promise<void> {
		return this.#socket.stop();
	}

	#take(bytes: Uint8Array, address: string) {
		const envelope = openDatagram(bytes);
		const frame = typeof envelope === 'string' ? envelope : parseFrame(envelope);
		if (typeof frame === 'string') return;
		if (!this.#instances.has(frame.instance)) {
			if (this.#instances.size >= maxAgents) return;
			this.#instances.add(frame.instance);
			this.#options.onAgent({ address, frame });
		}
		this.#options.onFrame({ address, frame });
	}
}
