// Records and rows for the tests of the sync.
import type { Class } from '../../src/record.ts';
import type { Row, WireRecord } from '../../src/wire.ts';

/** A record as the queue gives it: `agent_id` is null. */
export function recordOf(no: number, change: Partial<WireRecord> = {}): WireRecord {
	return {
		id: `00000000-0000-4000-8000-${String(no).padStart(12, '0')}`,
		agent_id: null,
		last_updated: '2026-01-01T00:00:00.000Z',
		start: '2026-01-01T01:00:00.123456789+01:00',
		download: 0,
		upload: 0,
		network: 'tcp',
		conn_type: 'TProxy',
		source_ip: `192.168.1.${no % 250}`,
		destination_ip: '203.0.113.9',
		source_geoip: 'null',
		destination_geoip: '["nl"]',
		source_ip_asn: '',
		destination_ip_asn: '',
		source_port: String(20_000 + (no % 40_000)),
		destination_port: '443',
		inbound_ip: '192.168.1.1',
		inbound_port: '7895',
		inbound_name: 'DEFAULT-TPROXY',
		inbound_user: '',
		host: `host-${no}.example.com`,
		dns_mode: 'normal',
		uid: 0,
		process: '',
		process_path: '',
		special_proxy: '',
		special_rules: '',
		remote_destination: '203.0.113.9',
		dscp: 0,
		sniff_host: '',
		chains: '["Proxy","Amsterdam 2"]',
		rule: 'DomainSuffix',
		rule_payload: 'example.com',
		...change,
	};
}

export function usage(record: number, up: number, down: number, class_: Class = 'proxy'): Omit<Row, 'seq'> {
	return { kind: 'usage', bucket: 1_767_225_600, since: null, class: class_, record, device: null, up, down };
}

export function other(kind: Exclude<Row['kind'], 'usage'>, up: number, down: number): Omit<Row, 'seq'> {
	const device = kind === 'wan' ? 'eth1' : null;
	return { kind, bucket: 1_767_225_600, since: null, class: null, record: null, device, up, down };
}
