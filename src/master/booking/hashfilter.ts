// Bloom filters, one for each generation of connections: which of them may have a hash. What it denies is not there;
// of what it allows one in 400 is not there either (a full generation has 16 bits for each of its hashes).

const bits = 2 ** 20;
/** Odd numbers: each makes another place of a hash. */
const factors = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;

export class HashFilter {
	/** By generation; null: nothing is in it. */
	readonly #filters: (Uint8Array | null)[] = [];

	/** `hash` has 32 bits. */
	add(generation: number, hash: number): void {
		const filter = this.of(generation);
		this.set(generation, filter);
		for (const factor of factors) {
			const place = placeOf(hash, factor);
			filter[place >>> 3]! |= 1 << (place & 7);
		}
	}

	/** The newest one before `before` that may have it; -1: none has. */
	newest(hash: number, before = this.#filters.length): number {
		const [a, b, c, d] = factors;
		const [first, second] = [placeOf(hash, a), placeOf(hash, b)];
		const [third, fourth] = [placeOf(hash, c), placeOf(hash, d)];
		for (let generation = before - 1; generation >= 0; generation -= 1) {
			const filter = this.#filters[generation];
			if (filter && has(filter, first) && has(filter, second) && has(filter, third) && has(filter, fourth))
				return generation;
		}
		return -1;
	}

	/** As `set` takes it. */
	of(generation: number): Uint8Array {
		return this.#filters[generation] ?? new Uint8Array(bits / 8);
	}

	set(generation: number, filter: Uint8Array): void {
		while (this.#filters.length <= generation) this.#filters.push(null);
		this.#filters[generation] = filter;
	}

	/** Those before are gone for good. */
	drop(before: number): void {
		this.#filters.fill(null, 0, before);
	}
}

function placeOf(hash: number, factor: number): number {
	return Math.imul(hash, factor) >>> 12;
}

function has(filter: Uint8Array, place: number): boolean {
	return (filter[place >>> 3]! & (1 << (place & 7))) !== 0;
}
