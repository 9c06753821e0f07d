// A connection as the queue's file keeps it: what many share (its shape: device, rule, chain, ...) is stored once, the
// rest as a short list. And as it travels: the upstream's 33 fields (`WireRecord`).
import type { Connection } from '../record.ts';
import type { WireRecord } from '../wire.ts';

/** What of host names is stored and sent: all, the registrable part, nothing. */
export type RecordHosts = 'full' | 'domain' | 'none';

export interface StoredRecord {
	/** JSON: what many connections share. */
	readonly shape: string;
	/** JSON: what is of this connection alone. */
	readonly own: string;
}

/** Totals of the connection's life, and when they were so, in s since the Unix epoch. */
export interface RecordTotals {
	readonly up: number;
	readonly down: number;
	readonly updated: number;
}

type Own = [
	id: string,
	start: string,
	sourcePort: string,
	destinationIP: string,
	destinationPort: string,
	host: string,
	sniffHost: string,
	remoteDestination: string,
];
type Shape = Pick<
	WireRecord,
	| 'network'
	| 'conn_type'
	| 'source_ip'
	| 'source_geoip'
	| 'destination_geoip'
	| 'source_ip_asn'
	| 'destination_ip_asn'
	| 'inbound_ip'
	| 'inbound_port'
	| 'inbound_name'
	| 'inbound_user'
	| 'dns_mode'
	| 'uid'
	| 'process'
	| 'process_path'
	| 'special_proxy'
	| 'special_rules'
	| 'dscp'
	| 'chains'
	| 'rule'
	| 'rule_payload'
>;

/** A name from outside may be as long as it likes; a record may not. */
const mostCharacters = 512;
const cut = (text: string) => (text.length > mostCharacters ? text.slice(0, mostCharacters) : text);

const plainShape: Shape = {
	network: '',
	conn_type: '',
	source_ip: '',
	source_geoip: 'null',
	destination_geoip: 'null',
	source_ip_asn: '',
	destination_ip_asn: '',
	inbound_ip: '',
	inbound_port: '',
	inbound_name: '',
	inbound_user: '',
	dns_mode: '',
	uid: 0,
	process: '',
	process_path: '',
	special_proxy: '',
	special_rules: '',
	dscp: 0,
	chains: '[]',
	rule: '',
	rule_payload: '',
};

export function storedOf(connection: Connection, hosts: RecordHosts): StoredRecord {
	const { id, start, sourcePort, destinationIP, destinationPort, host, sniffHost, remoteDestination } = connection;
	const named = (name: string) => recordedHost(cut(name), hosts);
	const own: Own = [
		cut(id),
		cut(start),
		sourcePort,
		destinationIP,
		destinationPort,
		named(host),
		named(sniffHost),
		hosts === 'full' || isAddress(remoteDestination) ? cut(remoteDestination) : named(remoteDestination),
	];
	// The payload of a rule for one name is that name.
	const byName = /^domain/i.test(connection.rule);
	const shape: Shape = {
		network: connection.network,
		conn_type: connection.type,
		source_ip: connection.sourceIP,
		source_geoip: JSON.stringify(connection.sourceGeoIP),
		destination_geoip: JSON.stringify(connection.destinationGeoIP),
		source_ip_asn: cut(connection.sourceIPASN),
		destination_ip_asn: cut(connection.destinationIPASN),
		inbound_ip: connection.inboundIP,
		inbound_port: connection.inboundPort,
		inbound_name: cut(connection.inboundName),
		inbound_user: cut(connection.inboundUser),
		dns_mode: connection.dnsMode,
		uid: connection.uid,
		process: cut(connection.process),
		process_path: cut(connection.processPath),
		special_proxy: cut(connection.specialProxy),
		special_rules: cut(connection.specialRules),
		dscp: connection.dscp,
		chains: JSON.stringify([...connection.chains].reverse().map(cut)),
		rule: cut(connection.rule),
		rule_payload: byName ? named(connection.rulePayload) : cut(connection.rulePayload),
	};
	return { shape: shapeText(shape), own: JSON.stringify(own) };
}

/** What is left of connections that were folded: the device and the node; `id` names the fold. */
export function storedFold(id: string, { source, chains }: { readonly source: string; readonly chains: string }) {
	return { shape: shapeText({ ...plainShape, source_ip: source, chains }), own: JSON.stringify([id, '']) };
}

