import { test } from 'node:test';
import { shuffle } from './shufflerun.ts';

test('it has each row once, however bodies are repeated, reordered, cut and lost: 500 histories', () => {
	const first = 1 + Math.floor(Math.random() * 1e9);
	for (let round = 0; round < 500; round += 1) shuffle(first + round);
});
