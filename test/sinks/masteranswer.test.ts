import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMasterAnswer, parseRefusal, parseWake } from '../../src/sinks/masteranswer.ts';
import { mutate, randomFrom } from '../fakes/random.ts';
import { example } from '../fakes/syncpage.ts';

const good = JSON.parse(example('batch-answer'));
const read = (value: unknown) =>
	parseMasterAnswer(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
const withNetmon = (change: object) => read({ ...good, netmon: { ...good.netmon, ...change } });

test('it takes nothing for an answer that is not exactly one', () => {
	for (const text of ['', 'OK', 'null', '[]', '7', '{}', '<html>', '{"status":"success"', '['.repeat(60_000)]) {
		assert.equal(read(text).kind, 'none', text.slice(0, 20));
	}
	for (const value of [
		{ ...good, status: 'error' },
		{ ...good, netmon: null },
		{ ...good, netmon: [] },
		{ status: 'success', data: null },
		{ status: 'success', data: { count: '5' } },
		{ status: 'success', data: { count: -1 } },
		{ status: 'success', data: { count: 0.5 } },
	]) {
		assert.equal(read(value).kind, 'none', JSON.stringify(value));
	}
	for (const change of [
		{ acked: undefined },
		{ acked: -1 },
		{ acked: 1.5 },
		{ acked: '48' },
		{ acked: 2 ** 53 },
		{ epoch: 7 },
		{ version: 0 },
		{ gzip: 1 },
		{ max_bytes: null },
		{ next_sync_s: -1 },
		{ next_sync_s: 86_401 },
	]) {
		assert.equal(withNetmon(change).kind, 'none', JSON.stringify(change));
	}
	assert.equal(withNetmon({ later: { keys: [1] } }).kind, 'netmon');
	assert.equal(read(example('batch-answer').replace('48', '1e400')).kind, 'none');
});

test('it reads 20,000 damaged answers without an error, and believes no number that is none', () => {
	const random = randomFrom(7);
	for (let round = 0; round < 20_000; round += 1) {
		const damaged = mutate(Buffer.from(example('batch-answer')), random);
		const answer = parseMasterAnswer(damaged);
		if (answer.kind === 'netmon') assert.ok(Number.isSafeInteger(answer.acked) && answer.acked >= 0);
		if (answer.kind === 'old') assert.ok(Number.isSafeInteger(answer.count));
		parseWake(damaged);
		assert.ok(parseRefusal(damaged).length <= 200);
	}
});

test('it shows of an error one line that cannot move a terminal', () => {
	const text = JSON.stringify({ status: 'error', message: `a\u001b[2Jb\nc${'x'.repeat(1000)}` });
	assert.match(parseRefusal(Buffer.from(text)), /^a \[2Jb cx+$/);
	assert.equal(parseRefusal(Buffer.from('{"message":7}')), '');
});
