// The same core as other programs with this API would tell it: Clash without mihomo's fields, sing-box with its
// keys in order of the alphabet.
import { goJson } from './flow.ts';

export type Dialect = 'mihomo' | 'clash' | 'sing-box';

export const versions: Readonly<Record<Dialect, unknown>> = {
	mihomo: { meta: true, version: 'v1.19.8' },
	clash: { version: 'v1.18.0' },
	'sing-box': { meta: true, premium: true, version: 'sing-box 1.11.4' },
};

const commonKeys = 'network type sourceIP destinationIP sourcePort destinationPort host dnsMode processPath'.split(' ');

type Table = Record<string, unknown>;

/** A frame of mihomo in another's words. */
export function frameIn(dialect: Dialect, text: Buffer): Buffer {
	if (dialect === 'mihomo') return text;
	const { memory, ...frame } = JSON.parse(String(text));
	const list = (frame.connections ?? []) as Table[];
	const connections = list.map((one) => {
		const metadata = one.metadata as Table;
		const plain = Object.fromEntries(commonKeys.map((key) => [key, metadata[key]]));
		if (dialect === 'clash') return { ...one, metadata: { ...plain, specialProxy: '' } };
		const type = `${String(plain.type).toLowerCase()}/in`;
		return sorted({
			...one,
			rule: `rule_set=${one.rule} => route`,
			rulePayload: '',
			metadata: sorted({ ...plain, type }),
		});
	});
	if (dialect === 'clash') return line({ ...frame, connections });
	return line(sorted({ ...frame, connections, memory }));
}

/** `/proxies` of mihomo in another's words: neither tells an `id`. */
export function proxiesIn(dialect: Dialect, text: string): string {
	if (dialect === 'mihomo') return text;
	const { proxies } = JSON.parse(text) as { proxies: Record<string, Table> };
	const told = Object.entries(proxies).map(([name, { type, all, now }]) => {
		const group = all ? { now, all } : {};
		return [name, { type, name, udp: true, history: [], ...group }];
	});
	return String(line({ proxies: Object.fromEntries(told) }));
}

function line(value: unknown): Buffer {
	return Buffer.from(`${goJson(value)}\n`);
}

function sorted(table: Table): Table {
	return Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
}
