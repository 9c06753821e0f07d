// blobmsg, the value format of ubus (libubox): big-endian, every attribute padded to 4 bytes with the padding after
// its length. Pure, both ways; whatever bytes come, `decodeTable` answers a table or an error text and never throws.

/** A decoded value. int64 is read unsigned, as the kernel's counters are: a number up to 2^53 - 1, a bigint above. */
export type BlobValue = string | number | bigint | boolean | null | readonly BlobValue[] | BlobTable;
/** Has no prototype, so a name from outside can be any text. */
export interface BlobTable {
	readonly [name: string]: BlobValue;
}

/** What can be encoded. Whole numbers become int32 where they fit, else int64; other numbers double; bigints int64. */
export type BlobInput =
	| string
	| number
	| bigint
	| boolean
	| null
	| Sized
	| readonly BlobInput[]
	| { readonly [name: string]: BlobInput };

/** A number with the type it must have on the wire: `new Sized('int64', 5)`. */
export class Sized {
	readonly type: 'int64' | 'int32' | 'int16' | 'int8' | 'double';
	readonly value: number | bigint;

	constructor(type: Sized['type'], value: number | bigint) {
		this.type = type;
		this.value = value;
	}
}

const types = { null: 0, array: 1, table: 2, string: 3, int64: 4, int32: 5, int16: 6, int8: 7, double: 8 } as const;
const sizes: Readonly<Record<number, number>> = { 4: 8, 5: 4, 6: 2, 7: 1, 8: 8 };

export const attributeHeadBytes = 4;
const extended = 0x8000_0000;
const lengthMask = 0x00ff_ffff;
/** netifd nests 5 deep; a message of 1 MiB could nest 100,000 deep and exhaust the stack. */
const maxDepth = 64;

/** An attribute as it stands in the bytes: `id` is 0 to 127, `payload` without head and padding. */
export interface Attribute {
	readonly id: number;
	readonly extended: boolean;
	readonly payload: Buffer;
}

/** @returns `length` rounded up to the 4 bytes that attributes are padded to */
export const padded = (length: number): number => (length + 3) & ~3;

/** One attribute with its padding. */
export function encodeAttribute(id: number, payload: Buffer, flag: 0 | typeof extended = 0): Buffer {
	const length = attributeHeadBytes + payload.length;
	const bytes = Buffer.alloc(padded(length));
	bytes.writeUInt32BE((flag | (id << 24) | length) >>> 0, 0);
	payload.copy(bytes, attributeHeadBytes);
	return bytes;
}

/** The attributes that stand side by side in `bytes`, or an error text. The last one may lack its padding. */
export function splitAttributes(bytes: Buffer): Attribute[] | string {
	const found: Attribute[] = [];
	let at = 0;
	while (bytes.length - at >= attributeHeadBytes) {
		const head = bytes.readUInt32BE(at);
		const length = head & lengthMask;
		if (length < attributeHeadBytes) return `an attribute says it is ${length} bytes long, less than its own head`;
		if (length > bytes.length - at)
			return `an attribute says it is ${length} bytes long where ${bytes.length - at} are left`;
		const payload = bytes.subarray(at + attributeHeadBytes, at + length);
		found.push({ id: (head >>> 24) & 0x7f, extended: head >= extended, payload });
		at += padded(length);
	}
	return found;
}

/** The bytes of a table's members: what stands in a DATA attribute. @throws RangeError for a number its type cannot hold */
export function encodeTable(table: { readonly [name: string]: BlobInput }): Buffer {
	return Buffer.concat(Object.entries(table).map(([name, value]) => encodeValue(name, value)));
}

function encodeValue(name: string, value: BlobInput): Buffer {
	const label = Buffer.from(name, 'utf8');
	// u16 length, the name, its NUL; the value begins at the next multiple of 4.
	const head = Buffer.alloc(padded(2 + label.length + 1));
	head.writeUInt16BE(label.length, 0);
	label.copy(head, 2);
	const [type, body] = encodeBody(value);
	return encodeAttribute(type, Buffer.concat([head, body]), extended);
}

function encodeBody(value: BlobInput): [type: number, body: Buffer] {
	if (value === null) return [types.null, Buffer.alloc(0)];
	if (typeof value === 'string') return [types.string, Buffer.from(`${value}\0`, 'utf8')];
	if (typeof value === 'boolean') return encodeNumber('int8', value ? 1 : 0);
	if (typeof value === 'bigint') return encodeNumber('int64', value);
	if (typeof value === 'number') return encodeNumber(numberType(value), value);
	if (value instanceof Sized) return encodeNumber(value.type, value.value);
	if (isArray(value)) return [types.array, Buffer.concat(value.map((item) => encodeValue('', item)))];
	return [types.table, encodeTable(value)];
}

