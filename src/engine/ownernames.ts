// The names that the owner gave: by MAC, by a MAC with wildcard bytes, by address. Pure.
import type { NamedHost } from '../record.ts';

export class OwnerNames {
	readonly #byMac = new Map<string, string>();
	readonly #byAddress = new Map<string, string>();
	/** Of hosts that are known by nothing but their address: whoever has it has the name. */
	readonly #byAddressAlone = new Map<string, string>();
	readonly #patterns: { readonly bytes: readonly string[]; readonly name: string }[] = [];

	/** Where two hosts claim the same, the first has it. */
	constructor(hosts: readonly NamedHost[]) {
		for (const { name, macs, addresses } of hosts) {
			for (const mac of macs) {
				if (mac.includes('*')) this.#patterns.push({ bytes: mac.split(':'), name });
				else if (!this.#byMac.has(mac)) this.#byMac.set(mac, name);
			}
			for (const address of addresses) {
				if (!this.#byAddress.has(address)) this.#byAddress.set(address, name);
				if (macs.length === 0 && !this.#byAddressAlone.has(address)) this.#byAddressAlone.set(address, name);
			}
		}
		// Stable: among patterns as exact as one another the first stays the first.
		this.#patterns.sort((a, b) => wildcards(a.bytes) - wildcards(b.bytes));
	}

	/** An exact MAC wins over a pattern, the more exact pattern over the other, any of them over an address. */
	of(mac: string | null, addresses: readonly string[]): string | null {
		if (mac === null) return first(this.#byAddress, addresses);
		const exact = this.#byMac.get(mac);
		if (exact !== undefined) return exact;
		const bytes = this.#patterns.length === 0 ? [] : mac.split(':');
		const pattern = this.#patterns.find((each) => each.bytes.every((byte, at) => byte === '*' || byte === bytes[at]));
		return pattern?.name ?? first(this.#byAddressAlone, addresses);
	}
}

function wildcards(bytes: readonly string[]): number {
	return bytes.filter((byte) => byte === '*').length;
}

function first(names: ReadonlyMap<string, string>, addresses: readonly string[]): string | null {
	if (names.size === 0) return null;
	for (const address of addresses) {
		const name = names.get(address);
		if (name !== undefined) return name;
	}
	return null;
}
