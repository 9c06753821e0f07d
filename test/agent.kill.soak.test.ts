// The built program under kill -9, as often as the issue says (NETMON_SOAK_KILLS).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killRounds, killTogether } from './fakes/killing.ts';

const rounds = Number(process.env.NETMON_SOAK_KILLS ?? 300);
const seed = Number(process.env.NETMON_SOAK_SEED ?? 1 + Math.floor(Math.random() * 1e9));

test(`it loses and doubles no byte through ${rounds} kills of agent and receiver (seed ${seed})`, async (t) => {
	const { found, truth } = await killRounds({ t, seed }, rounds);
	assert.deepEqual(found, truth);
});

test(`it loses nothing that was committed at ${rounds / 5} deaths with the core (seed ${seed})`, async (t) => {
	const { found, most, least } = await killTogether({ t, seed }, rounds / 5);
	assert.ok(found <= most, `${found - most} bytes too many`);
	assert.ok(found >= least, `${least - found} bytes that were committed are missing`);
});
