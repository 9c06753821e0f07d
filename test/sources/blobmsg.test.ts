import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type BlobInput, decodeTable, encodeTable, Sized } from '../../src/sources/blobmsg.ts';
import { encodeMessage, MessageReader, maxMessageBytes, type UbusMessage } from '../../src/sources/ubusmessage.ts';
import { randomFrom } from '../fakes/random.ts';
import { plain, type Recorded, readTranscript } from '../fakes/transcript.ts';

const names = readdirSync('test/fixtures/openwrt/ubus')
	.filter((name) => name.endsWith('.jsonl'))
	.map((name) => name.replace('.jsonl', ''));

/** What the reader makes of the bytes when they come in pieces of at most `pieces`. */
function read(bytes: Buffer, pieces: number, random: () => number): { messages: UbusMessage[]; error: string | null } {
	const reader = new MessageReader();
	const messages: UbusMessage[] = [];
	for (let at = 0; at < bytes.length; ) {
		const size = 1 + Math.floor(random() * pieces);
		const error = reader.push(bytes.subarray(at, at + size), (message) => messages.push(message));
		if (error !== null) return { messages, error };
		at += size;
	}
	assert.equal(reader.waiting, 0);
	return { messages, error: null };
}

for (const name of names)
	test(`it reads every message of the recording "${name}", cut anywhere`, () => {
		const { messages } = readTranscript(name);
		// What a client of protocol version 1 sent: not for us to read.
		const recorded = messages.filter(({ hex }) => hex.startsWith('00'));
		const bytes = Buffer.concat(recorded.map(({ hex }) => Buffer.from(hex, 'hex')));
		const random = randomFrom(1);
		for (const pieces of [1, 2, 7, 100, 5_000, bytes.length * 2]) {
			const answer = read(bytes, pieces, random);
			assert.equal(answer.error, null);
			assert.deepEqual(
				answer.messages.map(plain),
				recorded.map(({ means }) => plain(means)),
			);
		}
	});

/** Recorded with numbers of a type that their value does not tell. */
const sized: Record<string, (attrs: Record<string, BlobInput>) => Record<string, BlobInput>> = {
	publish: ({ wan, ...data }) => {
		const { rx_bytes, tx_bytes } = wan as Record<string, number>;
		const wide = { rx_bytes: new Sized('int64', rx_bytes!), tx_bytes: new Sized('int64', tx_bytes!) };
		return { running: data.running!, wan: wide, names: data.names! };
	},
};

test("it writes the recorded client's messages byte for byte", () => {
	let written = 0;
	for (const name of names)
		for (const { dir, hex, means } of readTranscript(name).messages) {
			if (dir !== 'client' || !hex.startsWith('00')) continue;
			const attrs = { ...means.attrs } as Record<string, never>;
			if (attrs.DATA && sized[name]) attrs.DATA = sized[name](attrs.DATA) as never;
			const message = { type: means.type as UbusMessage['type'], seq: means.seq, peer: means.peer, attrs };
			assert.equal(encodeMessage(message).toString('hex'), hex, name);
			written += 1;
		}
	assert.ok(written > 70, `${written}`);
});

test("it reads the types as ubus's own command prints them", () => {
	const answer = readTranscript('types').messages.find(
		({ means }) => means.attrs.DATA && means.type === 'DATA',
	) as Recorded;
	const { messages } = read(Buffer.from(answer.hex, 'hex'), 1_000, randomFrom(1));
	const printed = JSON.parse(readFileSync('test/fixtures/openwrt/ubus/types.cli.json', 'utf8'));
	// The command prints int64 with a sign and JSON.parse rounds above 2^53.
	const signed = (_key: string, value: unknown) =>
		typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : value;
	assert.deepEqual(JSON.parse(JSON.stringify(messages[0]!.attrs.DATA, signed)), printed);
});

test('it brings every type back: what is encoded is decoded the same', () => {
	const value = {
		'': 'a name of nothing',
		__proto__x: null,
		text: 'Zürich 光',
		yes: true,
		no: false,
		int32: [0, -1, 2_147_483_647, -2_147_483_648],
		int64: [2_147_483_648, 2 ** 53 - 1, 2n ** 53n, 2n ** 64n - 1n],
		double: [0.1, -0.25, 1e300, 2 ** 53],
		empty: [[], {}],
		deep: { a: [{ b: { c: ['d'] } }] },
	};
	assert.deepEqual(plain(decodeTable(encodeTable(value))), plain(value));
});

