import assert from 'node:assert/strict';
import { testHostile } from './hostileruns.ts';

const files = Number(process.env.NETMON_SOAK_UCI ?? 300);
const firstSeed = Number(process.env.NETMON_SOAK_SEED ?? 1_000);

testHostile({ files, firstSeed }, (ends) => assert.equal(ends.length, files));
