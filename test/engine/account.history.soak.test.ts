import { test } from 'node:test';
import { makeHistory } from '../fakes/history.ts';
import { play } from './historyplayer.ts';

/** 1.2 million frames in three minutes. */
const histories = Number(process.env.NETMON_SOAK_HISTORIES ?? 20_000);
/** Beyond the seeds of the fast test. */
const firstSeed = 10_000;

test(`it finds what the plainest reader finds in ${histories} histories`, () => {
	for (let seed = firstSeed; seed < firstSeed + histories; seed += 1) play(makeHistory(seed));
});
