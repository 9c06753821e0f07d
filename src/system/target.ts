// A place on the LAN where frames go without anybody asking, as the user writes it in `udp_broadcast`:
// [old:]WHERE[:PORT], WHERE = `lan`, an interface, or an address (IPv6 in brackets when a port follows).
import { type Address, addressKind, parseAddress } from './address.ts';

export interface BroadcastTarget {
	/** What the user wrote, for sentences. */
	readonly text: string;
	readonly format: 'v1' | 'old';
	readonly port: number;
	readonly where:
		| { readonly kind: 'lan' }
		| { readonly kind: 'device'; readonly device: string }
		/** Goes out of every LAN interface: a multicast group, or 255.255.255.255. */
		| { readonly kind: 'group'; readonly address: Address; readonly text: string }
		| { readonly kind: 'address'; readonly address: Address; readonly text: string };
}

/** Not 17891: the existing display takes any longer datagram there for its own format. */
export const defaultBroadcastPort = 17892;
const oldDisplayPort = 17891;
/** As the kernel has it (IFNAMSIZ less the zero), without what would be taken for something else. */
const deviceName = /^[^\s/:%[\]]{1,15}$/;

/** A typed target, or a sentence that says what is allowed. */
export function parseBroadcastTarget(text: string): BroadcastTarget | string {
	const wrong = `'${text}' is no target: use lan, an interface or an address, each with an optional :PORT`;
	const old = text.startsWith('old:');
	const rest = old ? text.slice('old:'.length) : text;
	const match = parseAddress(rest) ? [rest, undefined, rest] : /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(rest);
	if (!match) return wrong;
	const name = match[1] ?? match[2] ?? '';
	const port = Number(match[3] ?? (old ? oldDisplayPort : defaultBroadcastPort));
	if (port < 1 || port > 65535) return `'${text}' names port ${port}: a port is 1 to 65535`;
	if (match[1] !== undefined && parseAddress(match[1])?.family !== 6) return wrong;
	const base = { text, format: old ? 'old' : 'v1', port } as const;
	if (name === 'lan') return { ...base, where: { kind: 'lan' } };
	const address = parseAddress(name);
	if (!address) {
		// 192.168.1.300 is a slip of the pen and no interface.
		if (!deviceName.test(name) || /^[\d.]+$/.test(name)) return wrong;
		return { ...base, where: { kind: 'device', device: name } };
	}
	const kind = addressKind(address);
	if (kind === 'unspecified') return wrong;
	const group = kind === 'multicast' || kind === 'broadcast';
	return { ...base, where: { kind: group ? 'group' : 'address', address, text: name } };
}
