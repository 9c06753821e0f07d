// Node's deflate with the settings that everything on flash has, and the CRC-32 that guards it (zlib.crc32 came with
// Node 22 only).
import { deflateRawSync as deflate, inflateRawSync } from 'node:zlib';

export { inflateRawSync };

/** 32 kB of window: more gains nothing on some thousand rows, and costs memory. */
export function deflateRawSync(bytes: Uint8Array): Buffer {
	return deflate(bytes, { level: 9 });
}

const table = Uint32Array.from({ length: 256 }, (_, index) => {
	let value = index;
	for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
	return value;
});

export function crc32(bytes: Uint8Array): number {
	let value = 0xffffffff;
	for (const byte of bytes) value = table[(value ^ byte) & 0xff]! ^ (value >>> 8);
	return (value ^ 0xffffffff) >>> 0;
}
