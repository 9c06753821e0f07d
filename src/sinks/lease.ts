// Who gets frames, and until when: a table that never holds more than 16 listeners, 2 of one address.

/** What a listener gets: `display` 48 or 32 bytes, `pair` 32 and 16 bytes, `v1` the version 1 frame. */
export type ListenerKind = 'display' | 'pair' | 'v1';

export interface Listener {
	readonly address: string;
	readonly port: number;
	readonly family: 4 | 6;
	readonly kind: ListenerKind;
}

export type LeaseAnswer = 'accepted' | 'full' | 'address full' | 'proven';

export const leaseMs = 30_000;
const maxListeners = 16;
const maxPerAddress = 2;

interface Lease {
	readonly listener: Listener;
	readonly until: number;
}

export class Leases {
	#leases = new Map<string, Lease>();

	get size(): number {
		return this.#leases.size;
	}

	/** Adds or renews until `mono` + 30 s. `proven`: a version 1 lease stands, which an unproven datagram cannot replace. */
	renew(listener: Listener, mono: number): LeaseAnswer {
		this.#expire(mono);
		const key = keyOf(listener);
		const held = this.#leases.get(key);
		if (held?.listener.kind === 'v1' && listener.kind !== 'v1') return 'proven';
		if (!held) {
			if (this.#leases.size >= maxListeners) return 'full';
			let ofAddress = 0;
			for (const lease of this.#leases.values()) if (lease.listener.address === listener.address) ofAddress += 1;
			if (ofAddress >= maxPerAddress) return 'address full';
		}
		this.#leases.set(key, { listener, until: mono + leaseMs });
		return 'accepted';
	}

	end(listener: Pick<Listener, 'address' | 'port'>): void {
		this.#leases.delete(keyOf(listener));
	}

	/** Everyone whose lease still runs. */
	current(mono: number): Listener[] {
		this.#expire(mono);
		return Array.from(this.#leases.values(), (lease) => lease.listener);
	}

	#expire(mono: number) {
		for (const [key, { until }] of this.#leases) if (until <= mono) this.#leases.delete(key);
	}
}

/** No address holds a space. */
function keyOf({ address, port }: Pick<Listener, 'address' | 'port'>): string {
	return `${address} ${port}`;
}
