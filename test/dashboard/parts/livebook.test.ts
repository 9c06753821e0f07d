import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveBook, type LiveState, shareS, sharesOf, sum, windowS } from '../../../src/dashboard/now/livebook.ts';
import type { Speeds } from '../../../src/record.ts';
import { noSpeeds, someSpeeds } from '../../fakes/live.ts';

const start = 1_800_000_000_000;
const said = (agent_id: string, speeds: Speeds | null): LiveState => ({
	agent_id,
	received: start,
	live: speeds && { wall: start, speeds, connections: 1, busiest: [] },
	health: null,
});
const only = (up: number, down: number): Speeds => ({ ...noSpeeds, direct: { up, down } });

test('it adds what is known, and leaves unknown what nobody knows', () => {
	const added = sum([{ ...only(1, 2), wan: null }, only(10, 20)])!;
	assert.deepEqual(added.direct, { up: 11, down: 22 });
	assert.equal(added.wan, null);
	assert.equal(sum([]), null);
});

test('it shows nothing as now that is older than 6 seconds, nor adds it', () => {
	const book = new LiveBook();
	book.take(said('a', only(1, 1)), start);
	book.take(said('b', only(5, 5)), start + 4_000);
	assert.deepEqual(book.speeds(null, start + 6_000)?.direct, { up: 6, down: 6 });
	assert.deepEqual(book.speeds(null, start + 6_001)?.direct, { up: 5, down: 5 });
	assert.equal(book.speeds('a', start + 6_001), null);
	assert.equal(book.speeds(null, start + 10_001), null);
	assert.equal(book.speeds('nobody', start), null);
});

test('it knows no speed of an agent that says nothing of now', () => {
	const book = new LiveBook();
	book.take(said('old', null), start);
	assert.deepEqual([book.fresh('old', start), book.speeds('old', start), book.agents()], [true, null, ['old']]);
});

test('it keeps a window of seconds in which silence is a hole and no zero', () => {
	const book = new LiveBook();
	for (let second = 0; second <= 400; second += 1) {
		if (second < 330 || second > 350) book.take(said('a', only(second, 0)), start + second * 1000);
	}
	const moments = book.moments('a', start + 400_000);
	assert.equal(moments.length, windowS + 1);
	assert.equal(moments[0]!.at, start / 1000 + 100);
	const at = (second: number) => moments[second - 100]!.speeds?.direct?.up ?? null;
	assert.deepEqual(
		[at(100), at(329), at(335), at(336), at(350), at(351), at(400)],
		[100, 329, 329, null, null, 351, 400],
	);
});

test('it takes a later word of the same second for the earlier one', () => {
	const book = new LiveBook();
	book.take(said('a', someSpeeds), start);
	book.take(said('a', only(7, 7)), start + 900);
	assert.deepEqual(book.moments(null, start + 900).at(-1)?.speeds?.direct, { up: 7, down: 7 });
});

test('it shares out what the paths carried, whatever the line counted at another moment', () => {
	const pair = (down: number) => ({ up: 0, down });
	const speeds = { ...noSpeeds, direct: pair(300), proxy: pair(500), bypass: pair(150), overhead: pair(50) };
	const at = (n: number, over: Partial<Speeds> | null) => ({ at: n, speeds: over && { ...speeds, ...over } });
	// The core has told of a burst that the WAN shows a second later: 1,000 of 600 would be 167 %.
	const moments = [...Array(300).fill(at(0, { direct: pair(9_999_999) })), at(1, { wan: pair(600) })];
	const last = moments.slice(-1);
	const shares = sharesOf(last);
	assert.deepEqual([shares.direct, shares.proxy, shares.bypass, shares.unattributed], [0.3, 0.5, 0.15, null]);
	// Of the last seconds alone, and unknown where nobody speaks.
	const quiet = Array(shareS - 1).fill(at(2, { direct: pair(0), proxy: pair(0), bypass: pair(0), overhead: pair(0) }));
	assert.equal(sharesOf([...moments, ...quiet]).proxy, 0.5);
	assert.equal(sharesOf([at(1, null)]).direct, null);
	assert.equal(sharesOf([]).wan, null);
});
