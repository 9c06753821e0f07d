// The vocabulary that every part shares: what was read, what it means, what is told.
// up = from the LAN to the internet, down = the other way; bytes are integers, speeds are bytes per second.

/** Bytes (or bytes per second) in both directions. */
export interface Bytes {
	readonly up: number;
	readonly down: number;
}

/** A connection of the core by its leaf's type. Together with `unattributed` these are the core's bytes. */
export type Class = 'direct' | 'proxy' | 'reject';

/** What mihomo tells of one connection and what does not change while it lives (`GET /connections`). Absent = empty. */
export interface Connection {
	readonly id: string;
	/** RFC 3339 with offset, as the core wrote it. */
	readonly start: string;
	/** Leaf first: `[node, group, ...]`, as the core wrote it. */
	readonly chains: readonly string[];
	readonly rule: string;
	readonly rulePayload: string;
	readonly network: string;
	readonly type: string;
	readonly sourceIP: string;
	readonly sourcePort: string;
	readonly sourceGeoIP: readonly string[] | null;
	readonly sourceIPASN: string;
	readonly destinationIP: string;
	readonly destinationPort: string;
	readonly destinationGeoIP: readonly string[] | null;
	readonly destinationIPASN: string;
	readonly inboundIP: string;
	readonly inboundPort: string;
	readonly inboundName: string;
	readonly inboundUser: string;
	readonly host: string;
	readonly sniffHost: string;
	readonly dnsMode: string;
	readonly uid: number;
	readonly process: string;
	readonly processPath: string;
	readonly specialProxy: string;
	readonly specialRules: string;
	readonly remoteDestination: string;
	readonly dscp: number;
}

/** One frame of `/connections`: the core's totals and every listed connection with its counters. */
export interface Snapshot {
	readonly uploadTotal: number;
	readonly downloadTotal: number;
	/** The same object from frame to frame while nothing but the counters of a connection changes. */
	readonly connections: readonly Connection[];
	/** Bytes so far of `connections[i]`, by the same index. */
	readonly upload: Float64Array;
	readonly download: Float64Array;
}

/** The counters of one network device at one moment, as the kernel has them. */
export interface DeviceCounters {
	readonly name: string;
	/** The kernel's number of the device; another one means another device under the old name. null = not told. */
	readonly ifindex: number | null;
	/** Received = down on a WAN device. */
	readonly rxBytes: bigint;
	readonly txBytes: bigint;
	/** null where the source does not tell packets. */
	readonly rxPackets: bigint | null;
	readonly txPackets: bigint | null;
	/** Bytes a second that the line can carry, where the kernel tells it of real hardware; absent = not told. */
	readonly lineRate?: number;
	/**
	 * Set where only one direction of the device is the WAN's (software flow offload: received at the lower device, sent
	 * at the upper one); the other direction then stands at 0. `name` with another `counts` is another counter: a fresh
	 * baseline, never a reset or a wrap.
	 */
	readonly counts?: 'received' | 'sent';
}

export type WanSourceName = 'procfs' | 'ubus' | 'luci';

/** One reading of all WAN devices. */
export interface WanSample {
	readonly source: WanSourceName;
	/** Monotonic ms of the moment the counters were taken (an answer's first byte, for a remote source). */
	readonly mono: number;
	/** In order of preference; empty when no WAN is known. */
	readonly devices: readonly DeviceCounters[];
	/** One sentence: why these devices. */
	readonly why: string;
	/** Which of the source's counters these are (LuCI has several calls): another one is a fresh baseline. */
	readonly basis?: string;
}

/** A way to the WAN counters. `sample` rejects with an `Error` whose message a user can act on. */
export interface WanSource {
	readonly name: WanSourceName;
	start(): void;
	sample(): Promise<WanSample>;
	stop(): Promise<void>;
}

/** null = unknown, never 0. */
export interface Speeds {
	readonly direct: Bytes | null;
	readonly proxy: Bytes | null;
	readonly reject: Bytes | null;
	readonly unattributed: Bytes | null;
	/** Everything mihomo moved: direct + proxy + reject + unattributed. */
	readonly core: Bytes | null;
	readonly wan: Bytes | null;
	readonly overhead: Bytes | null;
	readonly bypass: Bytes | null;
}

/** What is told once a second to displays, the terminal and the status file. */
export interface Live {
	/** ms since the Unix epoch. */
	readonly wall: number;
	/** ms between two of these. */
	readonly intervalMs: number;
	readonly speeds: Speeds;
	/** The core was heard before but has been silent for two intervals. */
	readonly coreStale: boolean;
	/** Likewise the WAN counters. */
	readonly wanStale: boolean;
	/** Bytes since this agent started; the same names. */
	readonly totals: Totals;
	/** Open connections; null when the core is not heard. */
	readonly connections: number | null;
}

/** null = unknown: not heard since the start. */
export interface Totals {
	readonly direct: Bytes | null;
	readonly proxy: Bytes | null;
	readonly reject: Bytes | null;
	readonly attributed: Bytes | null;
	readonly unattributed: Bytes | null;
	readonly core: Bytes | null;
	readonly wan: Bytes | null;
	readonly overhead: Bytes | null;
	readonly bypass: Bytes | null;
}

/** What one source says of an address in the LAN. */
export interface AddressFact {
	/** As RFC 5952 writes it, without a zone; an IPv4 address in dots. */
	readonly ip: string;
	/** Six bytes in lower case with colons; null: the source names the address only. */
	readonly mac: string | null;
	/** What the device calls itself to DHCP; null = it does not. */
	readonly name: string | null;
	/** `kernel`: it spoke; `lease`: it was given the address; `guess`: the MAC stands in its DUID, and may be another interface's. */
	readonly by: 'kernel' | 'lease' | 'guess';
}

/** A host that the router's owner named. */
export interface NamedHost {
	readonly name: string;
	/** Six bytes in lower case with colons, `*` for any. */
	readonly macs: readonly string[];
	/** As in `AddressFact`. */
	readonly addresses: readonly string[];
}

export const noBytes: Bytes = { up: 0, down: 0 };
