// Who is in the LAN, by the router's own tables: files read each 30 s when they changed, and `ip -6 neigh show` at
// most once a minute and only when somebody asks for an address. Promises: nothing missing is fatal, each problem is
// said once, and stop() leaves no process.
import type { AddressFact } from '../record.ts';
import { type Clock, every } from '../system/clock.ts';
import { type Neighbour, parseArpTable } from './arptable.ts';
import { parseDnsmasqLeases } from './dnsmasqleases.ts';
import { IpCommand } from './ipcommand.ts';
import type { Lease } from './lease.ts';
import { parseOdhcpdLeases } from './odhcpdleases.ts';
import { WatchedFile } from './watchedfile.ts';

export interface NeighboursOptions {
	readonly clock: Clock;
	/** Devices whose neighbours are no part of the LAN. Asked at each round. */
	readonly wanDevices: () => readonly string[];
	/** All that the tables say now. */
	readonly onFacts: (facts: readonly AddressFact[]) => void;
	/** A sentence for the log; each is said once while it holds. */
	readonly onProblem: (text: string) => void;
	readonly paths?: Partial<NeighbourPaths>;
}

export interface NeighbourPaths {
	readonly dnsmasq: readonly string[];
	readonly odhcpd: readonly string[];
	readonly arp: string;
	/** The command `ip`. */
	readonly ip: string;
}

/** OpenWrt's; odhcpd's moved with 25.12. */
export const neighbourPaths: NeighbourPaths = {
	dnsmasq: ['/tmp/dhcp.leases'],
	odhcpd: ['/tmp/hosts/odhcpd', '/tmp/odhcpd.leases'],
	arp: '/proc/net/arp',
	ip: 'ip',
};

const rereadMs = 30_000;
/** A process costs some ms, on small routers tens. */
const askMs = 60_000;

export class Neighbours {
	readonly #options: NeighboursOptions;
	readonly #leases: readonly WatchedFile<readonly Lease[]>[];
	readonly #arp: WatchedFile<readonly Neighbour[]>;
	readonly #ip: IpCommand;
	#ipv6: readonly Neighbour[] = [];
	#askedAt = Number.NEGATIVE_INFINITY;
	#asking: Promise<void> | null = null;
	#cancelAsk: (() => void) | null = null;
	#cancelRead: (() => void) | null = null;
	#said = new Set<string>();

	constructor(options: NeighboursOptions) {
		this.#options = options;
		const { dnsmasq, odhcpd, arp, ip } = { ...neighbourPaths, ...options.paths };
		this.#leases = [
			...dnsmasq.map((path) => new WatchedFile<readonly Lease[]>(path, parseDnsmasqLeases, [])),
			...odhcpd.map((path) => new WatchedFile<readonly Lease[]>(path, parseOdhcpdLeases, [])),
		];
		this.#arp = new WatchedFile<readonly Neighbour[]>(arp, parseArpTable, []);
		this.#ip = new IpCommand(ip);
	}

	/** Reads once, at once. */
	start(): void {
		if (this.#cancelRead) return;
		this.#cancelRead = every(this.#options.clock, rereadMs, () => this.#read());
		this.#read();
	}

	async stop(): Promise<void> {
		this.#cancelRead?.();
		this.#cancelRead = null;
		this.#cancelAsk?.();
		this.#cancelAsk = null;
		this.#ip.kill();
		await this.#asking;
	}

	/** Sentences about what holds now: for the pages and the doctor. */
	notes(): readonly string[] {
		return [...this.#leases, this.#arp, this.#ip].flatMap(({ problem }) => problem ?? []);
	}

	/** An address appeared that nobody has told of: IPv6 is asked for at once, or when the minute is over. */
	ask(ip: string): void {
		const { clock } = this.#options;
		if (!ip.includes(':') || !this.#cancelRead || this.#cancelAsk || this.#asking || this.#ip.isAbsent) return;
		const wait = this.#askedAt + askMs - clock.mono();
		if (wait <= 0) this.#run();
		else this.#cancelAsk = clock.after(wait, () => this.#run());
	}

	#run(): void {
		this.#cancelAsk = null;
		this.#askedAt = this.#options.clock.mono();
		this.#asking = this.#ip.neighbours().then((neighbours) => {
			this.#asking = null;
			if (neighbours) this.#ipv6 = neighbours;
			if (this.#cancelRead) this.#read();
		});
	}

	#read(): void {
		const { clock, wanDevices, onFacts } = this.#options;
		const wan = new Set(wanDevices());
		const now = clock.wall() / 1000;
		const neighbours = [...this.#arp.look(), ...this.#ipv6].filter(({ device }) => !wan.has(device));
		// What a server that was stopped has left behind names nobody.
		const leases = this.#leases.flatMap((file) =>
			file.look().filter(({ expires }) => expires === null || expires > now),
		);
		onFacts([...neighbours, ...leases]);
		this.#say();
	}

	#say(): void {
		const notes = this.notes();
		for (const note of notes) if (!this.#said.has(note)) this.#options.onProblem(note);
		this.#said = new Set(notes);
	}
}
