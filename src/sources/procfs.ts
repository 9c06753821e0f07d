// The WAN counters from the kernel of this machine: /proc/net/dev, kept open and read synchronously (0.02 ms), with
// the routes that say which devices are the WAN read again every few seconds.
import { join } from 'node:path';
import type { DeviceCounters, WanSample, WanSource } from '../record.ts';
import type { Clock } from '../system/clock.ts';
import { KeptFile, textOrNull } from './keptfile.ts';
import { type NetDevRow, parseNetDev } from './netdev.ts';
import { parseIpv6Route, parseRoute } from './routes.ts';
import { folderOf, type KernelRoots, readDeviceFacts, readLineRate } from './sysfs.ts';
import { chooseByName, chooseByRoutes, type WanChoice } from './wandevices.ts';

/** What another source (ubus) knows of the WAN better than the routes do. */
export interface ProcfsMap {
	/** Whose counters `pick` wants. */
	readonly devices: readonly string[];
	/** One sentence. */
	readonly why: string;
	/** The WAN's counters among those of `devices`, each direction once (`DeviceCounters.counts`). */
	readonly pick: (devices: readonly DeviceCounters[]) => readonly DeviceCounters[];
}

export interface ProcfsOptions {
	readonly clock: Clock;
	readonly proc?: string;
	readonly sys?: string;
	/** The devices that are the WAN by the settings; empty or absent = found. */
	readonly devices?: readonly string[];
	/** Asked at each look at the routes; null = the routes decide. The settings win over it. */
	readonly map?: () => ProcfsMap | null;
}

/** Nothing tells that routes changed (their files have no mtime); a failover may show this late. */
const routesEveryMs = 5_000;

interface Watched {
	readonly name: string;
	readonly ifindex: KeptFile;
	readonly lineRate: number | undefined;
}

export class ProcfsWan implements WanSource {
	readonly name = 'procfs';
	readonly #clock: Clock;
	readonly #roots: KernelRoots;
	readonly #options: ProcfsOptions;
	readonly #netDev: KeptFile;
	#watched: readonly Watched[] = [];
	#map: ProcfsMap | null = null;
	#wanted: ReadonlySet<string> = new Set();
	#why = '';
	#routesDue = 0;
	/** A device was not listed at the last reading. */
	#missing = false;

	constructor(options: ProcfsOptions) {
		this.#options = options;
		this.#clock = options.clock;
		this.#roots = { proc: options.proc ?? '/proc', sys: options.sys ?? '/sys' };
		this.#netDev = new KeptFile(join(this.#roots.proc, 'net', 'dev'));
	}

	start(): void {
		this.#routesDue = this.#clock.mono();
	}

	/** Rejects when /proc/net/dev cannot be read or a WAN device's line is cut; no WAN is a sample without devices. */
	async sample(): Promise<WanSample> {
		const fresh = this.#clock.mono() >= this.#routesDue;
		if (fresh) this.#chooseDevices();
		const first = this.#read();
		// A device that went (a PPPoE line redials) may mean that the routes have changed.
		if (fresh || !this.#missing) return first;
		this.#chooseDevices();
		return this.#read();
	}

	async stop(): Promise<void> {
		this.#netDev.close();
		this.#watch({ devices: [], why: '' });
		this.#routesDue = 0;
	}

	#read(): WanSample {
		const mono = this.#clock.mono();
		const rows = parseNetDev(this.#text(), this.#wanted);
		const devices: DeviceCounters[] = [];
		for (const watched of this.#watched) {
			const row = rows.get(watched.name);
			if (row === null) throw new Error(`the line of ${watched.name} in ${this.#netDev.path} is cut or damaged`);
			if (row) devices.push(counters(watched, row));
		}
		this.#missing = devices.length < this.#watched.length;
		const why =
			this.#missing && devices.length === 0
				? `no device ${this.#watched.map(({ name }) => name).join(', ')} (${this.#why})`
				: this.#why;
		return { source: 'procfs', mono, devices: this.#map ? this.#map.pick(devices) : devices, why };
	}

	#text(): string {
		try {
			return this.#netDev.read();
		} catch (error) {
			const code = (error as NodeJS.ErrnoException).code;
			throw new Error(`cannot read ${this.#netDev.path} (${code}): is this Linux with /proc mounted?`);
		}
	}

	#chooseDevices(): void {
		this.#routesDue = this.#clock.mono() + routesEveryMs;
		const named = (this.#options.devices?.length ?? 0) > 0;
		this.#map = named ? null : (this.#options.map?.() ?? null);
		this.#watch(this.#map ?? this.#choice());
	}

	#choice(): WanChoice {
		const factsOf = (device: string) => readDeviceFacts(this.#roots, device);
		const named = this.#options.devices ?? [];
		if (named.length > 0) return chooseByName(named, `${named.join(', ')} by the settings`, factsOf);
		const net = join(this.#roots.proc, 'net');
		const ipv4 = parseRoute(textOrNull(join(net, 'route')) ?? '');
		const ipv6 = parseIpv6Route(textOrNull(join(net, 'ipv6_route')) ?? '');
		return chooseByRoutes(ipv4, ipv6, factsOf);
	}

	#watch(choice: WanChoice): void {
		for (const { ifindex } of this.#watched) ifindex.close();
		this.#why = choice.why;
		this.#watched = choice.devices.map((name) => ({
			name,
			ifindex: new KeptFile(join(folderOf(this.#roots, name), 'ifindex')),
			lineRate: readLineRate(this.#roots, name),
		}));
		this.#wanted = new Set(choice.devices);
	}
}

function counters({ name, ifindex, lineRate }: Watched, row: NetDevRow): DeviceCounters {
	return {
		name,
		ifindex: readNumber(ifindex),
		...row,
		...(lineRate === undefined ? {} : { lineRate }),
	};
}

function readNumber(file: KeptFile): number | null {
	try {
		const number = Number.parseInt(file.read(), 10);
		return Number.isSafeInteger(number) ? number : null;
	} catch {
		return null;
	}
}
