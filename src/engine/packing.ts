// Numbers and texts packed into bytes, and read back with every length checked. Pure.

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const uuidBytes = 16;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export class Writer {
	#bytes = new Uint8Array(4096);
	#at = 0;

	/** What was written; valid until the next write. */
	get bytes(): Uint8Array {
		return this.#bytes.subarray(0, this.#at);
	}

	clear(): void {
		this.#at = 0;
	}

	byte(value: number): void {
		this.#room(1);
		this.#bytes[this.#at++] = value;
	}

	/** An integer from 0 to 2^53 - 1, 7 bits a byte. */
	count(value: number): void {
		this.#room(8);
		let rest = value;
		while (rest >= 0x80) {
			this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
			rest = Math.floor(rest / 0x80);
		}
		this.#bytes[this.#at++] = rest;
	}

	/** An integer of either sign, up to 2^52. */
	signed(value: number): void {
		this.count(value < 0 ? -value * 2 - 1 : value * 2);
	}

	text(value: string): void {
		this.blob(encoder.encode(value));
	}

	blob(value: Uint8Array): void {
		this.count(value.byteLength);
		this.raw(value);
	}

	raw(value: Uint8Array): void {
		this.#room(value.byteLength);
		this.#bytes.set(value, this.#at);
		this.#at += value.byteLength;
	}

	/** A UUID in lower case as 16 bytes, any other text as it is. */
	id(value: string): void {
		if (!uuidPattern.test(value)) {
			this.byte(0);
			return this.text(value);
		}
		this.byte(1);
		this.#room(uuidBytes);
		let high = -1;
		for (let index = 0; index < value.length; index += 1) {
			const code = value.charCodeAt(index);
			if (code === 45) continue;
			const digit = code < 58 ? code - 48 : code - 87;
			if (high < 0) high = digit;
			else {
				this.#bytes[this.#at++] = high * 16 + digit;
				high = -1;
			}
		}
	}

	#room(more: number): void {
		if (this.#at + more <= this.#bytes.byteLength) return;
		const grown = new Uint8Array(Math.max(this.#at + more, this.#bytes.byteLength * 2));
		grown.set(this.#bytes.subarray(0, this.#at));
		this.#bytes = grown;
	}
}

/** Bytes that are not what a `Writer` has written. */
export class PackingError extends Error {}

export class Reader {
	readonly #bytes: Uint8Array;
	#at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	get atEnd(): boolean {
		return this.#at === this.#bytes.byteLength;
	}

	byte(): number {
		if (this.atEnd) throw new PackingError('ends too early');
		return this.#bytes[this.#at++]!;
	}

	count(): number {
		let value = 0;
		for (let unit = 1; ; unit *= 0x80) {
			const byte = this.byte();
			value += (byte & 0x7f) * unit;
			if (!Number.isSafeInteger(value)) throw new PackingError('has a number too large');
			if (byte < 0x80) return value;
		}
	}

	signed(): number {
		const value = this.count();
		return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
	}

	text(): string {
		try {
			return decoder.decode(this.blob());
		} catch (error) {
			if (error instanceof PackingError) throw error;
			throw new PackingError('has a text that is not UTF-8');
		}
	}

	blob(): Uint8Array {
		return this.raw(this.count());
	}

	raw(length: number): Uint8Array {
		if (length > this.#bytes.byteLength - this.#at) throw new PackingError('ends too early');
		this.#at += length;
		return this.#bytes.subarray(this.#at - length, this.#at);
	}

	id(): string {
		if (this.byte() === 0) return this.text();
		let hex = '';
		for (const byte of this.raw(uuidBytes)) hex += byte.toString(16).padStart(2, '0');
		return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
	}
}

const table = Uint32Array.from({ length: 256 }, (_, index) => {
	let value = index;
	for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
	return value;
});

/** The CRC-32 of zip and PNG. */
export function crc32(bytes: Uint8Array): number {
	let value = 0xffffffff;
	for (let index = 0; index < bytes.byteLength; index += 1) {
		value = table[(value ^ bytes[index]!) & 0xff]! ^ (value >>> 8);
	}
	return (value ^ 0xffffffff) >>> 0;
}
