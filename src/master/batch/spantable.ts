// The distinct texts of a body, told apart by the bytes they are written in and made to strings once each.

import type { Words } from './words.ts';

const firstSlots = 4096;

export class SpanTable {
	readonly #bytes: Buffer;
	readonly #words: Words;
	/** Where each begins and ends, in the order of their numbers. */
	readonly #ends: number[] = [];
	/** Number + 1 by hash, open addressing; 0 = free. */
	#slots = new Int32Array(firstSlots);

	constructor(bytes: Buffer, words: Words) {
		this.#bytes = bytes;
		this.#words = words;
	}

	/** The number of what stands from `from` up to `to`. */
	number(from: number, to: number): number {
		let slot = this.#slotOf(from, to);
		const known = this.#slots[slot]!;
		if (known > 0) return known - 1;
		const number = this.#ends.length / 2;
		if (number >= this.#slots.length / 2) {
			this.#grow();
			slot = this.#slotOf(from, to);
		}
		this.#ends.push(from, to);
		this.#slots[slot] = number + 1;
		return number;
	}

	/** In the order of their numbers; null: one of them is not how JSON writes a text. */
	strings(): string[] | null {
		const found: string[] = [];
		for (let at = 0; at < this.#ends.length; at += 2) {
			const raw = this.#bytes.toString('utf8', this.#ends[at]!, this.#ends[at + 1]!);
			const text = raw.includes('\\') ? unescaped(raw) : raw;
			if (text === null) return null;
			found.push(text);
		}
		return found;
	}

	/** Where it is, or would be. */
	#slotOf(from: number, to: number): number {
		const bytes = this.#bytes;
		let hash = 0x811c9dc5;
		for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
		const mask = this.#slots.length - 1;
		let slot = (hash ^ (hash >>> 15)) & mask;
		while (this.#slots[slot] !== 0 && !this.#is(this.#slots[slot]! - 1, from, to)) slot = (slot + 1) & mask;
		return slot;
	}

	#is(number: number, from: number, to: number): boolean {
		const start = this.#ends[number * 2]!;
		return this.#ends[number * 2 + 1]! - start === to - from && this.#words.same(start, from, to - from);
	}

	#grow(): void {
		this.#slots = new Int32Array(this.#slots.length * 2);
		for (let at = 0; at < this.#ends.length; at += 2) {
			this.#slots[this.#slotOf(this.#ends[at]!, this.#ends[at + 1]!)] = at / 2 + 1;
		}
	}
}

function unescaped(raw: string): string | null {
	try {
		return JSON.parse(`"${raw}"`) as string;
	} catch {
		return null;
	}
}
