import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptSize } from '../../src/master/booking/places.ts';
import { SumTable } from '../../src/master/booking/sumtable.ts';
import { randomFrom } from '../fakes/random.ts';

const seed = Number(process.env.NETMON_SEED ?? 1);

test(`it adds up by number, and begins afresh after few and after very many (seed ${seed})`, () => {
	const random = randomFrom(seed);
	const table = new SumTable();
	for (const count of [700, keptSize + 5_000, 900, 3]) {
		const known = new Map<number, [number, number, number]>();
		for (let at = 0; at < count; at += 1) {
			const key = at % 3 === 0 ? at : Math.floor(random() * 2 ** 53);
			const sums = known.get(key) ?? [0, 0, 0];
			known.set(key, [sums[0] + 1, sums[1] + at, sums[2] + 2]);
			table.add(key, 1, at, 2);
		}
		const found: [number, [number, number, number]][] = [];
		table.eachAscending((key, n, up, down) => found.push([key, [n, up, down]]));
		assert.deepEqual(
			found,
			[...known].sort(([a], [b]) => a - b),
		);
		table.clear();
	}
});
