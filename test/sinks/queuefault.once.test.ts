import { test } from 'node:test';
import { Dice } from '../fakes/dice.ts';
import { diskErrors, playFault } from './queuefault.ts';

test('it loses nothing that was there before and doubles nothing, whichever call of the disk fails', async () => {
	const calls = await playFault(null);
	const dice = new Dice(Number(process.env.NETMON_SEED ?? 1));
	for (let at = 0; at < 60; at += 1) {
		await playFault({ call: dice.int(1, calls), code: dice.pick(diskErrors), forever: dice.chance(0.5) });
	}
});
