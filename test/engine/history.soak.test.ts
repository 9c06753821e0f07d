import { test } from 'node:test';
import { playHistory } from './history.ts';

const first = Number(process.env.NETMON_SEED ?? 10_000);
const count = Number(process.env.NETMON_SOAK_HISTORIES ?? 5000);

test(`it finds what ${count} random histories from seed ${first} say must be found`, () => {
	for (let seed = first; seed < first + count; seed += 1) playHistory(seed);
});
