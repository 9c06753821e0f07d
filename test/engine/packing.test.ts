import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, Reader, Writer } from '../../src/engine/packing.ts';
import { Dice } from '../fakes/dice.ts';

/** Bit by bit, as the polynomial is written down. */
function slowCrc(bytes: Uint8Array): number {
	let value = 0xffffffff;
	for (const byte of bytes) {
		value ^= byte;
		for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
	}
	return (value ^ 0xffffffff) >>> 0;
}

test('it makes the CRC-32 of zip of any length', () => {
	assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
	const dice = new Dice(1);
	for (let length = 0; length < 70; length += 1) {
		const bytes = Uint8Array.from({ length }, () => dice.int(0, 255));
		assert.equal(crc32(bytes), slowCrc(bytes), `${length} bytes`);
	}
});

test('it packs every integer up to 2^53, and of either sign up to 2^52', () => {
	const writer = new Writer();
	const counts = [0, 1, 0x7f, 0x80, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 38 + 129, Number.MAX_SAFE_INTEGER];
	const signed = [0, -1, 1, 2 ** 30, -(2 ** 30), 2 ** 31, -(2 ** 31), 2 ** 52 - 1, -(2 ** 52) + 1];
	for (const value of counts) writer.count(value);
	for (const value of signed) writer.signed(value);
	const reader = new Reader(writer.bytes);
	for (const value of counts) assert.equal(reader.count(), value);
	for (const value of signed) assert.equal(reader.signed(), value);
	assert.ok(reader.atEnd);
});

test('it packs a UUID into 17 bytes, and brings back any other id as it was', () => {
	const writer = new Writer();
	const uuid = '0b6a4c1e-7c1d-4a52-9b0e-2f6f0a6fff19';
	writer.id(uuid);
	assert.equal(writer.bytes.byteLength, 17);
	const others = [
		'',
		'x',
		uuid.toUpperCase(),
		uuid.replaceAll('-', '_'),
		`${uuid.slice(0, -1)}g`,
		`${uuid.slice(0, -1)}é`,
	];
	for (const at of [0, 7, 12, 20, 35]) others.push(`${uuid.slice(0, at)}:${uuid.slice(at + 1)}`);
	for (const id of others) writer.id(id);
	const reader = new Reader(writer.bytes);
	for (const id of [uuid, ...others]) assert.equal(reader.id(), id);
	assert.ok(reader.atEnd);
});
