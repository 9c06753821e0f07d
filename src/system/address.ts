// IP addresses as text and as bytes: what kind an address is, and whether it lies in a subnet.
import { isIPv4, isIPv6 } from 'node:net';

export interface Address {
	readonly family: 4 | 6;
	/** 4 or 16, in network order. */
	readonly bytes: Uint8Array;
	/** The interface after `%`, for a link-local IPv6 address; else ''. */
	readonly zone: string;
}

export type AddressKind =
	| 'private'
	| 'link-local'
	| 'unique-local'
	| 'loopback'
	| 'multicast'
	| 'broadcast'
	| 'unspecified'
	| 'global';

/** null when the text is no address. An IPv4 address in IPv6 clothes (`::ffff:1.2.3.4`) stays IPv6 and is `global`. */
export function parseAddress(text: string): Address | null {
	if (isIPv4(text)) return { family: 4, bytes: Uint8Array.from(text.split('.'), Number), zone: '' };
	const [plain = '', zone = ''] = text.split('%');
	if (!isIPv6(plain) || (zone === '' && text !== plain)) return null;
	const dotted = plain.slice(plain.lastIndexOf(':') + 1);
	const hex = dotted.includes('.') ? plain.slice(0, -dotted.length) + asGroups(dotted) : plain;
	const [head, tail] = hex.split('::').map((part) => (part === '' ? [] : part.split(':')));
	const groups = head!.concat(tail ? [...Array<string>(8 - head!.length - tail.length).fill('0'), ...tail] : []);
	const bytes = new Uint8Array(16);
	for (let at = 0; at < 8; at++) {
		const group = Number.parseInt(groups[at]!, 16);
		bytes[at * 2] = group >> 8;
		bytes[at * 2 + 1] = group & 0xff;
	}
	return { family: 6, bytes, zone };
}

/** "192.0.2.1" -> "c000:201" */
function asGroups(dotted: string): string {
	const [a, b, c, d] = dotted.split('.').map(Number) as [number, number, number, number];
	return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** As RFC 5952 writes it, without the zone; an IPv4 address in IPv6 clothes comes out of them. */
export function plainAddress({ family, bytes }: Address): string {
	if (family === 4) return bytes.join('.');
	const groups = Array.from({ length: 8 }, (_, at) => bytes[at * 2]! * 256 + bytes[at * 2 + 1]!);
	if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return bytes.subarray(12).join('.');
	const text = groups.map((group) => group.toString(16)).join(':');
	const zeros = (text.match(/(?<![^:])0(:0)+(?![^:])/g) ?? []).reduce((a, b) => (b.length > a.length ? b : a), '');
	if (zeros === '') return text;
	const at = `:${text}:`.indexOf(`:${zeros}:`);
	return `${text.slice(0, Math.max(0, at - 1))}::${text.slice(at + zeros.length + 1)}`;
}

/** RFC 1918, 3927, 4193, 4291; 100.64.0.0/10 (carriers) is not private. A subnet's own broadcast is not known here. */
export function addressKind({ family, bytes }: Address): AddressKind {
	const [a, b] = [bytes[0]!, bytes[1]!];
	if (family === 4) {
		if (a === 0) return 'unspecified';
		if (a === 127) return 'loopback';
		if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return 'private';
		if (a === 169 && b === 254) return 'link-local';
		if (a >= 224 && a < 240) return 'multicast';
		return bytes.every((byte) => byte === 255) ? 'broadcast' : 'global';
	}
	if (a === 0xff) return 'multicast';
	if (a === 0xfe && (b & 0xc0) === 0x80) return 'link-local';
	if ((a & 0xfe) === 0xfc) return 'unique-local';
	if (bytes.some((byte, at) => byte !== 0 && at < 15)) return 'global';
	return bytes[15] === 0 ? 'unspecified' : bytes[15] === 1 ? 'loopback' : 'global';
}

/** Whether the first `prefix` bits of two addresses of one family are the same. */
export function inSubnet(address: Address, subnet: Address, prefix: number): boolean {
	if (address.family !== subnet.family) return false;
	const whole = prefix >> 3;
	for (let at = 0; at < whole; at++) if (address.bytes[at] !== subnet.bytes[at]) return false;
	const rest = prefix & 7;
	return rest === 0 || (address.bytes[whole]! ^ subnet.bytes[whole]!) >> (8 - rest) === 0;
}
