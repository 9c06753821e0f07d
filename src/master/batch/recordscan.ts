// Records of one body, byte by byte: no object for a record, no string for a text that came before. It knows the usual
// way that they are written in, and says so where they are not.
import { portLimit } from './parcel.ts';
import { type Field, type Kind, kindOf, type NumberedField, type NumberField } from './recordfields.ts';
import { SpanTable } from './spantable.ts';
import { maxBytes, maxRecords, maxTextLength, parseTime } from './syncbody.ts';
import { type Pattern, Words } from './words.ts';

const [quote, backslash, comma, openBrace, closeBrace, closeBracket] = [0x22, 0x5c, 0x2c, 0x7b, 0x7d, 0x5d];
const zero = 0x30;
const dash = 0x2d;
const uuidText = 36;
const uuidLength = 16;
/** No record with all its fields is shorter. */
const shortestRecord = 400;
/** Digits of numbers that are surely exact. */
const exactDigits = 15;

/** By byte; below 0 where it is none, or a capital. */
const hexDigits = Int8Array.from({ length: 256 }, (_, byte) => '0123456789abcdef'.indexOf(String.fromCharCode(byte)));

/** A field where it stands in each record. */
interface Place {
	readonly kind: Kind;
	readonly field: Field;
	/** What stands before its value: `,"host":`. */
	readonly lead: Pattern;
	/** Where its values go, by number of the record. */
	readonly into: Float64Array | Uint32Array;
	/** Of the record before. */
	from: number;
	to: number;
	number: number;
}

/** In the column `agent_id`: null. */
export const noAgent = 2 ** 32 - 1;

export class RecordScan {
	readonly spans: SpanTable;
	readonly names: Uint8Array;
	count = 0;
	readonly #bytes: Buffer;
	readonly #words: Words;
	readonly #most: number;
	readonly #places: Place[] = [];
	#at = 0;

