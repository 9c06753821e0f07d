// The built program killed together with its core; `agent.kill.soak.test.ts` has the full number of rounds, and those in
// which the core lives on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killTogether } from './fakes/killing.ts';

const seed = Number(process.env.NETMON_SEED ?? 1 + Math.floor(Math.random() * 1e9));

test(`it loses nothing that was committed, and doubles nothing, where the core dies with it (seed ${seed})`, async (t) => {
	const { found, most, least } = await killTogether({ t, seed }, 4);
	assert.ok(found <= most, `${found - most} bytes too many`);
	assert.ok(found >= least, `${least - found} bytes that were committed are missing`);
});
