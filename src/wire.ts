// What agent and master say to each other (docs/sync.md): the upstream tracker's body with one more key, `netmon`.
// Rows never change once they have a number; `(agent_id, epoch, seq)` is a row's name for ever.
import type { Bytes, Class, Speeds } from './record.ts';

export const wireVersion = 1;

/** What a row counts. The first two add up to the core, all five to the WAN. */
export type Kind = 'usage' | 'unattributed' | 'wan' | 'overhead' | 'bypass';
export const kinds: readonly Kind[] = ['usage', 'unattributed', 'wan', 'overhead', 'bypass'];

/** One sealed fact: so many bytes flowed in that time. Signed only where kind is `unattributed`. */
export interface Row extends Bytes {
	/** 1, 2, 3, ... within the epoch. */
	readonly seq: number;
	readonly kind: Kind;
	/** Start of the 5-minute bucket (of the hour, for folded rows), in s since the Unix epoch, UTC. */
	readonly bucket: number;
	/** s since the Unix epoch: the bytes flowed between then and the bucket, while nobody looked. */
	readonly since: number | null;
	/** Of `usage` only. */
	readonly class: Class | null;
	/** Number of the record of the connection (or of what connections were folded into); of `usage` only. */
	readonly record: number | null;
	/** Name of the WAN device; of `wan` only. */
	readonly device: string | null;
}

/**
 * Rows with consecutive numbers that share all but record and bytes, as they travel: columns compress to half of
 * what rows do. Row i has seq `seq + i`; `records` holds the first number and then differences.
 */
export interface RowGroup {
	readonly seq: number;
	readonly kind: Kind;
	readonly bucket: number;
	readonly since?: number;
	readonly class?: Class;
	readonly device?: string;
	readonly records?: readonly number[];
	readonly up: readonly number[];
	readonly down: readonly number[];
}

/** The upstream's record of a connection, 33 fields, all of them always there. */
export interface WireRecord {
	readonly id: string;
	readonly agent_id: string | null;
	/** RFC 3339 UTC. */
	readonly last_updated: string;
	/** As the core wrote it. */
	readonly start: string;
	/** Bytes of the connection's life so far. */
	readonly download: number;
	readonly upload: number;
	readonly network: string;
	readonly conn_type: string;
	readonly source_ip: string;
	readonly destination_ip: string;
	/** JSON text: `null`, `[]`, `["cn"]`. */
	readonly source_geoip: string;
	readonly destination_geoip: string;
	readonly source_ip_asn: string;
	readonly destination_ip_asn: string;
	readonly source_port: string;
	readonly destination_port: string;
	readonly inbound_ip: string;
	readonly inbound_port: string;
	readonly inbound_name: string;
	readonly inbound_user: string;
	readonly host: string;
	readonly dns_mode: string;
	readonly uid: number;
	readonly process: string;
	readonly process_path: string;
	readonly special_proxy: string;
	readonly special_rules: string;
	readonly remote_destination: string;
	readonly dscp: number;
	readonly sniff_host: string;
	/** JSON text, group first and leaf last: the core's order reversed. */
	readonly chains: string;
	readonly rule: string;
	readonly rule_payload: string;
}

/** Something may be missing in that time; `lost` where the bytes are known. */
export interface Gap {
	/** s since the Unix epoch. */
	readonly from: number;
	readonly to: number;
	readonly what: string;
	readonly lost?: Bytes;
}

/** An address on the LAN and whose it was, as the router knows it (docs/devices.md). What is absent is not known. */
export interface Device {
	readonly ip: string;
	/** Lower case with colons: addresses with the same one are one device. */
	readonly mac?: string;
	readonly name?: string;
	/** The MAC is of the kind that a device makes up for itself. */
	readonly random?: true;
	/** s since the Unix epoch: the address was this device's from then on. The same ip and `from` come again when they change. */
	readonly from?: number;
	/** s since the Unix epoch: another device had it from then on; absent = this one still has it. */
	readonly to?: number;
}

export interface SyncBody {
	readonly agent_id: string;
	/** RFC 3339 UTC. */
	readonly timestamp: string;
	readonly connections: readonly WireRecord[];
	readonly netmon: NetmonPart;
}

export interface NetmonPart {
	readonly version: number;
	/** Random at each start of the agent: two living agents under one name are told apart by it. */
	readonly instance: string;
	/** Random, made with the queue's file. */
	readonly epoch: string;
	/** The number before the first row (of the row acknowledged last, when there are none). */
	readonly after: number;
	/** Numbers of `connections[i]`, which the rows refer to. */
	readonly records: readonly number[];
	readonly rows: readonly RowGroup[];
	readonly gaps: readonly Gap[];
	readonly devices: readonly Device[];
	/** `AgentHealth`, or nothing in it. */
	readonly health: AgentHealth | Readonly<Record<string, never>>;
	/** What flows now; never accounted. `busiest` is empty while nobody looks. */
	readonly live: LivePart | null;
	/** The router's zone, an IANA name where it is known, else `UTC+hh:mm`. */
	readonly tz: string;
}

/** What an agent says of its own state (`health`); never accounted. */
export interface AgentHealth {
	/** Of its program. */
	readonly version: string;
	/** ISO 8601 UTC. */
	readonly started: string;
	readonly parts: readonly {
		/** `mihomo`, `wan`, `queue`, ... */
		readonly part: string;
		readonly state: string;
		/** ISO 8601 UTC. */
		readonly since: string;
		readonly last_error: string | null;
	}[];
	/** How long the oldest row that is not acknowledged has waited. */
	readonly backlog_seconds: number;
	readonly wan: { readonly source: string | null; readonly devices: readonly string[]; readonly why: string };
}

export interface LivePart {
	/** ms since the Unix epoch. */
	readonly wall: number;
	readonly speeds: Speeds;
	readonly connections: number | null;
	/** The busiest, at most 50: bytes per second now. */
	readonly busiest: readonly (Bytes & {
		readonly id: string;
		readonly host: string;
		readonly source_ip: string;
		readonly class: Class;
	})[];
}

/** The key `netmon` of the master's answer; its absence tells an old master. */
export interface NetmonAnswer {
	readonly version: number;
	/** Of the batch that is answered. */
	readonly epoch: string;
	/** Rows up to this are committed and synced at the master. Below `after`: it was put back; go back to there. */
	readonly acked: number;
	/** Seconds until the next sync, when the master wants another tempo; 0 = as configured. */
	readonly next_sync_s: number;
	/** Whether bodies may come with `Content-Encoding: gzip`. */
	readonly gzip: boolean;
	/** Largest body, in bytes before compression. */
	readonly max_bytes: number;
}
