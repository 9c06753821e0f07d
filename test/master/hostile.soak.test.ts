import { test } from 'node:test';
import { sqlInParameters, wrongPaths, wrongTokens } from './hostile.ts';

const count = Number(process.env.NETMON_SOAK_HOSTILE ?? 5_000);
const seed = Number(process.env.NETMON_SEED ?? 2);

test(`it refuses ${count} wrong tokens (seed ${seed})`, (t) => wrongTokens(t, count, seed));
test(`it serves nothing at ${count} wrong paths (seed ${seed})`, (t) => wrongPaths(t, count, seed));
test(`it lets none of ${count} parameters reach the SQL (seed ${seed})`, (t) => sqlInParameters(t, count, seed));
