// Numbers and their places 0, 1, 2, ... in the order they came: open addressing over columns of numbers. A `Map` of as
// many doubles would take an object for each.

const firstSize = 512;
/** Columns that had to be longer once (an old master was taken over) are let go, not cleared again and again. */
export const keptSize = 2 ** 17;

/** Keys are from 0 to 2^53 - 1. Nothing is taken out singly. */
export class Places {
	#keys = new Float64Array(firstSize);
	/** Twice as many as there are keys, at least: places, or -1. */
	#slots = new Int32Array(firstSize * 2).fill(-1);
	#size = 0;

	get size(): number {
		return this.#size;
	}

	key(place: number): number {
		return this.#keys[place]!;
	}

	/** -1: it is not there. */
	find(key: number): number {
		return this.#slots[this.#slotOf(key)]!;
	}

	/** Its place; a new one gets the next. */
	of(key: number): number {
		let slot = this.#slotOf(key);
		const known = this.#slots[slot]!;
		if (known >= 0) return known;
		if (this.#size === this.#keys.length) {
			this.#grow();
			slot = this.#slotOf(key);
		}
		const place = this.#size++;
		this.#slots[slot] = place;
		this.#keys[place] = key;
		return place;
	}

	/** A copy, ascending. */
	sorted(): Float64Array {
		return this.#keys.slice(0, this.#size).sort();
	}

	clear(): void {
		if (this.#size === 0) return;
		if (this.#keys.length > keptSize) {
			this.#keys = new Float64Array(firstSize);
			this.#slots = new Int32Array(firstSize * 2);
		}
		this.#slots.fill(-1);
		this.#size = 0;
	}

	#slotOf(key: number): number {
		const mask = this.#slots.length - 1;
		const high = Math.floor(key / 2 ** 32);
		let hash = Math.imul((key - high * 2 ** 32) ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
		hash ^= hash >>> 15;
		for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
			const place = this.#slots[slot]!;
			if (place < 0 || this.#keys[place] === key) return slot;
		}
	}

	#grow(): void {
		this.#keys = enlarged(this.#keys);
		this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
		for (let place = 0; place < this.#size; place += 1) this.#slots[this.#slotOf(this.#keys[place]!)] = place;
	}
}

/** The same with as much room again. */
export function enlarged<T extends Float64Array | Int32Array>(numbers: T): T {
	const larger = new (numbers.constructor as { new (length: number): T })(numbers.length * 2);
	larger.set(numbers);
	return larger;
}
