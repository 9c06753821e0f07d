import { test } from 'node:test';
import { makeHistory } from '../fakes/history.ts';
import { play } from './historyplayer.ts';

const seeds = 150;

test('it finds what the plainest reader finds, after every frame of any history', () => {
	for (let seed = 1; seed <= seeds; seed += 1) play(makeHistory(seed));
});

test('it does so in one long history', () => {
	play(makeHistory(1_001, 300));
});
