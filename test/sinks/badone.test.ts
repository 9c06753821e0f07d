import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadOne } from '../../src/sinks/badone.ts';
import { Dice } from '../fakes/dice.ts';

/** Plays a master that refuses what holds a bad one; answers what was set aside and the most requests for one. */
function play(bad: readonly boolean[], usual: number) {
	const search = new BadOne();
	const aside: number[] = [];
	let at = 0;
	let requests = 0;
	let most = 0;
	while (at < bad.length || search.alone) {
		if (search.alone) {
			// The question whether a body without rows is taken.
			if (!search.proved) requests += 1;
			aside.push(at);
			at += 1;
			search.clear();
			most = Math.max(most, requests);
			requests = 0;
			continue;
		}
		const count = Math.min(search.portion(usual), bad.length - at);
		const refused = bad.slice(at, at + count).includes(true);
		requests = search.searching || refused ? requests + 1 : 0;
		if (refused) search.refused(count);
		else {
			search.taken(count);
			at += count;
		}
	}
	return { aside, most };
}

test('it finds each single one of 500 within 10 requests', () => {
	for (let index = 0; index < 500; index += 1) {
		const bad = Array.from({ length: 500 }, (_, at) => at === index);
		const { aside, most } = play(bad, 500);
		assert.deepEqual(aside, [index]);
		assert.ok(most <= 10, `${index}: ${most}`);
	}
});

test('it calls none bad when a batch was refused once and all of its parts are taken', () => {
	for (let size = 1; size <= 500; size += 1) {
		const search = new BadOne();
		let left = size;
		if (size === 1) continue;
		search.refused(size);
		while (left > 0) {
			assert.ok(!search.alone, `${left} of ${size}`);
			const count = Math.min(left, search.portion(size));
			assert.equal(search.taken(count), count === left);
			left -= count;
		}
		assert.ok(!search.searching);
	}
});

test('it sets aside the bad ones and no others, however many there are', () => {
	const seed = 1 + Math.floor(Math.random() * 1e9);
	const dice = new Dice(seed);
	for (let round = 0; round < 500; round += 1) {
		const share = dice.next() ** 3;
		const bad = Array.from({ length: dice.int(1, 700) }, () => dice.chance(share));
		const expected = [...bad.keys()].filter((index) => bad[index]);
		assert.deepEqual(play(bad, dice.int(1, 600)).aside, expected, `seed ${seed}, round ${round}`);
	}
});
