// A whole day on the fast clock, a frame each 5 s, or as long as NETMON_SOAK_DAY_SECONDS says.
import { test } from 'node:test';
import { day } from './agentday.ts';

const seconds = Number(process.env.NETMON_SOAK_DAY_SECONDS ?? 86_400);
const seed = Number(process.env.NETMON_SOAK_SEED ?? 1 + Math.floor(Math.random() * 1e9));

test(`it has every byte after ${seconds} s of a day in which everything fails (seed ${seed})`, async (t) => {
	const { happened, moved } = await day(t, { seconds, seed, intervalMs: 5_000 });
	t.diagnostic(`${JSON.stringify(happened)}, ${moved.down} bytes down`);
});
