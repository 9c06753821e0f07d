// Version 1 datagrams of the LAN (docs/udp.md): the envelope that all of them share, and the messages by which a
// listener proves its address, registers, renews and leaves. Pure; little-endian throughout.

/** "nmon": what every version 1 datagram begins with, and no registration of the old kind. */
export const magic: readonly number[] = [0x6e, 0x6d, 0x6f, 0x6e];
const version = 1;
/** Every question is at least this long, so that no answer is ever longer than its question. */
export const questionBytes = 64;
export const cookieBytes = 16;
const headerBytes = 8;
const crcBytes = 4;

const typeNumbers = { frame: 1, hello: 2, cookie: 3, register: 4, answer: 5, goodbye: 6, ended: 7 } as const;
export type DatagramType = keyof typeof typeNumbers;
const typeNames = new Map<number, DatagramType>(
	Object.entries(typeNumbers).map(([name, number]) => [number, name as DatagramType]),
);
/** The shortest length of each type; what a later version appends makes it longer. */
const minBytes: Record<DatagramType, number> = {
	frame: 104,
	hello: questionBytes,
	cookie: 32,
	register: questionBytes,
	answer: 48,
	goodbye: 32,
	ended: 16,
};

const statuses = ['accepted', 'full', 'address full'] as const;
/** accepted; 16 listeners are registered; 2 listeners of this address are registered. */
export type AnswerStatus = (typeof statuses)[number];

/** `nonce` is chosen by the listener and comes back in the answer; `cookie` is 16 opaque bytes. */
export type Message =
	| { readonly type: 'hello'; readonly nonce: number }
	| { readonly type: 'cookie'; readonly nonce: number; readonly cookie: Uint8Array }
	| { readonly type: 'register'; readonly nonce: number; readonly cookie: Uint8Array }
	| {
			readonly type: 'answer';
			readonly nonce: number;
			readonly status: AnswerStatus;
			/** Seconds until the listener is forgotten unless it registers again. */
			readonly leaseS: number;
			/** When refused: seconds to wait before the next try. */
			readonly retryS: number;
			readonly intervalMs: number;
			readonly instance: number;
			/** For the next renewal. */
			readonly cookie: Uint8Array;
	  }
	| { readonly type: 'goodbye'; readonly nonce: number; readonly cookie: Uint8Array }
	/** The agent stops: nothing more will come. */
	| { readonly type: 'ended'; readonly instance: number };

/** A datagram whose magic, version, length and CRC are right. `end` is where its CRC begins. */
export interface Envelope {
	readonly type: DatagramType;
	readonly view: DataView;
	readonly end: number;
}

export function isVersion1(bytes: Uint8Array): boolean {
	return bytes.length >= magic.length && magic.every((byte, at) => bytes[at] === byte);
}

/** A zeroed datagram of `length` bytes with its header; `sealDatagram` completes it. */
export function newDatagram(type: DatagramType, length: number): DataView {
	const view = new DataView(new ArrayBuffer(length));
	for (let at = 0; at < magic.length; at++) view.setUint8(at, magic[at]!);
	view.setUint8(4, version);
	view.setUint8(5, typeNumbers[type]);
	view.setUint16(6, length, true);
	return view;
}

export function sealDatagram(view: DataView): Uint8Array {
	const bytes = new Uint8Array(view.buffer);
	view.setUint32(bytes.length - crcBytes, crc32(bytes, bytes.length - crcBytes), true);
	return bytes;
}

/** Checks the envelope of a datagram from outside; a text says what is wrong with it. */
export function openDatagram(bytes: Uint8Array): Envelope | string {
	if (!isVersion1(bytes)) return 'not a netmon datagram';
	if (bytes.length < headerBytes + crcBytes) return 'shorter than a header';
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (view.getUint8(4) !== version) return `version ${view.getUint8(4)} is not known`;
	if (view.getUint16(6, true) !== bytes.length) return 'its length is not what its header says';
	const end = bytes.length - crcBytes;
	if (view.getUint32(end, true) !== crc32(bytes, end)) return 'its CRC is wrong';
	const type = typeNames.get(view.getUint8(5));
	if (type === undefined) return `type ${view.getUint8(5)} is not known`;
	if (bytes.length < minBytes[type]) return `too short for its type (${type})`;
	return { type, view, end };
}

export function encodeMessage(message: Message): Uint8Array {
	const view = newDatagram(message.type, minBytes[message.type]);
	view.setUint32(8, message.type === 'ended' ? message.instance : message.nonce, true);
	if (message.type === 'cookie' || message.type === 'register' || message.type === 'goodbye') {
		putCookie(view, 12, message.cookie);
	} else if (message.type === 'answer') {
		view.setUint8(12, statuses.indexOf(message.status));
		view.setUint16(14, message.leaseS, true);
		view.setUint32(16, message.intervalMs, true);
		view.setUint32(20, message.instance, true);
		putCookie(view, 24, message.cookie);
		view.setUint16(40, message.retryS, true);
	}
	return sealDatagram(view);
}

/** Reads an opened envelope of any type but `frame`, which sinks/frame.ts reads. */
export function parseMessage({ type, view }: Envelope): Message | string {
	const nonce = view.getUint32(8, true);
	switch (type) {
		case 'hello':
			return { type, nonce };
		case 'cookie':
		case 'register':
		case 'goodbye':
			return { type, nonce, cookie: getCookie(view, 12) };
		case 'ended':
			return { type, instance: nonce };
		case 'answer': {
			const status = statuses[view.getUint8(12)];
			if (status === undefined) return `status ${view.getUint8(12)} is not known`;
			return {
				type,
				nonce,
				status,
				leaseS: view.getUint16(14, true),
				retryS: view.getUint16(40, true),
				intervalMs: view.getUint32(16, true),
				instance: view.getUint32(20, true),
				cookie: getCookie(view, 24),
			};
		}
		case 'frame':
			return 'a frame is not a message';
	}
}

function putCookie(view: DataView, at: number, cookie: Uint8Array) {
	new Uint8Array(view.buffer).set(cookie.subarray(0, cookieBytes), at);
}

/** A copy: what it is read from may be a socket's own buffer. */
function getCookie(view: DataView, at: number): Uint8Array {
	return new Uint8Array(view.buffer, view.byteOffset + at, cookieBytes).slice();
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
	let rest = byte;
	for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
	return rest;
});

/** CRC-32 of the first `length` bytes, as zlib, PNG and Ethernet have it. */
function crc32(bytes: Uint8Array, length: number): number {
	let crc = 0xffffffff;
	for (let at = 0; at < length; at++) crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[at]!) & 0xff]!;
	return (crc ^ 0xffffffff) >>> 0;
}
