import { test } from 'node:test';
import { diskErrors, playFault } from './queuefault.ts';

test('it survives every single call of the disk that fails, with every error, once and for ever', async () => {
	const calls = await playFault(null);
	for (const code of diskErrors) {
		for (const forever of [false, true]) {
			for (let call = 1; call <= calls; call += 1) await playFault({ call, code, forever });
		}
	}
});
