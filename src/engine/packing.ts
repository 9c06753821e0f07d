// Numbers and texts packed into bytes, and read back with every length checked. Pure.

const uuidBytes = 16;
const uuidLength = 36;
const dash = 45;
/** Beyond every digit, also when it is or-ed with one. */
const noDigit = 16;
/** By the code of a character. */
const digits = Uint8Array.from({ length: 128 }, (_, code) => {
	const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code));
	return digit < 0 ? noDigit : digit;
});
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
		const bytes = this.#bytes;
		let at = this.#at;
		let rest = value;
		for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
		for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
		bytes[at++] = rest;
		this.#at = at;
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
		if (value.length === uuidLength && this.#uuid(value)) return;
		this.byte(0);
		this.text(value);
	}

	/** false: it is none, and nothing was written. */
	#uuid(value: string): boolean {
		this.#room(1 + uuidBytes);
		const bytes = this.#bytes;
		let at = this.#at;
		bytes[at++] = 1;
		for (let index = 0; index < uuidLength; index += 2) {
			if (index === 8 || index === 13 || index === 18 || index === 23) {
				if (value.charCodeAt(index) !== dash) return false;
				index += 1;
			}
			const high = digits[value.charCodeAt(index)] ?? noDigit;
			const low = digits[value.charCodeAt(index + 1)] ?? noDigit;
			if ((high | low) >= noDigit) return false;
			bytes[at++] = high * 16 + low;
		}
		this.#at = at;
		return true;
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

/** Four bytes at a time: entry 256 * n + byte is what that byte does from n bytes before the end. */
const table = new Int32Array(4 * 256);
for (let index = 0; index < 256; index += 1) {
	let value = index;
	for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
	table[index] = value;
}
for (let index = 256; index < table.length; index += 1) {
	const before = table[index - 256]!;
	table[index] = table[before & 0xff]! ^ (before >>> 8);
}

/** The CRC-32 of zip and PNG. */
export function crc32(bytes: Uint8Array): number {
	let value = -1;
	let index = 0;
	for (const whole = bytes.byteLength - 3; index < whole; index += 4) {
		value =
			table[768 + ((value ^ bytes[index]!) & 0xff)]! ^
			table[512 + (((value >>> 8) ^ bytes[index + 1]!) & 0xff)]! ^
			table[256 + (((value >>> 16) ^ bytes[index + 2]!) & 0xff)]! ^
			table[((value >>> 24) ^ bytes[index + 3]!) & 0xff]!;
	}
	for (; index < bytes.byteLength; index += 1) value = table[(value ^ bytes[index]!) & 0xff]! ^ (value >>> 8);
	return ~value >>> 0;
}
