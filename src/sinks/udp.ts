// The UDP server of the LAN (docs/udp.md): listeners register here and get a frame at each `send`. It answers only
// who is on a local subnet that is not the WAN, and never with more bytes than an unproven address has sent.
import type { RemoteInfo } from 'node:dgram';
import { isIPv4, isIPv6 } from 'node:net';
import type { Live } from '../record.ts';
import type { Clock } from '../system/clock.ts';
import type { Network } from '../system/network.ts';
import { Cookies } from './cookie.ts';
import { encodeMessage, isVersion1, openDatagram, parseMessage, questionBytes } from './datagram.ts';
import { encodeClash32, encodeDisplay48, encodeFrame, encodeWan16, type Identity } from './frame.ts';
import { refuseSource, type SourceRefusal } from './gate.ts';
import { Leases, type ListenerKind, leaseMs } from './lease.ts';
import { UdpSocket } from './socket.ts';

export interface UdpServerOptions {
	/** 0: any free port (tests); that 0 turns the server off is the agent's business. */
	readonly port: number;
	/** An address to bind; null: every interface. */
	readonly host: string | null;
	/** Whether registrations of the old kind are taken (`--udp-old`). */
	readonly old: boolean;
	readonly identity: Identity;
	readonly network: Network;
	/** Devices that are the WAN now. */
	readonly wanDevices: () => readonly string[];
	readonly clock: Clock;
}

/** Why a datagram was dropped. */
export type Refusal =
	| SourceRefusal
	| 'malformed'
	| 'unexpected'
	| 'cookie'
	| 'full'
	| 'address full'
	| 'proven'
	| 'old off'
	| 'echo';

export interface UdpCounters {
	/** Listeners registered now. */
	readonly clients: number;
	/** Datagrams with speeds that were sent; of the old pair each counts. */
	readonly frames: number;
	/** Bytes of everything that went out. */
	readonly bytes: number;
	/** Datagrams that came in. */
	readonly received: number;
	/** Of them, those that were dropped or refused, in all and by reason. */
	readonly refused: number;
	readonly refusedBy: Readonly<Partial<Record<Refusal, number>>>;
	readonly sendErrors: number;
}

/** The lengths of our own old frames: from a netmon's port they are frames that came astray, no registrations. */
const oldFrameBytes = [16, 32, 48];
/** When the table is full, the next lease may end at any moment. */
const retryS = 10;
/** No IPv6 on this machine. */
const noFamilyCodes = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT'];

export class UdpServer {
	readonly #options: UdpServerOptions;
	readonly #leases = new Leases();
	readonly #cookies = new Cookies();
	readonly #sockets = new Map<4 | 6, UdpSocket>();
	readonly #refusedBy: Partial<Record<Refusal, number>> = {};
	#sequence = 0;
	#intervalMs = 1000;
	#received = 0;
	#frames = 0;
	#bytes = 0;
	#sendErrors = 0;

	constructor(options: UdpServerOptions) {
		this.#options = options;
	}