/** The same connection without a word from outside but its id. */
export function storedPlain(own: string): StoredRecord {
	const [id, start] = parseOwn(own);
	return { shape: shapeText(plainShape), own: JSON.stringify([id, start]) };
}

/** A record of the upstream's (an old program's file), as ours. */
export function storedWire(record: WireRecord): StoredRecord {
	const { id, start, source_port, destination_ip, destination_port, host, sniff_host, remote_destination } = record;
	const own: Own = [id, start, source_port, destination_ip, destination_port, host, sniff_host, remote_destination];
	return { shape: shapeText(record), own: JSON.stringify(own) };
}

/** As it travels; `agent_id` is the sync's to put in. */
export function wireOf({ shape, own }: StoredRecord, { up, down, updated }: RecordTotals): WireRecord {
	const [id, start, sourcePort, destinationIP, destinationPort, host, sniffHost, remoteDestination] = parseOwn(own);
	return {
		id,
		agent_id: null,
		last_updated: new Date(updated * 1000).toISOString(),
		start,
		download: down,
		upload: up,
		destination_ip: destinationIP,
		source_port: sourcePort,
		destination_port: destinationPort,
		host,
		sniff_host: sniffHost,
		remote_destination: remoteDestination,
		...plainShape,
		...(JSON.parse(shape) as Partial<Shape>),
	};
}

/** What the history tells of a connection, with as much of the host's name as is recorded. */
export function placeOfConnection(connection: Connection, hosts: RecordHosts) {
	const { sourceIP, host, sniffHost, destinationIP, chains } = connection;
	return { device: sourceIP, host: recordedHost(host || sniffHost, hosts) || destinationIP, node: chains[0] ?? '' };
}

/** The same from the file. */
export function placeOfRecord(record: StoredRecord) {
	const { source_ip, host, sniff_host, destination_ip, chains } = wireOf(record, { up: 0, down: 0, updated: 0 });
	return {
		device: source_ip,
		host: host || sniff_host || destination_ip,
		node: (JSON.parse(chains) as string[]).at(-1) ?? '',
	};
}

/** Device (source address) and node (the leaf), which a fold keeps. */
export function placeOf(shape: string): { readonly source: string; readonly chains: string } {
	const { source_ip, chains } = { ...plainShape, ...(JSON.parse(shape) as Partial<Shape>) };
	const leaf = (JSON.parse(chains) as string[]).at(-1);
	return { source: source_ip, chains: leaf === undefined ? '[]' : JSON.stringify([leaf]) };
}

function parseOwn(own: string): Own {
	const [id = '', start = '', ...rest] = JSON.parse(own) as string[];
	const text = (index: number) => rest[index] ?? '';
	return [id, start, text(0), text(1), text(2), text(3), text(4), text(5)];
}

/** Only what differs from nothing. */
function shapeText(from: Shape): string {
	const shape: Record<string, string | number> = {};
	for (const key of Object.keys(plainShape) as (keyof Shape)[]) {
		if (from[key] !== plainShape[key]) shape[key] = from[key];
	}
	return JSON.stringify(shape);
}

/**
 * Labels under which names are registered in two-letter domains (`co.uk`, `com.cn`, `ac.jp`). The list of all such
 * places (publicsuffix.org) is 250 kB; what is missing here keeps one label less, never one more.
 */
const secondLevels = new Set(
	'ac co com edu gen go gob gouv gov gv id ind info ltd mil ne net nom nsw or org plc sch school web'.split(' '),
);

/** A host name as it may be kept: `a.b.example.co.uk` -> `example.co.uk` with `domain`. */
export function recordedHost(host: string, hosts: RecordHosts): string {
	if (hosts === 'full' || host === '') return host;
	if (hosts === 'none') return '';
	if (isAddress(host)) return host;
	const labels = host.replace(/\.$/, '').split('.');
	const [second = '', top = ''] = labels.slice(-2);
	return labels.slice(top.length === 2 && secondLevels.has(second.toLowerCase()) ? -3 : -2).join('.');
}

function isAddress(text: string): boolean {
	return /^[\d.]+(:\d+)?$/.test(text) || /^\[?[0-9a-f]*:[0-9a-f:.]*\]?(:\d+)?$/i.test(text);
}
