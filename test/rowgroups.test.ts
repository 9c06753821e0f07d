import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packRows, unpackRows } from '../src/rowgroups.ts';
import { kinds, type Row } from '../src/wire.ts';
import { Dice } from './fakes/dice.ts';
import { mutate, randomFrom } from './fakes/random.ts';

function randomRows(dice: Dice): Row[] {
	let seq = dice.int(0, 1000);
	return Array.from({ length: dice.int(0, 60) }, () => {
		seq += dice.chance(0.8) ? 1 : dice.int(2, 50);
		const kind = dice.chance(0.7) ? 'usage' : dice.pick(kinds);
		return {
			seq,
			kind,
			bucket: 1_767_225_600 + 300 * dice.int(0, 1),
			since: dice.chance(0.1) ? 1_767_220_000 : null,
			class: kind === 'usage' ? dice.pick(['direct', 'proxy', 'reject'] as const) : null,
			record: kind === 'usage' ? dice.int(1, 1e6) : null,
			device: kind === 'wan' ? dice.pick(['eth1', 'wwan0']) : null,
			up: kind === 'unattributed' ? dice.int(-1e6, 1e6) : dice.int(0, 1e12),
			down: kind === 'unattributed' ? dice.int(-1e6, 1e6) : dice.int(0, 1e12),
		};
	});
}

test('it gives back every row that it packs', () => {
	const seed = 1 + Math.floor(Math.random() * 1e9);
	const dice = new Dice(seed);
	for (let round = 0; round < 2_000; round += 1) {
		const rows = randomRows(dice);
		const groups = JSON.parse(JSON.stringify(packRows(rows)));
		assert.deepEqual(unpackRows(groups), rows, `seed ${seed}, round ${round}`);
	}
});

test('it puts rows into one group as long as they share all but record and bytes', () => {
	const row: Row = {
		seq: 5,
		kind: 'usage',
		bucket: 300,
		since: null,
		class: 'proxy',
		record: 9,
		device: null,
		up: 1,
		down: 2,
	};
	assert.deepEqual(packRows([row, { ...row, seq: 6, record: 11 }, { ...row, seq: 7, record: 10, up: 0 }]), [
		{ seq: 5, kind: 'usage', bucket: 300, class: 'proxy', records: [9, 2, -1], up: [1, 1, 0], down: [2, 2, 2] },
	]);
	for (const change of [{ seq: 7 }, { bucket: 600 }, { class: 'direct' }, { since: 4 }] as Partial<Row>[]) {
		assert.equal(packRows([row, { ...row, seq: 6, ...change }]).length, 2, JSON.stringify(change));
	}
});

test('it refuses groups that are not what they say', () => {
	const good = { seq: 5, kind: 'usage', bucket: 300, class: 'proxy', records: [9, 2], up: [1, 1], down: [2, 2] };
	assert.equal(unpackRows([good])?.length, 2);
	for (const change of [
		{ seq: 0 },
		{ seq: 1.5 },
		{ seq: '5' },
		{ kind: 'other' },
		{ kind: 'wan' },
		{ bucket: -300 },
		{ class: undefined },
		{ class: 'unattributed' },
		{ records: undefined },
		{ records: [9] },
		{ records: [9, -10] },
		{ up: [1] },
		{ up: [1, -1] },
		{ down: [1, null] },
		{ down: [1, 2 ** 53] },
		{ up: [], down: [], records: [] },
		{ since: '4' },
		{ device: 7 },
	]) {
		assert.equal(unpackRows([{ ...good, ...change }]), null, JSON.stringify(change));
	}
	for (const group of [null, 7, 'x', [], {}]) assert.equal(unpackRows([group]), null);
});

test('it reads 10,000 damaged lists of groups without an error', () => {
	const seed = 1 + Math.floor(Math.random() * 1e9);
	const random = randomFrom(seed);
	const text = Buffer.from(JSON.stringify(packRows(randomRows(new Dice(3)))));
	for (let round = 0; round < 10_000; round += 1) {
		let groups: unknown;
		try {
			groups = JSON.parse(mutate(text, random).toString());
		} catch {
			continue;
		}
		if (!Array.isArray(groups)) continue;
		for (const { seq, up, down } of unpackRows(groups) ?? []) {
			assert.ok([seq, up, down].every(Number.isSafeInteger), `seed ${seed}, round ${round}`);
		}
	}
});
