import { test } from 'node:test';
import { cutPower } from './power.ts';

const seeds = 100;

for (const journal of ['wal', 'rollback'] as const) {
	test(`it holds every acknowledged transaction after a power cut (${journal}, a share of power.soak)`, async () => {
		for (let seed = 1; seed <= seeds / 2; seed += 1) {
			await cutPower(seed, journal).catch((error: Error) => {
				throw new Error(`seed ${seed}: ${error.stack}`);
			});
		}
	});
}
