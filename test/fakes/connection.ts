// A connection as mihomo tells it, for tests that need one and do not care which.
import type { Connection } from '../../src/record.ts';

/** @param no makes the id; the rest can be overwritten */
export function connectionOf(no: number, rest: Partial<Connection> = {}): Connection {
	return {
		id: `00000000-0000-4000-8000-${no.toString(16).padStart(12, '0')}`,
		start: '2026-03-01T08:00:00.123456789+08:00',
		chains: ['node-1', 'Proxy'],
		rule: 'DomainSuffix',
		rulePayload: 'example.com',
		network: 'tcp',
		type: 'TProxy',
		sourceIP: `192.168.1.${no % 250}`,
		sourcePort: String(1024 + (no % 60_000)),
		sourceGeoIP: null,
		sourceIPASN: '',
		destinationIP: '93.184.216.34',
		destinationPort: '443',
		destinationGeoIP: ['us'],
		destinationIPASN: 'AS15133',
		inboundIP: '192.168.1.1',
		inboundPort: '7895',
		inboundName: 'DEFAULT-TPROXY',
		inboundUser: '',
		host: `host-${no % 300}.example.com`,
		sniffHost: '',
		dnsMode: 'normal',
		uid: 0,
		process: '',
		processPath: '',
		specialProxy: '',
		specialRules: '',
		remoteDestination: '93.184.216.34',
		dscp: 0,
		...rest,
	};
}
