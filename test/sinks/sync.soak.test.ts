// The sync's long suites: 10,000 shuffled histories, 1,000 of each fault over real sockets, and 100 hours of a home with
// the queue (NETMON_SOAK_SHUFFLES, NETMON_SOAK_FAULTS, NETMON_SOAK_HOMES).
import { test } from 'node:test';
import { faultRun } from './faultrun.ts';
import { homeRun } from './homerun.ts';
import { shuffle } from './shufflerun.ts';

const shuffles = Number(process.env.NETMON_SOAK_SHUFFLES ?? 10_000);
const faults = Number(process.env.NETMON_SOAK_FAULTS ?? 1_000);
const homes = Number(process.env.NETMON_SOAK_HOMES ?? 100);
const seed = Number(process.env.NETMON_SOAK_SEED ?? 1 + Math.floor(Math.random() * 1e9));

test(`it has each row once through ${shuffles} shuffled histories`, () => {
	for (let round = 0; round < shuffles; round += 1) shuffle(seed + round);
});

test(`it delivers each row once through ${faults} of each fault of a master`, async () => {
	// In parts, so that the fake outbox, which keeps all, stays small.
	for (let done = 0; done < faults; done += 20)
		await faultRun({ rounds: Math.min(20, faults - done), seed: seed + done });
});

test(`it brings what the core moved to the master once, in ${homes} homes`, async () => {
	for (let round = 0; round < homes; round += 1) await homeRun({ seed: seed + round, minutes: 60 });
});
