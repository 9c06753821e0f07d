import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventText } from '../../../src/dashboard/now/eventtext.ts';

const text =
	': netmon\n\nevent: live\ndata: {"a":1}\n\n: beat\n\nevent: live\ndata: one\ndata: two\nid: 7\n\r\ndata:bare\n\nevent: full\ndata: \n\n';
const events = [
	{ name: 'live', data: '{"a":1}' },
	{ name: 'live', data: 'one\ntwo' },
	{ name: 'message', data: 'bare' },
	{ name: 'full', data: '' },
];

test('it finds the same events wherever the stream is cut', () => {
	for (let size = 1; size <= text.length; size += 1) {
		const reader = new EventText();
		const found = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
			reader.push(text.slice(at * size, (at + 1) * size)),
		);
		assert.deepEqual(found.flat(), events, `pieces of ${size}`);
	}
});

test('it gives up an event that does not end', () => {
	const reader = new EventText();
	assert.throws(() => {
		for (let piece = 0; piece < 200; piece += 1) reader.push('x'.repeat(10_000));
	}, /does not end/);
});
