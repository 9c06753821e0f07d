// Who is told each second what flows now: displays on the LAN, by registration and by broadcast, the terminal, and the
// log of connections.
import { randomBytes } from 'node:crypto';
import type { AgentSettings } from './config.ts';
import type { Parts } from './parts.ts';
import type { Live } from './record.ts';
import { Broadcaster } from './sinks/broadcast.ts';
import { ConnectionLog } from './sinks/connectionlog.ts';
import type { Words } from './sinks/picture.ts';
import { type Output, TerminalView } from './sinks/terminal.ts';
import { type UdpCounters, UdpServer } from './sinks/udp.ts';
import type { Clock } from './system/clock.ts';
import type { Log } from './system/log.ts';
import { Network } from './system/network.ts';

export interface DisplaysOptions {
	readonly settings: AgentSettings;
	/** The agent's name. */
	readonly id: string;
	readonly clock: Clock;
	readonly logOf: (part: string) => Log;
	readonly parts: Parts;
	readonly stdout: Output;
	/** Devices that are the WAN now: nothing is told there. */
	readonly wanDevices: () => readonly string[];
}

/** A port that another program has may be free again: that of an agent that is just being replaced within seconds. */
const udpRetryMs = 10_000;

export class Displays {
	/** null: not wanted. */
	readonly connections: ConnectionLog | null;
	readonly #parts: Parts;
	readonly #clock: Clock;
	readonly #view: TerminalView | null;
	readonly #udp: UdpServer | null;
	readonly #broadcaster: Broadcaster;
	readonly #broadcasts: boolean;
	#opening: Promise<void> = Promise.resolve();
	/** When the port is asked for again, monotonic ms; null while nothing is to be opened. */
	#udpDue: number | null = null;

	constructor({ settings, id, clock, logOf, parts, stdout, wanDevices }: DisplaysOptions) {
		this.connections = settings.logConnections ? new ConnectionLog(logOf('conn')) : null;
		this.#parts = parts;
		this.#clock = clock;
		const wanted = settings.view === 'on' || (settings.view === 'auto' && stdout.isTTY === true);
		this.#view = wanted ? new TerminalView({ stdout, env: process.env }) : null;
		const shared = {
			identity: { instance: randomBytes(4).readUInt32LE(), agent: id },
			network: new Network({ clock }),
			wanDevices,
			clock,
		};
		const { listenPort: port, listenHost: host, udpOld: old } = settings;
		this.#udp = port === 0 ? null : new UdpServer({ ...shared, port, host, old });
		this.#broadcasts = settings.udpBroadcast.length > 0;
		this.#broadcaster = new Broadcaster({
			...shared,
			targets: settings.udpBroadcast,
			lanDevices: () => settings.router?.lanDevices ?? null,
			onProblem: (text) => logOf('udp').warn(text),
		});
	}

	/** Never rejects: what cannot be served is a fact of health. */
	async start(): Promise<void> {
		this.#view?.start();
		await this.#broadcaster.start();
		if (!this.#udp) return this.#parts.off('udp');
		this.#parts.begin('udp');
		await this.#openUdp(this.#udp);
	}

	/** To be called once a second; `words` is asked where there is a view. */
	show(live: Live, words: () => Words): void {
		if (this.#udp && this.#udpDue !== null && this.#clock.mono() >= this.#udpDue)
			this.#opening = this.#openUdp(this.#udp);
		this.#udp?.send(live);
		this.#broadcaster.send(live);
		this.#view?.show(live, words());
		this.connections?.tick();
	}

	/** A line of the log, where the view owns the terminal; false where it does not. */
	aboveView(line: string): boolean {
		this.#view?.aboveLine(line);
		return this.#view !== null;
	}

	/** Of the server and of broadcasts together; null while there is neither. */
	counters(): Pick<UdpCounters, 'clients' | 'frames' | 'refused'> | null {
		if (!this.#udp && !this.#broadcasts) return null;
		const { clients, frames, refused } = this.#udp?.counters() ?? { clients: 0, frames: 0, refused: 0 };
		return { clients, frames: frames + this.#broadcaster.counters().frames, refused };
	}

	async stop(): Promise<void> {
		this.#udpDue = null;
		await this.#opening;
		await this.#broadcaster.stop();
		await this.#udp?.stop();
		this.#view?.stop();
	}

	/** Never rejects. */
	async #openUdp(udp: UdpServer): Promise<void> {
		this.#udpDue = null;
		this.#parts.attempt('udp');
		try {
			await udp.start();
			this.#parts.ok('udp');
		} catch (error) {
			this.#parts.fail('udp', (error as Error).message);
			this.#udpDue = this.#clock.mono() + udpRetryMs;
		}
	}
}
