// The devices by key with their names, and when they were heard of. Pure. Bounded: those without a MAC leave first
// (anybody can make up addresses), then those without an address, the longest silent before the others.
import type { When } from './addressranges.ts';
import type { DeviceRow } from './devicestate.ts';

export interface KnownDevice {
	readonly key: string;
	/** What it calls itself, the last time it did. */
	dhcp: string | null;
	owner: string | null;
	/** ms since the Unix epoch. */
	first: number;
	/** When a connection last came from it; 0 = none did. */
	seen: number;
	/** Monotonic ms of `first`, while the wall clock is not trusted. */
	pending: number | null;
}

/** A home has dozens, but a phone that changes its MAC is another device each time. History speaks of those that left. */
export const maxDevices = 1024;
export const keepDevices = 768;

export class KnownDevices {
	readonly #devices = new Map<string, KnownDevice>();

	get size(): number {
		return this.#devices.size;
	}

	all(): Iterable<KnownDevice> {
		return this.#devices.values();
	}

	nameOf(key: string): string | null {
		const device = this.#devices.get(key);
		return device?.owner ?? device?.dhcp ?? null;
	}

	/** A connection came from it. */
	seen(key: string, when: When): void {
		const device = this.#of(key, when);
		device.seen = Math.max(device.seen, when.wall);
	}

	/** What it is called now; a name by DHCP stays until there is another. True: what it is called has changed. */
	name(key: string, names: { readonly dhcp: string | null; readonly owner: string | null }, when: When): boolean {
		const before = this.nameOf(key);
		const device = this.#of(key, when);
		device.dhcp = names.dhcp ?? device.dhcp;
		device.owner = names.owner;
		return this.nameOf(key) !== before;
	}

	/** The wall clock is trusted now. */
	settle({ wall, mono }: When): void {
		for (const device of this.#devices.values()) {
			if (device.pending === null) continue;
			device.first = wall - (mono - device.pending);
			device.seen = device.seen === 0 ? 0 : wall;
			device.pending = null;
		}
	}

	/** @param used the keys that addresses are kept for; an address that got its MAC is no device any more */
	bound(used: ReadonlySet<string>): void {
		for (const key of this.#devices.keys()) if (!isMac(key) && !used.has(key)) this.#devices.delete(key);
		if (this.#devices.size <= maxDevices) return;
		const worth = ({ key }: KnownDevice) => (isMac(key) ? (used.has(key) ? 2 : 1) : 0);
		const order = [...this.#devices.values()].sort((a, b) => worth(a) - worth(b) || lastHeard(a) - lastHeard(b));
		for (const { key } of order.slice(0, this.#devices.size - keepDevices)) this.#devices.delete(key);
	}

	restore([key, dhcp, owner, first, seen]: DeviceRow): void {
		this.#devices.set(key, { key, dhcp, owner, first, seen, pending: null });
	}

	rows(): DeviceRow[] {
		return [...this.#devices.values()]
			.filter(({ pending }) => pending === null)
			.map(({ key, dhcp, owner, first, seen }) => [key, dhcp, owner, first, seen]);
	}

	#of(key: string, { wall, mono, trusted }: When): KnownDevice {
		let device = this.#devices.get(key);
		if (!device) {
			device = { key, dhcp: null, owner: null, first: wall, seen: 0, pending: trusted ? null : mono };
			this.#devices.set(key, device);
		}
		return device;
	}
}

function lastHeard({ first, seen }: KnownDevice): number {
	return Math.max(first, seen);
}

export function isMac(key: string): boolean {
	return key.length === 17 && [2, 5, 8, 11, 14].every((at) => key[at] === ':');
}

/** The second lowest bit of the first byte: not a maker's number (IEEE 802c), so made up, by a phone or a virtual machine. */
export function isRandomMac(mac: string): boolean {
	return (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;
}
