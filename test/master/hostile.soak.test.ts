import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guessTimes, sqlInParameters, wrongPaths, wrongTokens } from './hostile.ts';

const count = Number(process.env.NETMON_SOAK_HOSTILE ?? 5_000);
const seed = Number(process.env.NETMON_SEED ?? 2);

test(`it refuses ${count} wrong tokens (seed ${seed})`, (t) => wrongTokens(t, count, seed));
test(`it serves nothing at ${count} wrong paths (seed ${seed})`, (t) => wrongPaths(t, count, seed));
test(`it lets none of ${count} parameters reach the SQL (seed ${seed})`, (t) => sqlInParameters(t, count, seed));

const guesses = 100_000;
test(`it refuses ${guesses} guesses in a time that tells nothing of them (seed ${seed})`, (t) => {
	const welch = guessTimes(guesses, seed);
	t.diagnostic(`t = ${welch.toFixed(2)}`);
	assert.ok(Math.abs(welch) < 4.5, `t = ${welch}`);
});
