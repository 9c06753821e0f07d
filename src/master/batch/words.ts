// The bytes of a body compared four at a time: texts that stand where they stood in the record before.

/** What is looked for. It has 4 bytes at least. */
export interface Pattern {
	readonly length: number;
	/** Each four bytes, and the last four once more. */
	readonly words: Int32Array;
}

export class Words {
	readonly #bytes: Uint8Array;
	readonly #view: DataView;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	/** What stands from `from` up to `to`. */
	pattern(from: number, to: number): Pattern {
		const whole = Math.floor((to - from) / 4);
		const words = new Int32Array(whole + 1);
		for (let at = 0; at < whole; at += 1) words[at] = this.#view.getInt32(from + at * 4);
		words[whole] = this.#view.getInt32(to - 4);
		return { length: to - from, words };
	}

	/** Whether a pattern stands at a place. */
	holds(at: number, { length, words }: Pattern): boolean {
		if (at + length > this.#bytes.length) return false;
		const last = words.length - 1;
		for (let word = 0; word < last; word += 1) if (this.#view.getInt32(at + word * 4) !== words[word]) return false;
		return this.#view.getInt32(at + length - 4) === words[last];
	}

	/** Whether the same bytes stand at both places. */
	same(a: number, b: number, length: number): boolean {
		if (Math.max(a, b) + length > this.#bytes.length) return false;
		let at = 0;
		for (; at + 4 <= length; at += 4) if (this.#view.getInt32(a + at) !== this.#view.getInt32(b + at)) return false;
		for (; at < length; at += 1) if (this.#bytes[a + at] !== this.#bytes[b + at]) return false;
		return true;
	}
}
