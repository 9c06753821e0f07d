// Records of connections as a house makes them, for measuring the master: some sites have most of the visits, and rule
// and node follow from the site. `mixed` draws everything apart, which no house does: the worst for sums.
import type { WireRecord } from '../../src/wire.ts';
import { randomFrom } from '../fakes/random.ts';

export type Traffic = 'house' | 'mixed';

const hosts = 20_000;
const rules = 60;
const nodes = 40;
const devices = 40;
export const firstMs = Date.UTC(2026, 0, 1);
export const lastMs = firstMs + 30 * 86_400_000;

/** The record with number `at` of `count`, spread over 30 days in order. */
export function recordMaker(traffic: Traffic, count: number): (at: number) => WireRecord {
	const random = randomFrom(7);
	const pick = (limit: number) => Math.floor(random() * limit);
	return (at) => {
		// Half of the visits go to a hundredth of the sites.
		const host = Math.floor(hosts * random() ** 6);
		const own = traffic === 'house' ? host : pick(hosts);
		const time = firstMs + Math.floor((at / count) * (lastMs - firstMs));
		const address = traffic === 'house' ? host * 3 + pick(2) : pick(60_000);
		const ip = `${100 + (address >> 16)}.${(address >> 8) & 255}.${address & 255}.7`;
		const device = pick(devices);
		return {
			id: `0c8a4a3e-0000-4000-8000-${at.toString(16).padStart(12, '0')}`,
			agent_id: null,
			last_updated: new Date(time + 1000 + pick(60_000)).toISOString(),
			start: new Date(time).toISOString(),
			download: Math.floor(random() ** 8 * 1e8),
			upload: Math.floor(random() ** 8 * 1e7),
			network: own % 5 === 0 ? 'udp' : 'tcp',
			conn_type: 'TProxy',
			source_ip: `192.168.1.${10 + device}`,
			destination_ip: ip,
			source_geoip: 'null',
			destination_geoip: ['null', '["cn"]', '["us"]', '["de"]', '["us","cloud"]'][own % 5]!,
			source_ip_asn: '',
			destination_ip_asn: `${own % 500} Example Networks`,
			source_port: String(32_768 + pick(28_000)),
			destination_port: '443',
			inbound_ip: '192.168.1.1',
			inbound_port: '7895',
			inbound_name: 'DEFAULT-TPROXY',
			inbound_user: '',
			host: `www.site${host}.example`,
			dns_mode: 'normal',
			uid: 0,
			process: traffic === 'house' ? '' : `process${pick(30)}`,
			process_path: '',
			special_proxy: '',
			special_rules: '',
			remote_destination: ip,
			dscp: 0,
			sniff_host: '',
			chains: own % 3 === 0 ? '["DIRECT"]' : JSON.stringify(['Proxy', `Node ${own % nodes}`]),
			rule: ['RuleSet', 'DomainSuffix', 'GeoIP'][own % 3]!,
			rule_payload: `list${own % rules}`,
		};
	};
}