	constructor(bytes: Buffer) {
		this.#bytes = bytes;
		this.#words = new Words(bytes);
		this.spans = new SpanTable(bytes, this.#words);
		this.#most = Math.min(maxRecords, Math.ceil(bytes.length / shortestRecord));
		this.names = new Uint8Array(this.#most * uuidLength);
	}

	/** Reads from behind `[` on. Answers where `]` is; null: something is not as it usually is. */
	run(from: number): number | null {
		this.#at = from;
		if (this.#bytes[from] === closeBracket) return from;
		for (;;) {
			if (this.count >= this.#most || !(this.count === 0 ? this.#first() : this.#next())) return null;
			this.count += 1;
			const next = this.#bytes[this.#at];
			if (next === closeBracket) return this.#at;
			if (next !== comma) return null;
			this.#at += 1;
		}
	}

	numbers(field: NumberField): Float64Array {
		return (this.#column(field) ?? new Float64Array(0)) as Float64Array;
	}

	/** Numbers of texts; of ports, the port or that of a text behind `portLimit`. null: no record has the field. */
	numbered(field: NumberedField): Uint32Array | null {
		return this.#column(field) as Uint32Array | null;
	}

	#column(field: Field): Float64Array | Uint32Array | null {
		return this.#places.find((place) => place.field === field)?.into.subarray(0, this.count) ?? null;
	}

	/** Learns the order of the fields. */
	#first(): boolean {
		const bytes = this.#bytes;
		if (bytes[this.#at] !== openBrace) return false;
		do {
			const from = this.#at;
			if (bytes[from + 1] !== quote) return false;
			const end = bytes.indexOf('":', from + 2);
			const field = end < 0 ? '' : bytes.toString('latin1', from + 2, end);
			const kind = kindOf.get(field);
			if (!kind || this.#places.some((place) => place.field === field)) return false;
			const into = new (kind === 'bytes' || kind === 'time' ? Float64Array : Uint32Array)(
				kind === 'id' ? 0 : this.#most,
			);
			const lead = this.#words.pattern(from, end + 2);
			const place: Place = { kind, field: field as Field, lead, into, from: 0, to: -1, number: 0 };
			this.#places.push(place);
			this.#at = end + 2;
			if (!this.#value(place)) return false;
		} while (bytes[this.#at] === comma);
		if (bytes[this.#at] !== closeBrace) return false;
		this.#at += 1;
		const missing = [...kindOf.keys()].filter((field) => !this.#places.some((place) => place.field === field));
		return missing.every((field) => field === 'agent_id');
	}

	#next(): boolean {
		const bytes = this.#bytes;
		for (const place of this.#places) {
			if (!this.#words.holds(this.#at, place.lead)) return false;
			this.#at += place.lead.length;
			if (!this.#value(place)) return false;
		}
		if (bytes[this.#at] !== closeBrace) return false;
		this.#at += 1;
		return true;
	}

	#value(place: Place): boolean {
		const { kind, into } = place;
		switch (kind) {
			case 'text':
				return this.#text(place);
			case 'digits':
				return this.#digits(place);
			case 'bytes': {
				const value = this.#whole();
				into[this.count] = value;
				return value <= maxBytes;
			}
			case 'time':
				return this.#time(into);
			case 'port':
				return this.#port(place);
			case 'id':
				return this.#id();
		}
	}

	#text(place: Place): boolean {
		const bytes = this.#bytes;
		if (bytes[this.#at] !== quote) return place.field === 'agent_id' && this.#null(place);
		const from = this.#at + 1;
		const length = place.to - place.from;
		// The first has none before it, and a length of -1.
		const same = length >= 0 && bytes[from + length] === quote && this.#words.same(from, place.from, length);
		if (!same) {
			let to = from;
			for (let byte = bytes[to]!; byte !== quote; byte = bytes[to]!) {
				// Behind the end it is undefined, and less than nothing.
				if (!(byte >= 0x20)) return false;
				to += byte === backslash ? 2 : 1;
			}
			if (to - from > maxTextLength) return false;
			this.#remember(place, from, to);
		}
		this.#at = place.to - place.from + from + 1;
		place.into[this.count] = place.number;
		return true;
	}

	#remember(place: Place, from: number, to: number): void {
		place.from = from;
		place.to = to;
		place.number = this.spans.number(from, to);
	}

	#null({ into }: Place): boolean {
		if (this.#bytes.toString('latin1', this.#at, this.#at + 4) !== 'null') return false;
		this.#at += 4;
		into[this.count] = noAgent;
		return true;
	}

	#digits(place: Place): boolean {
		const from = this.#at;
		if (this.#whole() > Number.MAX_SAFE_INTEGER) return false;
		this.#remember(place, from, this.#at);
		place.into[this.count] = place.number;
		return true;
	}

	/** A whole number from 0 on; Infinity where there is none that is surely exact. */
	#whole(): number {
		const bytes = this.#bytes;
		const from = this.#at;
		let value = 0;
		let digit = bytes[this.#at]! - zero;
		for (; digit >= 0 && digit <= 9; digit = bytes[this.#at]! - zero) {
			value = value * 10 + digit;
			this.#at += 1;
		}
		const length = this.#at - from;
		const fine = length > 0 && length <= exactDigits && !(length > 1 && bytes[from] === zero);
		return fine ? value : Number.POSITIVE_INFINITY;
	}

	#time(into: Place['into']): boolean {
		const bytes = this.#bytes;
		const end = bytes[this.#at] === quote ? bytes.indexOf(quote, this.#at + 1) : -1;
		const time =
			end < 0 || end - this.#at > uuidText + 1 ? null : parseTime(bytes.toString('latin1', this.#at + 1, end));
		if (time === null) return false;
		this.#at = end + 1;
		into[this.count] = time;
		return true;
	}

	#port(place: Place): boolean {
		const start = this.#at;
		if (this.#bytes[start] !== quote) return false;
		this.#at += 1;
		const port = this.#whole();
		const is = port < portLimit && this.#bytes[this.#at] === quote;
		this.#at = is ? this.#at + 1 : start;
		if (!is && !this.#text(place)) return false;
		place.into[this.count] = is ? port : portLimit + place.number;
		return true;
	}

	/** A UUID as mihomo writes it. */
	#id(): boolean {
		const bytes = this.#bytes;
		const from = this.#at + 1;
		if (bytes[this.#at] !== quote || bytes[from + uuidText] !== quote) return false;
		let into = this.count * uuidLength;
		for (let at = 0; at < uuidText; at += 2) {
			if (at === 8 || at === 13 || at === 18 || at === 23) {
				if (bytes[from + at] !== dash) return false;
				at -= 1;
				continue;
			}
			const value = (hexDigits[bytes[from + at]!]! << 4) | hexDigits[bytes[from + at + 1]!]!;
			if (value < 0) return false;
			this.names[into++] = value;
		}
		this.#at = from + uuidText + 1;
		return true;
	}
}
