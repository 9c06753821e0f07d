import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Messages, type MessagesEnd } from '../../src/sources/messages.ts';
import { randomFrom } from '../fakes/random.ts';
import { fragments, frame, frameHead, opcodes } from '../fakes/websocketframe.ts';

interface Heard {
	readonly texts: string[];
	readonly ends: MessagesEnd[];
	/** Where the messages lay. */
	readonly memory: Set<ArrayBufferLike>;
}

function reader({ maxBytes = 1_000_000 } = {}): { messages: Messages; heard: Heard } {
	const heard: Heard = { texts: [], ends: [], memory: new Set() };
	const messages = new Messages({
		maxBytes,
		onMessage: (message) => {
			heard.texts.push(message.toString('latin1'));
			heard.memory.add(message.buffer);
			messages.release(message);
		},
		onEnd: (end) => heard.ends.push(end),
	});
	return { messages, heard };
}

test('it reads messages of any size, cut into any pieces, between pings and in fragments', () => {
	const seed = Math.floor(Math.random() * 2 ** 31);
	const random = randomFrom(seed);
	const below = (limit: number) => Math.floor(random() * limit);
	const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];
	for (let round = 0; round < 20; round += 1) {
		const sent: string[] = [];
		const parts: Buffer[] = [];
		for (let count = 1 + below(8); count > 0; count -= 1) {
			const text = Buffer.alloc(sizes[below(sizes.length)]!, 'abcdefghijk'.slice(below(10)));
			sent.push(text.toString('latin1'));
			parts.push(text.length > 0 && random() < 0.3 ? fragments(text, 2 + below(5)) : frame(opcodes.text, text));
			if (random() < 0.3) parts.push(frame(opcodes.ping, Buffer.alloc(below(126))));
		}
		const bytes = Buffer.concat(parts);
		const { messages, heard } = reader();
		// The socket's memory is used again for the next piece.
		const piece = Buffer.alloc(1 + below(random() < 0.5 ? 10 : 70_000));
		for (let at = 0; at < bytes.length; at += piece.length) {
			const length = bytes.copy(piece, 0, at);
			messages.push(piece.subarray(0, length));
		}
		assert.deepEqual(heard.texts, sent, `seed ${seed}, round ${round}`);
		assert.deepEqual(heard.ends, [], `seed ${seed}, round ${round}`);
	}
});

test('it takes a ping between the fragments of a message', () => {
	const { messages, heard } = reader();
	const [first, ping, last] = [
		[frameHead(opcodes.text, 3, { last: false }), Buffer.from('one')],
		[frame(opcodes.ping, Buffer.from('ping'))],
		[frame(opcodes.continuation, Buffer.from('two'))],
	];
	messages.push(Buffer.concat([...first!, ...ping!, ...last!]));
	assert.deepEqual(heard.texts, ['onetwo']);
});

test('it uses the memory of a released message again, and lets go of what has become far too large', () => {
	const { messages, heard } = reader();
	for (let size = 100_000; size < 101_000; size += 10) messages.push(frame(opcodes.text, Buffer.alloc(size)));
	assert.equal(heard.texts.length, 100);
	assert.equal(heard.memory.size, 1);
	for (let count = 0; count < 10; count += 1) messages.push(frame(opcodes.text, Buffer.alloc(10_000)));
	assert.equal(heard.memory.size, 2);
});

test('it leaves a message alone until it is released', () => {
	const kept: Buffer[] = [];
	const messages = new Messages({
		maxBytes: 1000,
		onMessage: (message) => kept.push(message),
		onEnd: () => assert.fail(),
	});
	for (const text of ['first', 'second', 'third']) messages.push(frame(opcodes.text, Buffer.from(text)));
	assert.deepEqual(kept.map(String), ['first', 'second', 'third']);
});

const wrong: readonly (readonly [string, MessagesEnd, readonly Buffer[]])[] = [
	['says goodbye', { kind: 'closed' }, [frame(opcodes.close, Buffer.from([3, 232]))]],
	['sends binary data', { kind: 'binary' }, [frame(opcodes.binary, Buffer.from('x'))]],
	['announces too much', { kind: 'too large' }, [frameHead(opcodes.text, 1_000_001)]],
	['announces more than a number holds', { kind: 'too large' }, [Buffer.from([0x81, 127, ...Array(8).fill(0xff)])]],
	[
		'goes on for too long',
		{ kind: 'too large' },
		[
			frameHead(opcodes.text, 600_000, { last: false }),
			Buffer.alloc(600_000),
			frameHead(opcodes.continuation, 600_000, { last: false }),
		],
	],
	['masks', { kind: 'broken', what: 'a frame is masked' }, [Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5])]],
	['compresses', { kind: 'broken', what: 'reserved bits are set' }, [Buffer.from([0xc1, 1, 0])]],
	['invents an opcode', { kind: 'broken', what: 'opcode 3' }, [Buffer.from([0x83, 1, 0])]],
	[
		'sends a large ping',
		{ kind: 'broken', what: 'a control frame is large or in parts' },
		[frame(opcodes.ping, Buffer.alloc(126))],
	],
	['continues nothing', { kind: 'broken', what: 'messages overlap' }, [frame(opcodes.continuation, Buffer.from('x'))]],
	[
		'begins a message within another',
		{ kind: 'broken', what: 'messages overlap' },
		[frameHead(opcodes.text, 0, { last: false }), frame(opcodes.text, Buffer.from('x'))],
	],
];
for (const [what, end, bytes] of wrong) {
	test(`it ends once when the peer ${what}, and reads nothing after that`, () => {
		const { messages, heard } = reader();
		messages.push(Buffer.concat([frame(opcodes.text, Buffer.from('before')), ...bytes]));
		messages.push(frame(opcodes.text, Buffer.from('after')));
		assert.deepEqual(heard, { ...heard, texts: ['before'], ends: [end] });
	});
}
