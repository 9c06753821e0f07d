// The hosts that the owner named (dhcp's `config host`, rendered by the init script), in one form.
import type { NamedHost } from '../record.ts';
import { parseAddress, plainAddress } from '../system/address.ts';
import { deviceName } from './lease.ts';

/** As the owner wrote it: MACs in any case, a byte may be `*`, an address may be a word (`ignore`). */
export interface WrittenHost {
	readonly name: string;
	readonly macs: readonly string[];
	readonly addresses: readonly string[];
}

/** Hosts with a name and something to know them by; what reads as no MAC and no address is left out. */
export function readStaticHosts(hosts: readonly WrittenHost[]): NamedHost[] {
	return hosts.flatMap((host): NamedHost[] => {
		const name = deviceName(host.name);
		const macs = host.macs.flatMap((mac) => macPattern(mac) ?? []);
		const addresses = host.addresses.map(parseAddress).flatMap((address) => (address ? plainAddress(address) : []));
		return name === null || macs.length + addresses.length === 0 ? [] : [{ name, macs, addresses }];
	});
}

/** dnsmasq(8), --dhcp-host: "Ethernet addresses may have wildcard bytes"; all six of them would name every device. */
function macPattern(text: string): string | null {
	const parts = text.toLowerCase().split(/[:-]/);
	const isPattern = parts.length === 6 && parts.every((part) => /^([\da-f]{1,2}|\*)$/.test(part));
	if (!isPattern || parts.every((part) => part === '*')) return null;
	return parts.map((part) => (part === '*' ? part : part.padStart(2, '0'))).join(':');
}
