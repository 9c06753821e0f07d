// WAN = core + overhead + bypass (- local): what the WAN moved beside what the core moved, per direction, exact in
// the sums and never negative. Pure. The model: headers per packet (learned), which tells acknowledgements from
// payload; a share of what goes through proxies and an allowance per new connection for what they add; the rest is bypass.
import { type Bytes, noBytes } from '../record.ts';
import { Balance, type BalanceState } from './balance.ts';
import { Envelope, type Shares } from './envelope.ts';
import { Header, headerBytes, headerBytesOf } from './header.ts';

/** Bytes since the first life of the agent; in each direction `wan + local = core + overhead + bypass`. */
export interface BypassSums {
	readonly wan: Bytes;
	readonly core: Bytes;
	/** May fall a little: what was on its way when it was last told has arrived. */
	readonly overhead: Bytes;
	/** Never falls. */
	readonly bypass: Bytes;
	/** What the core moved that never met the WAN (LAN to LAN). */
	readonly local: Bytes;
}

interface Both<T> {
	readonly up: T;
	readonly down: T;
}

/** What a later life needs; plain JSON. */
export interface BypassCheckpoint {
	readonly balances: Both<BalanceState>;
	/** Bytes of headers per packet: what was begun with, and what was learned. */
	readonly header: { readonly start: number; readonly learned: number };
	readonly shares: Both<Shares>;
	/** The same for a source that tells no packets. */
	readonly sharesWithoutPackets: Both<Shares>;
	/** What one of the two has told and the other not yet. */
	readonly open: Moved;
}

export interface BypassOptions {
	/** Bytes of headers per packet to begin with, where the device is known already (`headerBytesOf`). */
	readonly header?: number;
	readonly checkpoint?: BypassCheckpoint;
}

/** What was moved between two moments. */
export interface Moved {
	readonly wan: Bytes;
	/** null where the source does not tell them. */
	readonly packets: Bytes | null;
	readonly core: Bytes;
	/** Of `core`, what went through proxies. */
	readonly proxied: Bytes;
	/** Connections that the core opened. */
	readonly connections: number;
}

/** What the core moved between two frames. */
export type CoreGrowth = Pick<Moved, 'core' | 'proxied' | 'connections'>;

const nothingMoved: Moved = { wan: noBytes, packets: noBytes, core: noBytes, proxied: noBytes, connections: 0 };

/** The model learns from stretches this long: a buffer of 4 MB is little in one. */
const stretchMs = 30_000;
/** The first bytes of an upload that the core does not count, mostly a request. */
const requestBytes = 1_000;
const most = { core: 0.03, other: 0, connection: 6_000 };
const start: Both<Shares> = {
	up: { core: 0, other: 0, connection: requestBytes },
	down: { core: 0, other: 0, connection: 0 },
};
/** Without packets: full ones, one acknowledgement for two of them, three to open and close a connection. */
const mostWithoutPackets = { core: 0.08, other: 0.09, connection: 6_000 };
const startWithoutPackets: Both<Shares> = {
	up: { core: 0.046, other: 0.023, connection: requestBytes + 200 },
	down: { core: 0.046, other: 0.023, connection: 200 },
};

export class Bypass {
	readonly #balances: Both<Balance>;
	#header: Header;
	#headerStart: number;
	readonly #withPackets: Both<Envelope>;
	readonly #withoutPackets: Both<Envelope>;
	#known: boolean;
	/** Not settled yet. */
	#open: Moved;
	/** Settled, not learned from yet. */
	#stretch = nothingMoved;
	#stretchBegan: number | null = null;