	/** Rejects with a sentence when the port cannot be had; nothing stays open then. */
	async start(): Promise<void> {
		const { host } = this.#options;
		if (host !== null && !isIPv4(host) && !isIPv6(host)) throw new Error(`--listen-host ${host} is not an IP address`);
		try {
			if (host === null || isIPv4(host)) await this.#open(4, this.#options.port);
			if (host === null) await this.#openIPv6IfItExists();
			else if (isIPv6(host)) await this.#open(6, this.#options.port);
		} catch (error) {
			await this.stop();
			throw new Error(bindSentence(error as NodeJS.ErrnoException, this.#options.port, host));
		}
	}

	/** The port that is bound. */
	get port(): number {
		return this.#sockets.values().next().value?.port ?? 0;
	}

	/** Tells everybody who is registered; to be called once a second. Costs nothing but time when it fails. */
	send(live: Live): void {
		this.#sequence = (this.#sequence + 1) >>> 0;
		this.#intervalMs = live.intervalMs;
		// Each kind is encoded when its first listener comes up.
		const payloads = new Map<ListenerKind, readonly Uint8Array[]>();
		for (const { kind, family, address, port } of this.#leases.current(this.#options.clock.mono())) {
			const payload = payloads.get(kind) ?? this.#encode(kind, live);
			payloads.set(kind, payload);
			for (const bytes of payload) {
				this.#frames += 1;
				this.#sockets.get(family)?.send(bytes, port, address);
			}
		}
	}

	counters(): UdpCounters {
		return {
			clients: this.#leases.current(this.#options.clock.mono()).length,
			frames: this.#frames,
			bytes: this.#bytes,
			received: this.#received,
			refused: Object.values(this.#refusedBy).reduce((sum, count) => sum + count, 0),
			refusedBy: { ...this.#refusedBy },
			sendErrors: this.#sendErrors,
		};
	}

	/** Tells version 1 listeners that this is the end, and closes. */
	async stop(): Promise<void> {
		const ended = encodeMessage({ type: 'ended', instance: this.#options.identity.instance });
		for (const listener of this.#leases.current(this.#options.clock.mono())) {
			if (listener.kind === 'v1') this.#sockets.get(listener.family)?.send(ended, listener.port, listener.address);
			this.#leases.end(listener);
		}
		const sockets = [...this.#sockets.values()];
		this.#sockets.clear();
		await Promise.all(sockets.map((socket) => socket.stop()));
	}

	async #open(family: 4 | 6, port: number): Promise<void> {
		const socket = new UdpSocket({
			family,
			port,
			host: this.#options.host,
			onDatagram: (bytes, from) => this.#take(bytes, from, family),
			onSent: (bytes) => {
				this.#bytes += bytes;
			},
			onError: () => {
				this.#sendErrors += 1;
			},
		});
		await socket.start();
		this.#sockets.set(family, socket);
	}

	async #openIPv6IfItExists(): Promise<void> {
		try {
			await this.#open(6, this.port);
		} catch (error) {
			if (!noFamilyCodes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
		}
	}

	#take(bytes: Uint8Array, from: RemoteInfo, family: 4 | 6) {
		this.#received += 1;
		const { network, wanDevices } = this.#options;
		const refusal = refuseSource(from, network.addresses(), wanDevices()) ?? this.#answer(bytes, from, family);
		if (refusal) this.#refusedBy[refusal] = (this.#refusedBy[refusal] ?? 0) + 1;
	}

	#answer(bytes: Uint8Array, from: RemoteInfo, family: 4 | 6): Refusal | null {
		const { address, port } = from;
		const mono = this.#options.clock.mono();
		if (!isVersion1(bytes)) {
			if (!this.#options.old) return 'old off';
			if (port === this.port && oldFrameBytes.includes(bytes.length)) return 'echo';
			const kind = bytes.length === 2 && bytes[0] === 1 && bytes[1] === 0 ? 'display' : 'pair';
			const answer = this.#leases.renew({ address, port, family, kind }, mono);
			return answer === 'accepted' ? null : answer;
		}
		const envelope = openDatagram(bytes);
		if (typeof envelope === 'string') return 'malformed';
		const message = parseMessage(envelope);
		if (typeof message === 'string') return 'unexpected';
		if (message.type === 'hello') {
			this.#reply(encodeMessage({ ...message, type: 'cookie', cookie: this.#cookies.make(from, mono) }), from, family);
			return null;
		}
		if (message.type !== 'register' && message.type !== 'goodbye') return 'unexpected';
		const proven = this.#cookies.proves(from, message.cookie, mono);
		if (message.type === 'goodbye') {
			if (!proven) return 'cookie';
			this.#leases.end(from);
			return null;
		}
		const cookie = this.#cookies.make(from, mono);
		if (!proven) {
			// Of a minute long past, or of the agent's last life: with a new one the listener is back at once.
			this.#reply(encodeMessage({ ...message, type: 'cookie', cookie }), from, family);
			return 'cookie';
		}
		const status = this.#leases.renew({ address, port, family, kind: 'v1' }, mono);
		if (status === 'proven') return status;
		const { instance } = this.#options.identity;
		this.#reply(
			encodeMessage({
				type: 'answer',
				nonce: message.nonce,
				status,
				leaseS: leaseMs / 1000,
				retryS: status === 'accepted' ? 0 : retryS,
				intervalMs: this.#intervalMs,
				instance,
				cookie,
			}),
			from,
			family,
		);
		return status === 'accepted' ? null : status;
	}

	/** Every question is padded, so this is a promise of the layouts and checked here once more. */
	#reply(bytes: Uint8Array, { port, address }: RemoteInfo, family: 4 | 6) {
		if (bytes.length <= questionBytes) this.#sockets.get(family)?.send(bytes, port, address);
	}

	#encode(kind: ListenerKind, live: Live): readonly Uint8Array[] {
		if (kind === 'display') return [encodeDisplay48(live)];
		if (kind === 'pair') return [encodeClash32(live), encodeWan16(live)];
		return [encodeFrame(live, this.#options.identity, this.#sequence)];
	}
}

function bindSentence({ code, message }: NodeJS.ErrnoException, port: number, host: string | null): string {
	const advice = 'choose another with --listen-port (0 turns the UDP server off)';
	if (code === 'EADDRINUSE') return `UDP port ${port} is in use by another program: stop that one, or ${advice}`;
	if (code === 'EACCES') return `UDP port ${port} may not be opened by this user: ${advice}, above 1023`;
	if (code === 'EADDRNOTAVAIL') return `--listen-host ${host} is not an address of this machine (UDP port ${port})`;
	return `UDP port ${port} cannot be opened (${message}): ${advice}`;
}
