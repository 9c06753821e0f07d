// Bodies of POST /sync as old agents and netmon's send them.

import { packRows } from '../../src/rowgroups.ts';
import type { NetmonPart, Row, SyncBody, WireRecord } from '../../src/wire.ts';

export function record(over: Partial<WireRecord> = {}): WireRecord {
	return {
		id: '0c8a4a3e-0000-4000-8000-000000000001',
		agent_id: null,
		last_updated: '2026-01-01T00:00:10.123456789+00:00',
		start: '2026-01-01T00:00:00.5Z',
		download: 1000,
		upload: 100,
		network: 'tcp',
		conn_type: 'Redir',
		source_ip: '192.168.1.10',
		destination_ip: '203.0.113.5',
		source_geoip: 'null',
		destination_geoip: '["cn"]',
		source_ip_asn: '',
		destination_ip_asn: '4134 Example',
		source_port: '50000',
		destination_port: '443',
		inbound_ip: '192.168.1.1',
		inbound_port: '7892',
		inbound_name: 'redir',
		inbound_user: '',
		host: 'example.com',
		dns_mode: 'normal',
		uid: 0,
		process: '',
		process_path: '',
		special_proxy: '',
		special_rules: '',
		remote_destination: '203.0.113.5',
		dscp: 0,
		sniff_host: '',
		chains: '["Proxy","node-a"]',
		rule: 'RuleSet',
		rule_payload: 'streaming',
		...over,
	};
}

/** The nth of many ids. */
export const uuid = (n: number) => `0c8a4a3e-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

export function oldBody(records: readonly WireRecord[], agent = 'home'): Buffer {
	const connections = records.map((one) => ({ ...one, agent_id: one.agent_id ?? agent }));
	return Buffer.from(JSON.stringify({ agent_id: agent, timestamp: '2026-01-01T00:00:20Z', connections }));
}

export function netmonBody(
	rows: readonly Row[],
	records: readonly (readonly [number: number, record: WireRecord])[],
	over: Partial<NetmonPart> & { readonly agent?: string; readonly timestamp?: string } = {},
): Buffer {
	const { agent = 'router', timestamp = '2026-01-01T01:00:00Z', ...part } = over;
	const body: SyncBody = {
		agent_id: agent,
		timestamp,
		connections: records.map(([, one]) => ({ ...one, agent_id: agent })),
		netmon: {
			version: 1,
			instance: 'first',
			epoch: 'e1',
			after: (rows[0]?.seq ?? 1) - 1,
			records: records.map(([number]) => number),
			rows: packRows(rows),
			gaps: [],
			devices: [],
			health: {},
			live: null,
			tz: 'UTC',
			...part,
		},
	};
	return Buffer.from(JSON.stringify(body));
}

export function row(over: Partial<Row> & { readonly seq: number }): Row {
	const usage = (over.kind ?? 'usage') === 'usage';
	return {
		kind: 'usage',
		bucket: Date.UTC(2026, 0, 1) / 1000,
		since: null,
		class: usage ? 'proxy' : null,
		device: null,
		record: usage ? 1 : null,
		up: 10,
		down: 100,
		...over,
	};
}