test('it keeps a number to the type it is given, and reads int64 unsigned', () => {
	const bytes = encodeTable({
		a: new Sized('int64', 5),
		b: new Sized('int64', -5n),
		c: new Sized('int16', -2),
		d: new Sized('int32', 0xffff_ffff),
		e: new Sized('double', 3),
		f: new Sized('int8', 7),
	});
	assert.deepEqual(plain(decodeTable(bytes)), plain({ a: 5, b: 2n ** 64n - 5n, c: -2, d: -1, e: 3, f: true }));
	assert.throws(() => encodeTable({ a: new Sized('int16', 70_000) }), RangeError);
	assert.throws(() => encodeTable({ a: 2n ** 64n }), RangeError);
});

test('it takes names from outside as they are, `__proto__` too', () => {
	const table = decodeTable(encodeTable(JSON.parse('{"__proto__": {"admin": true}, "constructor": 1}')));
	assert.ok(typeof table !== 'string');
	assert.deepEqual(Object.keys(table), ['__proto__', 'constructor']);
	assert.equal(({} as Record<string, unknown>).admin, undefined);
});

test('it takes a last value without its padding', () => {
	const bytes = encodeTable({ name: 'abcd' });
	assert.deepEqual(plain(decodeTable(bytes.subarray(0, bytes.length - 3))), { name: 'abcd' });
});

const refused: [what: string, hex: string, error: RegExp][] = [
	['an attribute shorter than its head', '83000003', /less than its own head/],
	['an attribute longer than what is there', '8300000d0001610078', /13 bytes long where 9 are left/],
	['a name longer than its value', '8300000a000f61007800', /name is longer/],
	['a name without its end', '8300000c0001617878000000', /name is longer/],
	['a value without a name', '03000008000100ff', /no name/],
	['a string without its end', '8300000a000161007878', /string has no end/],
	['a number that is too short', '8400000c0001610000000001', /has 4 bytes, not 8/],
	['a type that nobody knows', '8900000800016100', /type 9 is not known/],
];
for (const [what, hex, error] of refused)
	test(`it refuses ${what}`, () => assert.match(String(decodeTable(Buffer.from(hex, 'hex'))), error));

test('it refuses values nested without end', () => {
	let bytes = encodeTable({});
	for (let depth = 0; depth < 20_000; depth++) {
		const head = Buffer.from('8200000800000000', 'hex');
		head.writeUInt32BE((0x8200_0000 | (8 + bytes.length)) >>> 0);
		bytes = depth < 200 || depth > 19_990 ? Buffer.concat([head, bytes]) : bytes;
	}
	assert.match(String(decodeTable(bytes)), /nested deeper than 64/);
});

test('it refuses a stream that is not ubus, and a message over 1 MiB, without waiting for the rest of it', () => {
	const head = (length: number) => {
		const bytes = Buffer.alloc(12);
		bytes.writeUInt32BE(length, 8);
		return bytes;
	};
	const refuse = (bytes: Buffer) => new MessageReader().push(bytes, () => assert.fail('a message'));
	assert.match(String(refuse(Buffer.from('HTTP/1.1 400 Bad Request\r\n'))), /first byte is 72/);
	assert.match(String(refuse(head(maxMessageBytes + 1))), /1048577 bytes/);
	assert.match(String(refuse(head(3))), /less than its own head/);
	assert.equal(
		new MessageReader().push(head(maxMessageBytes), () => assert.fail('a message')),
		null,
	);
});

test('it leaves a type of message that is newer than this program alone', () => {
	const seen: string[] = [];
	const next = encodeMessage({ type: 'STATUS', seq: 1, peer: 0, attrs: { STATUS: 0 } });
	const unknown = Buffer.from(next);
	unknown[1] = 99;
	assert.equal(
		new MessageReader().push(Buffer.concat([unknown, next]), ({ type }) => seen.push(type)),
		null,
	);
	assert.deepEqual(seen, ['STATUS']);
});
