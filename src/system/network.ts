// The interfaces of this machine with their subnets, read anew every 30 s, and which of them an address belongs to.
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { type Address, inSubnet, parseAddress } from './address.ts';
import type { Clock } from './clock.ts';

/** One address of an interface. */
export interface LocalAddress {
	readonly device: string;
	readonly text: string;
	readonly address: Address;
	/** Length of the subnet's prefix, in bits. */
	readonly prefix: number;
	/** The subnet's broadcast address; null for IPv6 and for a subnet that has none (/31, /32). */
	readonly broadcast: string | null;
}

export interface NetworkOptions {
	readonly clock: Clock;
	/** Another list than the machine's own, for tests. */
	readonly read?: () => NodeJS.Dict<NetworkInterfaceInfo[]>;
}

/** Addresses come and go with leases and cables; asking costs 0.1 ms. */
const rereadMs = 30_000;

export class Network {
	readonly #clock: Clock;
	readonly #read: () => NodeJS.Dict<NetworkInterfaceInfo[]>;
	#addresses: readonly LocalAddress[] = [];
	#readAt = -Infinity;

	constructor({ clock, read = networkInterfaces }: NetworkOptions) {
		this.#clock = clock;
		this.#read = read;
	}

	/** At most 30 s old. Empty when the system does not tell. */
	addresses(): readonly LocalAddress[] {
		const now = this.#clock.mono();
		if (now - this.#readAt < rereadMs) return this.#addresses;
		this.#readAt = now;
		try {
			this.#addresses = localAddresses(this.#read());
		} catch {
			// Out of descriptors, or no such address family: the next reading may go better; until then nobody is local.
			this.#addresses = [];
		}
		return this.#addresses;
	}
}

/** From the form of `os.networkInterfaces()`. */
export function localAddresses(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): LocalAddress[] {
	return Object.entries(interfaces).flatMap(([name, infos]) =>
		(infos ?? []).flatMap((info) => {
			const address = parseAddress(info.address);
			const prefix = Number(info.cidr?.split('/')[1] ?? Number.NaN);
			if (!address || !Number.isInteger(prefix)) return [];
			// A second IPv4 address may come under a label, "br-lan:1"; the device is what stands before it.
			const device = name.split(':')[0]!;
			return [{ device, text: info.address, address, prefix, broadcast: broadcastOf(address, prefix) }];
		}),
	);
}

function broadcastOf(address: Address, prefix: number): string | null {
	if (address.family === 6 || prefix > 30) return null;
	return Array.from(address.bytes, (byte, at) => byte | (0xff >> Math.min(8, Math.max(0, prefix - at * 8)))).join('.');
}

/**
 * The local address whose subnet holds `address`, found as the kernel finds a route: the longest prefix wins, and of
 * two equal ones a WAN device's, so that in doubt a source counts as outside. null: no subnet holds it.
 */
export function ownerOf(
	address: Address,
	locals: readonly LocalAddress[],
	wanDevices: readonly string[],
): LocalAddress | null {
	let owner: LocalAddress | null = null;
	for (const local of locals) {
		if (address.zone !== '' && address.zone !== local.device) continue;
		if (owner && local.prefix < owner.prefix) continue;
		if (owner && local.prefix === owner.prefix && !wanDevices.includes(local.device)) continue;
		if (inSubnet(address, local.address, local.prefix)) owner = local;
	}
	return owner;
}
