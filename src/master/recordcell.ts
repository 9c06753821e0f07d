// What a record says of the dimensions that sums are asked by.
import type { WireRecord } from '../wire.ts';
import type { CellTexts } from './dimension.ts';

/** A UUID, as mihomo names connections, takes 16 bytes; any other id stays as it is. */
export function keyOf(id: string): string | Uint8Array {
	return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : id;
}

/** The last element of `chains`: the node that traffic left by. */
export function leafOf(chains: string): string {
	try {
		const list: unknown = JSON.parse(chains);
		const leaf: unknown = Array.isArray(list) ? list.at(-1) : undefined;
		return typeof leaf === 'string' ? leaf : '';
	} catch {
		return chains;
	}
}

/** By the names that mihomo gives its own outbounds: old agents know no types. */
export function classOfLeaf({ chains }: WireRecord): string {
	const leaf = leafOf(chains);
	if (leaf === 'DIRECT') return 'direct';
	return leaf.startsWith('REJECT') ? 'reject' : 'proxy';
}

/** `device`: whose the source's address was. */
export function cellTexts(
	record: WireRecord,
	{ agent, class: className, device }: Pick<CellTexts, 'agent' | 'class' | 'device'>,
): CellTexts {
	const { rule, rule_payload: payload } = record;
	return {
		agent,
		class: className,
		network: record.network,
		rule_type: rule,
		payload,
		rule: payload === '' ? rule : `${rule} (${payload})`,
		process: record.process,
		chains: record.chains,
		node: leafOf(record.chains),
		device,
		inbound_user: record.inbound_user,
		name: record.host,
		host: record.host || record.destination_ip,
		destination: record.destination_ip,
		geoip: record.destination_geoip,
		asn: record.destination_ip_asn,
		source: record.source_ip,
	};
}

/** Bytes without a connection: a row of its own in every chart, so that it adds up. `device`: of the WAN. */
export function namelessCell(agent: string, className: string, what: string, device: string | null): CellTexts {
	const label = `(${what})`;
	return {
		agent,
		class: className,
		network: label,
		rule_type: label,
		payload: '',
		rule: label,
		process: label,
		chains: '',
		node: label,
		device: device ?? label,
		inbound_user: label,
		name: label,
		host: label,
		destination: label,
		geoip: label,
		asn: label,
		source: label,
	};
}
