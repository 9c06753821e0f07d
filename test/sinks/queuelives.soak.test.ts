// The queue's random lives with the full number of seeds (NETMON_SOAK_SEEDS for all, NETMON_SOAK_CUTS for power cuts).
import { test } from 'node:test';
import { powerCut, putBackFlash } from './flashruns.ts';
import { loseNames } from './namesrun.ts';
import { putBackLiving } from './putbackrun.ts';

const seeds = Number(process.env.NETMON_SOAK_SEEDS ?? 200);
const cuts = Number(process.env.NETMON_SOAK_CUTS ?? 2_000);
const first = Number(process.env.NETMON_SOAK_SEED ?? 1 + Math.floor(Math.random() * 1e9));

test(`it goes on with a whole first part, not older than the copy on flash, after ${cuts} power cuts (from seed ${first})`, async () => {
	for (let seed = first; seed < first + cuts; seed += 1) await powerCut(seed, 8);
});

test(`it never doubles a byte whatever state of flash is put back, in ${seeds} lives (from seed ${first})`, async () => {
	for (let seed = first; seed < first + seeds; seed += 1) await putBackFlash(seed);
});

test(`it never doubles a byte where its living file is put back, in ${seeds} lives (from seed ${first})`, async () => {
	for (let seed = first; seed < first + seeds; seed += 1) await putBackLiving(seed);
});

test(`it loses no other name to a kill than it may, in ${seeds} lives (from seed ${first})`, async () => {
	for (let seed = first; seed < first + seeds; seed += 1) await loseNames(seed);
});
