import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playHistory } from './history.ts';

const first = Number(process.env.NETMON_SEED ?? 1);
const count = 300;

test(`it finds what ${count} random histories from seed ${first} say must be found`, () => {
	let runs = 0;
	for (let seed = first; seed < first + count; seed += 1) runs += playHistory(seed);
	assert.ok(runs > count * 1.5, `${runs} runs in ${count} histories`);
});
