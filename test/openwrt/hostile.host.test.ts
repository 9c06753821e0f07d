import assert from 'node:assert/strict';
import { testHostile } from './hostileruns.ts';

/** The soak suite does 300 of them. */
testHostile({ files: 30, firstSeed: 1 }, (ends) => {
	assert.ok(ends.includes('started') && ends.includes('refused'), 'both ends were seen');
});
