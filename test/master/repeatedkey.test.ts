import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repeatedKey } from '../../src/master/batch/repeatedkey.ts';
import { parseSync } from '../../src/master/batch/syncbody.ts';
import { randomFrom } from '../fakes/random.ts';
import { oldBody, record } from './body.ts';

const seed = Number(process.env.NETMON_SEED ?? 1);
const told = (text: string) => repeatedKey(Buffer.from(text));

test('it finds a key that stands twice in one object, and none that stands in two', () => {
	assert.equal(told('{"a":1,"b":2,"a":3}'), 'a');
	assert.equal(told('{"a":{"b":1},"b":[{"a":1},{"a":2}],"c":"a"}'), null);
	assert.equal(told('{"a":["x","a",{"y":1}],"a" \n: 1}'), 'a');
	assert.equal(told('{"b":{"c":1,"d":{},"c":2}}'), 'c');
	assert.equal(told('{"":1,"":2}'), '');
	assert.equal(told('{"\\u0061":1,"a":2}'), 'a');
	assert.equal(told('{"é":1,"\\u00e9":2}'), 'é');
	assert.equal(told('{"a\\"":1,"a":"\\"a\\":","b":"{"}'), null);
	assert.equal(told('{"__proto__":1,"constructor":2,"__proto__":3}'), '__proto__');
	assert.equal(told('[1,"a",{"a":"a"},"a"]'), null);
});

test(`it says of 2,000 texts what JSON.parse loses of them (seed ${seed})`, () => {
	const random = randomFrom(seed);
	const pick = (count: number) => Math.floor(random() * count);
	const names = ['a', 'b', 'c:', '{', '"', '\\', 'é', '', ' '];
	let [objects, twice] = [0, 0];
	/** A text, and how many keys stand in it. */
	const made = (depth: number): { text: string; keys: number } => {
		if (depth === 0 || pick(4) === 0)
			return { text: JSON.stringify([names[pick(9)], pick(99), null][pick(3)]), keys: 0 };
		const parts = Array.from({ length: pick(4) }, () => made(depth - 1));
		const inner = parts.reduce((sum, { keys }) => sum + keys, 0);
		if (pick(2) === 0) return { text: `[${parts.map(({ text }) => text).join(' , ')}]`, keys: inner };
		objects += 1;
		const members = parts.map(({ text }) => `${JSON.stringify(names[pick(9)])} :${text}`);
		return { text: `{${members.join(',')}}`, keys: inner + members.length };
	};
	const keysOf = (value: unknown): number => {
		if (typeof value !== 'object' || value === null) return 0;
		const own = Array.isArray(value) ? 0 : Object.keys(value).length;
		return Object.values(value).reduce((sum: number, one) => sum + keysOf(one), own);
	};
	for (let round = 0; round < 2_000; round += 1) {
		const { text, keys } = made(5);
		const lost = keysOf(JSON.parse(text)) < keys;
		if (lost) twice += 1;
		assert.equal(told(text) !== null, lost, text);
	}
	assert.ok(objects > 2_000 && twice > 100, `${objects} objects, ${twice} with a key twice`);
});

test('it takes no body in which a key stands twice', () => {
	const body = oldBody([record()]).toString();
	assert.ok(!('error' in parseSync(Buffer.from(body))));
	assert.deepEqual(parseSync(Buffer.from(body.replace('"download":', '"download":1,"download":'))), {
		error: 'the key "download" stands twice in an object',
	});
});
