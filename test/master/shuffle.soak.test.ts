import { test } from 'node:test';
import { shuffle } from './shuffle.ts';

const rounds = Number(process.env.NETMON_SOAK_SHUFFLES ?? 10_000);
const seed = Number(process.env.NETMON_SEED ?? 2);

test(`it books each row once through ${rounds} shuffles (seed ${seed})`, (t) => shuffle(t, rounds, seed));
