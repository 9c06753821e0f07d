import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Live } from '../../src/record.ts';
import { encodeMessage, type Message, openDatagram, parseMessage } from '../../src/sinks/datagram.ts';
import { encodeClash32, encodeDisplay48, encodeFrame, encodeWan16, parseFrame } from '../../src/sinks/frame.ts';
import { ascii, type Field, fields, sealed, zeros } from '../fakes/datagram.ts';
import { noSpeeds, someLive, someSpeeds, someTotals } from '../fakes/live.ts';

/** The hex blocks of docs/udp.md by name. */
const vectors = new Map(
	[...readFileSync('docs/udp.md', 'utf8').matchAll(/```hex (\S+)\n([^`]*)```/g)].map(([, name, hex]) => [
		name!,
		Uint8Array.from(Buffer.from(hex!.replace(/\s/g, ''), 'hex')),
	]),
);
function vector(name: string): Uint8Array {
	const bytes = vectors.get(name);
	assert.ok(bytes && bytes.length > 0, `docs/udp.md has no vector ${name}`);
	return bytes;
}

const pairs = (...values: number[]): Uint8Array => fields(...values.map((value): Field => [8, value]));
const headSpeeds = pairs(1_000, 2_000, 300_000, 12_000_000, 0, 5_000_000_000, 320_000, 5_012_900_000);
const wall = 1_767_225_600_123;
const block = (type: number, data: Uint8Array) => fields([2, type], [2, data.length], data);
const details = pairs(301_500, 12_002_700, 0, 0, 500, 700, 18_500, 897_300);
const totals = pairs(
	...[1_000_000, 2_000_000, 30_000_000, 40_000_000, 0, 0, 5_000, 60_000, 31_005_000, 42_060_000],
	...[40_000_000, 9_000_000_000_000, 1_500_000, 3_000_000, 7_495_000, 8_999_954_940_000],
);
const frameHead = (flags: number, instance: number, sequence: number, intervalMs: number) =>
	fields([4, flags], [4, instance], [4, sequence], [4, intervalMs], [8, wall]);

function decoded(bytes: Uint8Array) {
	const envelope = openDatagram(bytes);
	assert.ok(typeof envelope !== 'string', String(envelope));
	const frame = parseFrame(envelope);
	assert.ok(typeof frame !== 'string', String(frame));
	return frame;
}

test('it writes the old frames as docs/udp.md has them', () => {
	const clash = pairs(1_000, 2_000, 300_000, 12_000_000);
	const wan = pairs(320_000, 5_012_900_000);
	const display = fields(clash, pairs(0, 5_000_000_000));
	assert.deepEqual([clash.length, wan.length, display.length], [32, 16, 48]);
	for (const [name, expected, encode] of [
		['clash32', clash, encodeClash32],
		['wan16', wan, encodeWan16],
		['display48', display, encodeDisplay48],
	] as const) {
		assert.deepEqual(vector(name), expected, name);
		assert.deepEqual(encode(someLive()), expected, name);
	}
});

test('it writes 0 for what is unknown or stale in old frames, and 48 bytes as long as a WAN was known', () => {
	const old = (live: Live) =>
		[encodeClash32(live), encodeWan16(live), encodeDisplay48(live)].map((b) => [...b].some(Boolean));
	const lengths = (live: Live) => [encodeClash32(live), encodeWan16(live), encodeDisplay48(live)].map((b) => b.length);
	const nothing = someLive({ speeds: noSpeeds, connections: null });
	assert.deepEqual(old(nothing), [false, false, false]);
	assert.deepEqual(lengths(nothing), [32, 16, 32]);
	const coreStale = someLive({ coreStale: true });
	assert.deepEqual(old(coreStale), [false, true, false]);
	assert.deepEqual(lengths(coreStale), [32, 16, 48]);
	const wanStale = someLive({ wanStale: true, speeds: { ...someSpeeds, wan: null, bypass: null } });
	assert.deepEqual(old(wanStale), [true, false, true]);
	assert.deepEqual(lengths(wanStale), [32, 16, 48]);
	const staleValues = encodeDisplay48(someLive({ wanStale: true }));
	assert.deepEqual(staleValues.subarray(32), zeros(16), 'a stale bypass is 0 though its last value is at hand');
	const noWan = someLive({ speeds: { ...someSpeeds, wan: null, bypass: null } });
	assert.deepEqual(encodeDisplay48(noWan), pairs(1_000, 2_000, 300_000, 12_000_000));
});

test('it writes odd numbers as something a display can show: whole, not below 0, every bit of 2^53 - 1', () => {
	const odd = (up: number, down: number) => encodeWan16(someLive({ speeds: { ...someSpeeds, wan: { up, down } } }));
	assert.deepEqual(odd(-5, 1.6), pairs(0, 2));
	assert.deepEqual(odd(Number.NaN, Number.POSITIVE_INFINITY), pairs(0, 0));
	assert.deepEqual(odd(2 ** 53 - 1, 2 ** 32), pairs(2 ** 53 - 1, 2 ** 32));
});

test('it writes and reads a version 1 frame as docs/udp.md has it', () => {
	const name = 'router-3fa2';
	const blocks = fields(block(1, totals), block(2, details), block(3, ascii(name)));
	const expected = sealed(1, fields(frameHead(1 << 8, 0xdeadbeef, 7, 1000), headSpeeds, [4, 212], blocks));
	const identity = { instance: 0xdeadbeef, agent: name };
	assert.deepEqual(vector('frame'), expected);
	assert.deepEqual(encodeFrame(someLive(), identity, 7), expected);
	assert.deepEqual(decoded(expected), { ...someLive(), ...identity, sequence: 7 });
});

test('it flags each value that is not known, and reads it back as unknown', () => {
	const all = [2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14].reduce((flags, bit) => flags | (1 << bit), 0);
	const knownTotals = pairs(5, 6, 7, 8, 0, 0, -1, 1, 11, 15, 0, 0, 0, 0, 0, 0);
	const blocks = fields(block(1, knownTotals), block(2, zeros(64)), block(3, ascii('x')));
	const body = fields(frameHead(all | 1 | (1 << 8), 1, 2 ** 32 - 1, 250), zeros(64), [4, 0], blocks);
	const live = someLive({
		intervalMs: 250,
		speeds: noSpeeds,
		coreStale: true,
		connections: null,
		totals: {
			direct: { up: 5, down: 6 },
			proxy: { up: 7, down: 8 },
			reject: { up: 0, down: 0 },
			attributed: { up: 12, down: 14 },
			unattributed: { up: -1, down: 1 },
			core: { up: 11, down: 15 },
			wan: null,
			overhead: null,
			bypass: null,
		},
	});
	assert.deepEqual(vector('frame-unknown'), sealed(1, body));
	assert.deepEqual(encodeFrame(live, { instance: 1, agent: 'x' }, 2 ** 32 - 1), sealed(1, body));
	assert.deepEqual(decoded(sealed(1, body)), { ...live, instance: 1, agent: 'x', sequence: 2 ** 32 - 1 });
	const flagBits: [keyof typeof someSpeeds, number][] = [
		['core', 2],
		['wan', 3],
		['direct', 4],
		['proxy', 5],
		['bypass', 6],
		['reject', 12],
		['unattributed', 13],
		['overhead', 14],
	];
	for (const [key, bit] of flagBits) {
		const bytes = encodeFrame(someLive({ speeds: { ...someSpeeds, [key]: null } }), { instance: 1, agent: 'x' }, 1);
		assert.equal(new DataView(bytes.buffer).getUint32(8, true), (1 << 8) | (1 << bit), key);
		assert.deepEqual(decoded(bytes).speeds, { ...someSpeeds, [key]: null });
	}
	const unheard = { direct: null, proxy: null, reject: null, attributed: null, unattributed: null, core: null };
	const silent = encodeFrame(someLive({ totals: { ...someTotals, ...unheard } }), { instance: 1, agent: 'x' }, 1);
	assert.equal(new DataView(silent.buffer).getUint32(8, true), (1 << 8) | (1 << 15));
	assert.deepEqual(decoded(silent).totals, { ...someTotals, ...unheard });
	const wanStale = encodeFrame(someLive({ wanStale: true }), { instance: 1, agent: 'x' }, 1);
	assert.equal(new DataView(wanStale.buffer).getUint32(8, true), (1 << 8) | (1 << 1));
	assert.equal(decoded(wanStale).wanStale, true);
});

test('it reads a frame without blocks and one of a later agent, whose news it skips', () => {
	const short = sealed(1, fields(frameHead(0, 2, 3, 1000), headSpeeds, [4, 5]));
	assert.deepEqual(vector('frame-short'), short);
	const none = { core: null, reject: null, unattributed: null, overhead: null };
	const known = { ...someLive({ connections: 5 }), instance: 2, agent: '', totals: null };
	assert.deepEqual(decoded(short), { ...known, sequence: 3, speeds: { ...someSpeeds, ...none } });

	const longer = fields(details, new Uint8Array(16).fill(1));
	const blocks = fields(block(77, ascii('later')), block(3, ascii('a')), block(2, longer));
	const future = sealed(1, fields(frameHead(2 ** 31, 2, 4, 1000), headSpeeds, [4, 5], blocks));
	assert.deepEqual(vector('frame-future'), future);
	assert.deepEqual(decoded(future), { ...known, sequence: 4, agent: 'a' });
});

test('it refuses blocks that are cut off and names that could move a cursor', () => {
	const head = fields(frameHead(0, 2, 3, 1000), headSpeeds, [4, 5]);
	for (const tail of [zeros(1), zeros(3), fields([2, 3], [2, 9], zeros(8)), fields([2, 3], [2, 0xffff])]) {
		const envelope = openDatagram(sealed(1, fields(head, tail)));
		assert.ok(typeof envelope !== 'string');
		assert.equal(typeof parseFrame(envelope), 'string');
	}
	const name = decoded(sealed(1, fields(head, block(3, ascii(`\x1b[2J${'a'.repeat(90)}`))))).agent;
	assert.equal(name, `??2J${'a'.repeat(60)}`);
});

test('it writes and reads each message of the registration as docs/udp.md has it', () => {
	const cookie = Uint8Array.from({ length: 16 }, (_, at) => at);
	const nonce = 0x01020304;
	const answer = { type: 'answer', nonce, leaseS: 30, intervalMs: 1000, instance: 0xdeadbeef, cookie } as const;
	const answerBody = (status: number, retryS: number) =>
		fields([4, nonce], [1, status], [1, 0], [2, 30], [4, 1000], [4, 0xdeadbeef], cookie, [2, retryS], [2, 0]);
	const cases: [string, Message, Uint8Array, number][] = [
		['hello', { type: 'hello', nonce }, sealed(2, fields([4, nonce], zeros(48))), 64],
		['cookie', { type: 'cookie', nonce, cookie }, sealed(3, fields([4, nonce], cookie)), 32],
		['register', { type: 'register', nonce, cookie }, sealed(4, fields([4, nonce], cookie, zeros(32))), 64],
		['answer', { ...answer, status: 'accepted', retryS: 0 }, sealed(5, answerBody(0, 0)), 48],
		['answer-full', { ...answer, status: 'full', retryS: 10 }, sealed(5, answerBody(1, 10)), 48],
		['goodbye', { type: 'goodbye', nonce, cookie }, sealed(6, fields([4, nonce], cookie)), 32],
		['ended', { type: 'ended', instance: 0xdeadbeef }, sealed(7, fields([4, 0xdeadbeef])), 16],
	];
	for (const [name, message, expected, length] of cases) {
		assert.deepEqual(vector(name), expected, name);
		assert.deepEqual(encodeMessage(message), expected, name);
		assert.equal(expected.length, length, name);
		const envelope = openDatagram(expected);
		assert.ok(typeof envelope !== 'string', `${name}: ${envelope}`);
		assert.deepEqual(parseMessage(envelope), message);
	}
});

test('it drops what is cut, padded, damaged in any one bit, of another version or type, or too short for its type', () => {
	const good = vector('register');
	for (let length = 0; length < good.length; length++) {
		assert.equal(typeof openDatagram(good.subarray(0, length)), 'string', `${length} bytes`);
	}
	assert.equal(typeof openDatagram(fields(good, zeros(1))), 'string');
	for (let bit = 0; bit < good.length * 8; bit++) {
		const bad = good.slice();
		bad[bit >> 3]! ^= 1 << (bit & 7);
		assert.equal(typeof openDatagram(bad), 'string', `bit ${bit}`);
	}
	assert.match(String(openDatagram(sealed(2, zeros(52), 2))), /version 2/);
	assert.match(String(openDatagram(sealed(99, zeros(52)))), /type 99/);
	assert.match(String(openDatagram(sealed(2, zeros(51)))), /too short/);
	assert.equal(typeof openDatagram(sealed(2, zeros(500))), 'object', 'a longer hello is one');
	const answer = openDatagram(sealed(5, fields([4, 1], [1, 3], zeros(31))));
	assert.ok(typeof answer !== 'string');
	assert.match(String(parseMessage(answer)), /status 3/);
});

test('it reads from the middle of a larger buffer, as a socket hands it over', () => {
	const bytes = vector('frame');
	const inside = fields(zeros(5), bytes, zeros(5)).subarray(5, 5 + bytes.length);
	assert.deepEqual(decoded(inside), decoded(bytes));
	assert.deepEqual(decoded(inside).totals, someTotals);
});
