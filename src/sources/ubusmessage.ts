// The messages of ubusd's socket (openwrt/ubus, ubusmsg.h): an 8-byte head and one attribute that holds the others.
// `MessageReader` puts them together however the bytes are cut and refuses what no ubusd sends.
import {
	attributeHeadBytes,
	type BlobInput,
	type BlobTable,
	decodeTable,
	encodeAttribute,
	encodeTable,
	splitAttributes,
} from './blobmsg.ts';

const messageTypes = [
	'HELLO',
	'STATUS',
	'DATA',
	'PING',
	'LOOKUP',
	'INVOKE',
	'ADD_OBJECT',
	'REMOVE_OBJECT',
	'SUBSCRIBE',
	'UNSUBSCRIBE',
	'NOTIFY',
	'MONITOR',
] as const;
export type MessageType = (typeof messageTypes)[number];

/** How an attribute's payload is read, by its id. */
const attributes = [
	null,
	['STATUS', 'number'],
	['OBJPATH', 'text'],
	['OBJID', 'number'],
	['METHOD', 'text'],
	['OBJTYPE', 'number'],
	['SIGNATURE', 'table'],
	['DATA', 'table'],
	['TARGET', 'number'],
	['ACTIVE', 'byte'],
	['NO_REPLY', 'byte'],
	['SUBSCRIBERS', 'skip'],
	['USER', 'text'],
	['GROUP', 'text'],
] as const;

/** Absent = not sent. Ids are unsigned. */
export interface MessageAttributes<Table = BlobTable> {
	readonly STATUS?: number;
	readonly OBJPATH?: string;
	readonly OBJID?: number;
	readonly METHOD?: string;
	readonly OBJTYPE?: number;
	readonly SIGNATURE?: Table;
	readonly DATA?: Table;
	readonly TARGET?: number;
	readonly ACTIVE?: number;
	readonly NO_REPLY?: number;
	readonly USER?: string;
	readonly GROUP?: string;
}

export interface UbusMessage<Table = BlobTable> {
	readonly type: MessageType;
	/** Of the request that this belongs to, 0 to 65535. */
	readonly seq: number;
	readonly peer: number;
	readonly attrs: MessageAttributes<Table>;
}

const headBytes = 8;
/** UBUS_MAX_MSGLEN: ubusd cuts a peer off that sends more. */
export const maxMessageBytes = 1024 * 1024;

/** @throws RangeError for a number that does not fit: what we send is our own */
export function encodeMessage(message: UbusMessage<{ readonly [name: string]: BlobInput }>): Buffer {
	const parts: Buffer[] = [];
	attributes.forEach((attribute, id) => {
		if (attribute === null || attribute[1] === 'skip') return;
		const [name, kind] = attribute;
		const value = message.attrs[name];
		if (value === undefined) return;
		if (kind === 'table') parts.push(encodeAttribute(id, encodeTable(value as { [name: string]: BlobInput })));
		else if (kind === 'text') parts.push(encodeAttribute(id, Buffer.from(`${value}\0`, 'utf8')));
		else if (kind === 'byte') parts.push(encodeAttribute(id, Buffer.of(value as number)));
		else {
			const payload = Buffer.alloc(4);
			payload.writeUInt32BE((value as number) >>> 0);
			parts.push(encodeAttribute(id, payload));
		}
	});
	const head = Buffer.alloc(headBytes);
	head.writeUInt8(messageTypes.indexOf(message.type), 1);
	head.writeUInt16BE(message.seq, 2);
	head.writeUInt32BE(message.peer >>> 0, 4);
	return Buffer.concat([head, encodeAttribute(0, Buffer.concat(parts))]);
}

/**
 * One whole message; null for a type that is not known; or an error text. Attributes that are not known are left out;
 * of two with one id the last counts.
 */
export function decodeMessage(bytes: Buffer): UbusMessage | null | string {
	const type = messageTypes[bytes.readUInt8(1)];
	if (type === undefined) return null;
	const found = splitAttributes(bytes.subarray(headBytes + attributeHeadBytes));
	if (typeof found === 'string') return found;
	const attrs: Record<string, string | number | BlobTable> = {};
	for (const { id, payload } of found) {
		const attribute = attributes[id];
		if (!attribute || attribute[1] === 'skip') continue;
		const value = decodeAttribute(attribute[1], payload);
		if (value === null) return `the attribute ${attribute[0]} is malformed`;
		if (value instanceof Error) return `${attribute[0]}: ${value.message}`;
		attrs[attribute[0]] = value;
	}
	return { type, seq: bytes.readUInt16BE(2), peer: bytes.readUInt32BE(4), attrs };
}

function decodeAttribute(kind: 'number' | 'text' | 'table' | 'byte', payload: Buffer) {
	if (kind === 'number') return payload.length < 4 ? null : payload.readUInt32BE(0);
	if (kind === 'byte') return payload.length < 1 ? null : payload.readUInt8(0);
	if (kind === 'text') {
		const end = payload.indexOf(0);
		return end < 0 ? null : payload.toString('utf8', 0, end);
	}
	const table = decodeTable(payload);
	return typeof table === 'string' ? new Error(table) : table;
}

/** Bytes in, messages out. After the first error text the stream has no meaning any more: close it. */
export class MessageReader {
	readonly #head = Buffer.alloc(headBytes + attributeHeadBytes);
	#message: Buffer = this.#head;
	#filled = 0;

	/** Bytes of a message that is not whole yet. */
	get waiting(): number {
		return this.#filled;
	}

	/** Calls `take` for each message that `chunk` completes, with its size. @returns an error text, or null */
	push(chunk: Buffer, take: (message: UbusMessage, bytes: number) => void): string | null {
		let at = 0;
		while (at < chunk.length) {
			const copied = chunk.copy(this.#message, this.#filled, at, at + this.#message.length - this.#filled);
			at += copied;
			this.#filled += copied;
			if (this.#filled < this.#message.length) break;
			if (this.#message === this.#head) {
				const error = this.#begin();
				if (error !== null) return error;
				if (this.#message.length > this.#filled) continue;
			}
			const bytes = this.#message.length;
			const message = decodeMessage(this.#message);
			this.#message = this.#head;
			this.#filled = 0;
			if (typeof message === 'string') return message;
			if (message !== null) take(message, bytes);
		}
		return null;
	}

	#begin(): string | null {
		if (this.#head[0] !== 0) return `its first byte is ${this.#head[0]}, not the protocol's version 0`;
		const length = this.#head.readUInt32BE(headBytes) & 0x00ff_ffff;
		if (length < attributeHeadBytes) return `a message says it is ${length} bytes long, less than its own head`;
		if (length > maxMessageBytes)
			return `a message of ${length} bytes, more than the ${maxMessageBytes} that ubus allows`;
		this.#message = Buffer.alloc(headBytes + length);
		this.#head.copy(this.#message);
		return null;
	}
}
