import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDamaged } from './lucidamage.ts';

test('it makes of a damaged answer a sample or a sentence, never anything else', async () => {
	const seed = Date.now() % 1_000_000;
	const { samples, refused } = await readDamaged(1_000, seed);
	assert(samples > 50 && refused > 50, `seed ${seed}: ${samples} samples, ${refused} refused`);
});
