import { test } from 'node:test';
import { randomFrom } from '../fakes/random.ts';
import { attack } from './hostile.ts';

const count = Number(process.env.NETMON_SOAK_SETTINGS ?? 100_000);

test(`it throws nothing and tells no secret over ${count} damaged calls`, () => {
	const seed = Date.now() % 2 ** 31;
	attack(seed, count, randomFrom(seed));
});
