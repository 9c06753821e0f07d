// The built program under kill -9, alone and together with its core; `agent.kill.soak.test.ts` has the full number of rounds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killRounds, killTogether } from './fakes/killing.ts';

const seed = Number(process.env.NETMON_SEED ?? 1 + Math.floor(Math.random() * 1e9));

test(`it loses and doubles no byte through 20 kills of agent and receiver (seed ${seed})`, async (t) => {
	const { found, truth } = await killRounds({ t, seed }, 20);
	assert.ok(truth.down > 0);
	assert.deepEqual(found, truth);
});

test(`it loses nothing that was committed, and doubles nothing, where the core dies with it (seed ${seed})`, async (t) => {
	const { found, most, least } = await killTogether({ t, seed }, 4);
	assert.ok(found <= most, `${found - most} bytes too many`);
	assert.ok(found >= least, `${least - found} bytes that were committed are missing`);
});
