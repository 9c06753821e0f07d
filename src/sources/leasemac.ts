// MAC addresses as the router's files write them, in one form; and the one that may stand in a DHCPv6 client's DUID.

/** `AA:BB:CC:DD:EE:FF`, `2:0:5e:10:0:17` (ether_ntoa), `aabbccddeeff` -> lower case with colons; null: no unicast MAC of Ethernet. */
export function plainMac(text: string): string | null {
	const parts = /^[\da-f]{12}$/i.test(text) ? text.match(/../g)! : text.split(/[:-]/);
	if (parts.length !== 6 || !parts.every((part) => /^[\da-f]{1,2}$/i.test(part))) return null;
	const mac = parts.map((part) => part.padStart(2, '0').toLowerCase()).join(':');
	const isGroup = (Number.parseInt(mac.slice(0, 2), 16) & 1) !== 0;
	return isGroup || mac === '00:00:00:00:00:00' ? null : mac;
}

const ethernet = '0001';

/**
 * RFC 8415 11.2 and 11.4: DUID-LLT (type 1, hardware 1, four bytes of time, MAC) and DUID-LL (type 3, hardware 1, MAC).
 * The client makes it once, from any of its interfaces. null: another kind of DUID.
 * @param duid hex, with or without colons
 */
export function macOfDuid(duid: string): string | null {
	const hex = duid.replaceAll(':', '').toLowerCase();
	if (hex.startsWith(`0001${ethernet}`) && hex.length === 28) return plainMac(hex.slice(16));
	if (hex.startsWith(`0003${ethernet}`) && hex.length === 20) return plainMac(hex.slice(8));
	return null;
}
