import { test } from 'node:test';
import { cutPower } from './power.ts';

const seeds = Number(process.env.NETMON_SOAK_SEEDS ?? 2_000);

for (const journal of ['wal', 'rollback'] as const) {
	test(`it holds every acknowledged transaction after ${seeds} seeds of power cuts (${journal})`, async () => {
		for (let seed = 1; seed <= seeds; seed += 1) {
			await cutPower(seed, journal).catch((error: Error) => {
				throw new Error(`seed ${seed}: ${error.stack}`);
			});
		}
	});
}
