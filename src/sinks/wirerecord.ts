// A connection of the core -> the upstream's record of 33 fields, with as much of its host names as is to be kept.
import { isIP } from 'node:net';
import type { Bytes, Connection } from '../record.ts';
import type { WireRecord } from '../wire.ts';
import { keptHost, type RecordHosts } from './hostname.ts';

/** Rules of mihomo whose payload is a host name or a part of one. */
const namingRules = /^(Domain|DomainSuffix|DomainKeyword|DomainRegex|DomainWildcard)$/i;
/** Of these the payload is no name that could be cut. */
const patternRules = /^(DomainKeyword|DomainRegex|DomainWildcard)$/i;

export interface WireRecordOptions {
	readonly agentId: string;
	readonly hosts: RecordHosts;
	/** ms since the Unix epoch: when the totals were read. */
	readonly wall: number;
}

/** @param totals bytes of the connection's life so far */
export function wireRecord(connection: Connection, totals: Bytes, options: WireRecordOptions): WireRecord {
	const { agentId, hosts, wall } = options;
	return {
		id: connection.id,
		agent_id: agentId,
		last_updated: new Date(wall).toISOString(),
		start: connection.start,
		download: totals.down,
		upload: totals.up,
		network: connection.network,
		conn_type: connection.type,
		source_ip: connection.sourceIP,
		destination_ip: connection.destinationIP,
		source_geoip: JSON.stringify(connection.sourceGeoIP),
		destination_geoip: JSON.stringify(connection.destinationGeoIP),
		source_ip_asn: connection.sourceIPASN,
		destination_ip_asn: connection.destinationIPASN,
		source_port: connection.sourcePort,
		destination_port: connection.destinationPort,
		inbound_ip: connection.inboundIP,
		inbound_port: connection.inboundPort,
		inbound_name: connection.inboundName,
		inbound_user: connection.inboundUser,
		host: keptHost(connection.host, hosts),
		dns_mode: connection.dnsMode,
		uid: connection.uid,
		process: connection.process,
		process_path: connection.processPath,
		special_proxy: connection.specialProxy,
		special_rules: connection.specialRules,
		remote_destination: keptRemote(connection.remoteDestination, hosts),
		dscp: connection.dscp,
		sniff_host: keptHost(connection.sniffHost, hosts),
		chains: JSON.stringify([...connection.chains].reverse()),
		rule: connection.rule,
		rule_payload: keptPayload(connection, hosts),
	};
}

/** Usually the address that the name led to; through some proxies the name itself. */
function keptRemote(remote: string, hosts: RecordHosts): string {
	return isIP(remote) === 0 ? keptHost(remote, hosts) : remote;
}

/** `Domain,www.example.com` tells the host as well as `host` does. */
function keptPayload({ rule, rulePayload }: Connection, hosts: RecordHosts): string {
	if (hosts === 'full' || !namingRules.test(rule)) return rulePayload;
	return patternRules.test(rule) ? '' : keptHost(rulePayload, hosts);
}
