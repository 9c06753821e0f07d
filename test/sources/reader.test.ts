import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Snapshot } from '../../src/record.ts';
import { SnapshotReader } from '../../src/sources/reader.ts';
import { isRefusal, parseSnapshot } from '../../src/sources/snapshot.ts';
import { compareOnMutatedFrames, framesOf, plain, recordings } from './mutatedframes.ts';

function frame(connections: readonly object[], totals = { downloadTotal: 10, uploadTotal: 5 }): Buffer {
	return Buffer.from(`${JSON.stringify({ ...totals, connections, memory: 0 })}\n`);
}

function connection(id: string, upload: number, download: number): object {
	return {
		id,
		metadata: { network: 'tcp', host: 'a.example' },
		upload,
		download,
		start: 's',
		chains: ['DIRECT'],
		rule: 'Match',
		rulePayload: '',
	};
}

for (const name of recordings) {
	test(`it reads every frame of ${name} as JSON.parse does`, () => {
		const reader = new SnapshotReader();
		for (const bytes of framesOf(name)) assert.deepEqual(plain(reader.read(bytes)), plain(parseSnapshot(bytes)));
	});
}

test('it keeps a connection the same object while only its counters change', () => {
	const reader = new SnapshotReader();
	const first = reader.read(frame([connection('a', 1, 2), connection('b', 3, 4)])) as Snapshot;
	const [a, b] = first.connections;
	const second = reader.read(
		frame([connection('b', 3, 4), connection('c', 0, 0), connection('a', 100, 2)]),
	) as Snapshot;
	assert.equal(second.connections[2], a);
	assert.equal(second.connections[0], b);
	assert.deepEqual([...second.upload], [3, 0, 100]);
});

test('it sees what changes in a known connection beside its counters', () => {
	const reader = new SnapshotReader();
	reader.read(frame([connection('a', 1, 2)]));
	const changed = frame([{ ...connection('a', 1, 2), rule: 'Other' }]);
	assert.equal((reader.read(changed) as Snapshot).connections[0]!.rule, 'Other');
});

test('it reads null, an empty list and a frame without the field as no connections', () => {
	for (const text of ['null', '[]']) {
		const snapshot = new SnapshotReader().read(
			Buffer.from(`{"downloadTotal":1,"uploadTotal":2,"connections":${text},"memory":0}`),
		);
		assert.deepEqual((snapshot as Snapshot).connections, []);
	}
	assert.deepEqual((parseSnapshot(Buffer.from('{"downloadTotal":1,"uploadTotal":2}')) as Snapshot).connections, []);
});

test('it takes cores with fewer fields, absent ones being empty', () => {
	const snapshot = parseSnapshot(frame([{ id: 'x', upload: 1, download: 2 }])) as Snapshot;
	assert.equal(snapshot.connections[0]!.host, '');
	assert.deepEqual(snapshot.connections[0]!.chains, []);
});

const refused: readonly (readonly [string, string, RegExp])[] = [
	['text that is not JSON', 'hello', /not JSON/],
	['a list', '[]', /not an object/],
	['totals as text', '{"downloadTotal":"1","uploadTotal":2,"connections":[]}', /downloadTotal/],
	['a negative total', '{"downloadTotal":1,"uploadTotal":-2,"connections":[]}', /uploadTotal/],
	['totals beyond 2^53', '{"downloadTotal":9007199254740993,"uploadTotal":2,"connections":[]}', /downloadTotal/],
	['1e400', '{"downloadTotal":1e400,"uploadTotal":2,"connections":[]}', /downloadTotal/],
	['connections that are no list', '{"downloadTotal":1,"uploadTotal":2,"connections":{}}', /not a list/],
	['a connection without id', '{"downloadTotal":1,"uploadTotal":2,"connections":[{"upload":1,"download":1}]}', /no id/],
	[
		'a counter with a fraction',
		'{"downloadTotal":1,"uploadTotal":2,"connections":[{"id":"a","upload":1.5,"download":1}]}',
		/counter/,
	],
	[
		'the same id twice',
		'{"downloadTotal":1,"uploadTotal":2,"connections":[{"id":"a","upload":1,"download":1},{"id":"a","upload":1,"download":1}]}',
		/same id/,
	],
];
for (const [what, text, sentence] of refused) {
	test(`it refuses the whole frame for ${what}`, () => {
		const answer = new SnapshotReader().read(Buffer.from(text));
		assert.ok(isRefusal(answer), 'refused');
		assert.match(answer.refused, sentence);
	});
}

test('it refuses the same id twice when both were known, and when the counters are spelled oddly', () => {
	const odd = '{"id":"a","\\u0075pload":1,"upload":1,"download":1}';
	for (const one of [JSON.stringify(connection('a', 1, 2)), odd]) {
		const reader = new SnapshotReader();
		const text = (list: string) =>
			Buffer.from(`{"downloadTotal":1,"uploadTotal":2,"connections":[${list}],"memory":0}`);
		assert.equal(isRefusal(reader.read(text(one))), false);
		assert.equal(isRefusal(reader.read(text(`${one},${one}`))), true);
	}
});

test('it believes the value that JSON.parse believes when a counter is spelled twice', () => {
	const reader = new SnapshotReader();
	const text = (upload: number) =>
		Buffer.from(
			`{"downloadTotal":1,"uploadTotal":2,"connections":[{"id":"a","upload":${upload},"download":1,"\\u0075pload":7}],"memory":0}`,
		);
	for (const upload of [7, 8, 9])
		assert.deepEqual(plain(reader.read(text(upload))), plain(parseSnapshot(text(upload))));
});

test('it answers as JSON.parse does on mutated frames in sequence', () => {
	const rounds = 10_000;
	const refusals = compareOnMutatedFrames(Number(process.env.NETMON_SEED ?? 20261123), rounds);
	assert.ok(refusals > rounds / 10 && refusals < rounds * 0.9, `${refusals} refusals: the mutations are of both kinds`);
});