// Array.isArray does not narrow readonly arrays away.
const isArray = (value: BlobInput): value is readonly BlobInput[] => Array.isArray(value);

function numberType(value: number): Sized['type'] {
	if (!Number.isSafeInteger(value) || Object.is(value, -0)) return 'double';
	return value === (value | 0) ? 'int32' : 'int64';
}

function encodeNumber(type: Sized['type'], value: number | bigint): [type: number, body: Buffer] {
	const body = Buffer.alloc(sizes[types[type]]!);
	if (type === 'double') body.writeDoubleBE(Number(value));
	// Negative numbers are two's complement; both i64 and u64 fit.
	else if (type === 'int64') body.writeBigUInt64BE(wrap(BigInt(value), 64));
	else if (type === 'int32') body.writeUInt32BE(Number(wrap(BigInt(value), 32)));
	else if (type === 'int16') body.writeUInt16BE(Number(wrap(BigInt(value), 16)));
	else body.writeUInt8(Number(wrap(BigInt(value), 8)));
	return [types[type], body];
}

function wrap(value: bigint, bits: number): bigint {
	if (value < -(1n << BigInt(bits - 1)) || value >= 1n << BigInt(bits))
		throw new RangeError(`${value} does not fit in ${bits} bits`);
	return BigInt.asUintN(bits, value);
}

/** The table whose members stand in `bytes` (of two with one name the last counts), or an error text. */
export function decodeTable(bytes: Buffer): BlobTable | string {
	return decodeMembers(bytes, 0);
}

function decodeMembers(bytes: Buffer, depth: number): BlobTable | string {
	const table: Record<string, BlobValue> = Object.create(null);
	const error = eachMember(bytes, depth, (name, value) => {
		table[name] = value;
	});
	return error ?? table;
}

function eachMember(bytes: Buffer, depth: number, take: (name: string, value: BlobValue) => void): string | null {
	if (depth > maxDepth) return `values are nested deeper than ${maxDepth}`;
	const attributes = splitAttributes(bytes);
	if (typeof attributes === 'string') return attributes;
	for (const attribute of attributes) {
		const { payload } = attribute;
		if (!attribute.extended || payload.length < 4) return 'a value has no name head';
		const nameBytes = payload.readUInt16BE(0);
		const start = padded(2 + nameBytes + 1);
		if (start > payload.length || payload[2 + nameBytes] !== 0) return 'a name is longer than its value';
		const name = nameBytes === 0 ? '' : payload.toString('utf8', 2, 2 + nameBytes);
		const value = decodeBody(attribute.id, payload.subarray(start), depth);
		if (value instanceof Malformed) return value.error;
		take(name, value);
	}
	return null;
}

/** Tells an error text from a string value. */
class Malformed {
	readonly error: string;

	constructor(error: string) {
		this.error = error;
	}
}

function decodeBody(type: number, body: Buffer, depth: number): BlobValue | Malformed {
	const size = sizes[type];
	if (size !== undefined && body.length < size)
		return new Malformed(`a number of type ${type} has ${body.length} bytes, not ${size}`);
	switch (type) {
		case types.null:
			return null;
		case types.array: {
			const list: BlobValue[] = [];
			const error = eachMember(body, depth + 1, (_name, value) => list.push(value));
			return error === null ? list : new Malformed(error);
		}
		case types.table: {
			const table = decodeMembers(body, depth + 1);
			return typeof table === 'string' ? new Malformed(table) : table;
		}
		case types.string: {
			const end = body.indexOf(0);
			return end < 0 ? new Malformed('a string has no end') : body.toString('utf8', 0, end);
		}
		case types.int64: {
			const high = body.readUInt32BE(0);
			// Below 2^53 two 32-bit reads are exact and cost no bigint.
			return high < 0x20_0000 ? high * 0x1_0000_0000 + body.readUInt32BE(4) : body.readBigUInt64BE(0);
		}
		case types.int32:
			return body.readInt32BE(0);
		case types.int16:
			return body.readInt16BE(0);
		case types.int8:
			return body.readUInt8(0) !== 0;
		case types.double:
			return body.readDoubleBE(0);
		default:
			return new Malformed(`value type ${type} is not known`);
	}
}