	constructor({ header = headerBytes.ethernet, checkpoint }: BypassOptions = {}) {
		this.#known = checkpoint !== undefined;
		this.#headerStart = checkpoint?.header.start ?? header;
		this.#header = new Header(checkpoint?.header.learned ?? this.#headerStart);
		this.#open = checkpoint?.open ?? nothingMoved;
		this.#balances = both((way) => new Balance(checkpoint?.balances[way] ?? null));
		this.#withPackets = both((way) => new Envelope((checkpoint?.shares ?? start)[way], most));
		this.#withoutPackets = both(
			(way) => new Envelope((checkpoint?.sharesWithoutPackets ?? startWithoutPackets)[way], mostWithoutPackets),
		);
	}

	/** The WAN is this device now: another kind of device has other headers, which are learned anew. */
	deviceIs(name: string): void {
		const start = headerBytesOf(name);
		if (start === this.#headerStart) return;
		this.#headerStart = start;
		this.#header = new Header(start);
	}

	/** null before anything was settled: unknown. */
	get sums(): BypassSums | null {
		if (!this.#known) return null;
		const { up, down } = both((way) => this.#balances[way].sums);
		const pair = (name: keyof typeof up) => ({ up: up[name], down: down[name] });
		return {
			wan: pair('wan'),
			core: pair('core'),
			overhead: pair('overhead'),
			bypass: pair('bypass'),
			local: pair('local'),
		};
	}

	/** The WAN moved this since the growth before (`WanGrowth`); it waits until `settle`. */
	wanGrew({ bytes, packets }: { readonly bytes: Bytes; readonly packets: Bytes | null }): void {
		this.#open = plus(this.#open, { ...nothingMoved, wan: bytes, packets });
	}

	/** The core moved this since the frame before; it waits until `settle`. */
	coreGrew({ core, proxied, connections }: CoreGrowth): void {
		this.#open = plus(this.#open, { ...nothingMoved, core, proxied, connections });
	}

	/**
	 * One of the two began at a fresh baseline: what the other moved until now has no counterpart, and is in no sum here.
	 */
	skip(): void {
		this.#open = nothingMoved;
	}

	/** Both told up to now (`mono` ms): books what waits. */
	settle(mono: number): void {
		const open = this.#open;
		this.#open = nothingMoved;
		this.#known = true;
		for (const way of ['up', 'down'] as const) {
			const other = otherOf[way];
			this.#balances[way].add({
				mono,
				wan: open.wan[way],
				packets: open.packets?.[way] ?? null,
				core: open.core[way],
				costly: (open.packets ? open.proxied : open.core)[way],
				other: open.core[other],
				connections: open.connections,
				header: this.#header.bytes,
				shares: (open.packets ? this.#withPackets : this.#withoutPackets)[way].shares,
			});
		}
		this.#learn(open, mono);
	}

	/** null before anything was settled. */
	checkpoint(): BypassCheckpoint | null {
		if (!this.#known) return null;
		return {
			open: this.#open,
			balances: both((way) => this.#balances[way].state),
			header: { start: this.#headerStart, learned: this.#header.bytes },
			shares: both((way) => this.#withPackets[way].shares),
			sharesWithoutPackets: both((way) => this.#withoutPackets[way].shares),
		};
	}

	#learn(moved: Moved, mono: number): void {
		this.#stretchBegan ??= mono;
		this.#stretch = plus(this.#stretch, moved);
		const ms = mono - this.#stretchBegan;
		if (ms < stretchMs) return;
		const { wan, packets, core, proxied, connections } = this.#stretch;
		this.#stretch = nothingMoved;
		this.#stretchBegan = mono;
		// After an absence it is another kind of stretch.
		if (ms >= 2 * stretchMs) return;
		for (const way of ['up', 'down'] as const) {
			const other = otherOf[way];
			const headers = packets ? Math.min(wan[way], this.#header.bytes * packets[way]) : 0;
			const costly = (packets ? proxied : core)[way];
			const excess = wan[way] - headers - core[way];
			const envelope = (packets ? this.#withPackets : this.#withoutPackets)[way];
			envelope.add({ excess, core: costly, other: core[other], connections });
			if (packets) {
				this.#header.add(
					{ wan: wan[way], packets: packets[way], core: core[way] },
					{ wan: wan[other], core: core[other] },
				);
			}
		}
	}
}

const otherOf = { up: 'down', down: 'up' } as const;

function both<T>(make: (way: 'up' | 'down') => T): Both<T> {
	return { up: make('up'), down: make('down') };
}

function plus(a: Moved, b: Moved): Moved {
	const sum = (x: Bytes, y: Bytes) => ({ up: x.up + y.up, down: x.down + y.down });
	return {
		wan: sum(a.wan, b.wan),
		packets: a.packets && b.packets && sum(a.packets, b.packets),
		core: sum(a.core, b.core),
		proxied: sum(a.proxied, b.proxied),
		connections: a.connections + b.connections,
	};
}
