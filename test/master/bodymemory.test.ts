// How many bytes the master holds for bodies: what was read is lent, and the next one is read into the same memory.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readBody } from '../../src/master/http/body.ts';
import { BodyMemory, GrowingBody } from '../../src/master/http/bodymemory.ts';
import { FakeClock } from '../fakes/clock.ts';
import { randomFrom } from '../fakes/random.ts';

const mib = 1024 * 1024;
const most = 16 * mib;
const piece = 64 * 1024;

/** Knows what it gave away and has not got back. */
class CountingMemory extends BodyMemory {
	lent = 0;
	readonly buffers = new Set<ArrayBufferLike>();

	override take(bytes: number): Buffer {
		const buffer = super.take(bytes);
		this.lent += buffer.byteLength;
		this.buffers.add(buffer.buffer);
		return buffer;
	}

	override give(buffer: Buffer): void {
		this.lent -= buffer.byteLength;
		super.give(buffer);
	}
}

function reader(headers: Record<string, string>) {
	const stream = new PassThrough();
	const memory = new CountingMemory(most);
	const limits = { maxBytes: most, maxUnsaidBytes: mib, clock: new FakeClock(), admit: () => true, memory };
	const request = Object.assign(stream, { headers }) as unknown as IncomingMessage;
	return { stream, memory, limits, read: <T>(use: (body: Buffer) => T) => readBody(request, limits, use) };
}

test('it reads one body after the other into the same memory', async () => {
	const memory = new CountingMemory(most);
	const seed = Number(process.env.NETMON_SEED ?? 1);
	const random = randomFrom(seed);
	for (let round = 0; round < 100; round += 1) {
		const text = Buffer.alloc(piece + 1 + Math.floor(random() * (mib - piece)), `${round} `);
		const body = new GrowingBody(memory);
		for (let at = 0; at < text.length; ) {
			const to = at + 1 + Math.floor(random() * piece);
			body.add(text.subarray(at, to));
			at = Math.min(to, text.length);
		}
		assert.ok(body.whole.equals(text), `seed ${seed}, round ${round}`);
		body.letGo();
	}
	assert.equal(memory.buffers.size, 1);
	assert.equal(memory.lent, 0);
});

test('it holds one piece of memory for a large body, and the next large one has it again', () => {
	const memory = new CountingMemory(most);
	for (let round = 0; round < 10; round += 1) {
		const body = new GrowingBody(memory);
		for (let bytes = 0; bytes < most; bytes += piece) body.add(Buffer.alloc(piece, bytes / piece));
		assert.equal(memory.lent, most);
		assert.equal(body.whole.byteLength, most);
		for (let at = 0; at < most; at += piece) assert.equal(body.whole[at], (at / piece) % 256);
		body.letGo();
	}
	assert.equal(memory.lent, 0);
	// One for the beginning, one for all of it.
	assert.equal(memory.buffers.size, 2);
});

test('it takes no memory for what is nested without end', async () => {
	const { stream, memory, read } = reader({ 'content-length': String(most) });
	const answer = read(() => assert.fail('it was read'));
	for (let at = 0; at < most; at += piece) stream.write(Buffer.alloc(piece, '['));
	stream.end();
	await assert.rejects(answer, { status: 400, message: /nested/ });
	assert.equal(memory.buffers.size, 0);
});

test('it holds at most 1 MiB of a body without an end, and nothing of it afterwards', async () => {
	for (const headers of [{}, { 'content-encoding': 'gzip' }]) {
		const { stream, memory, read } = reader(headers);
		const answer = read(() => assert.fail('it was read'));
		let highest = 0;
		stream.on('data', () => {
			highest = Math.max(highest, memory.lent);
		});
		if ('content-encoding' in headers) stream.end(gzipSync(Buffer.alloc(100 * mib, 32)));
		else for (let at = 0; at <= mib; at += piece) stream.write(Buffer.alloc(piece, 32));
		await assert.rejects(answer, { status: 413 });
		assert.ok(highest <= mib, `${highest} bytes`);
		assert.equal(memory.lent, 0);
	}
});

test('it takes none for what drips in small pieces', () => {
	const memory = new CountingMemory(most);
	const body = new GrowingBody(memory);
	for (let at = 0; at < piece; at += 1024) body.add(Buffer.alloc(1024, at / 1024));
	assert.equal(memory.lent, 0);
	for (let at = 0; at < piece; at += 1024) assert.equal(body.whole[at], at / 1024);
	body.add(Buffer.from('!'));
	assert.equal(memory.lent, mib);
	assert.equal(body.whole.byteLength, piece + 1);
	assert.deepEqual([body.whole[piece - 1], body.whole[piece]], [piece / 1024 - 1, 33]);
});

test('it does not keep each of many small pieces', () => {
	const memory = new CountingMemory(most);
	const body = new GrowingBody(memory);
	const text = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 256));
	for (let at = 0; at < text.length; at += 1) body.add(text.subarray(at, at + 1));
	assert.equal(memory.lent, mib);
	assert.ok(body.whole.equals(text));
	body.letGo();
	assert.equal(memory.lent, 0);
});

test('it gives the memory back when a body is cut off, too slow, or cannot be used', async () => {
	const said = { 'content-length': String(most) };
	const [cut, slow, odd] = [reader(said), reader(said), reader({})];
	const answers = [cut.read(() => 0), slow.read(() => 0), odd.read(() => assert.fail('of no use'))];
	for (const { stream } of [cut, slow, odd]) for (let at = 0; at < 2; at += 1) stream.write(Buffer.alloc(40_000, 32));
	const held = () => [cut, slow, odd].map(({ memory }) => memory.lent);
	assert.deepEqual(held(), [mib, mib, mib]);
	cut.stream.emit('aborted');
	await assert.rejects(answers[0]!, { status: 400 });
	const cutOff = assert.rejects(answers[1]!, { status: 408 });
	await slow.limits.clock.advance(20_000);
	await cutOff;
	odd.stream.end();
	await assert.rejects(answers[2]!, { message: 'of no use' });
	assert.deepEqual(held(), [0, 0, 0]);
});
