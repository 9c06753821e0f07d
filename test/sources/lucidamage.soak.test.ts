import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readDamaged } from './lucidamage.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const count = Number(process.env.NETMON_SOAK_LUCI_ANSWERS ?? 50_000);
/** What may be kept for good: caches of the HTTP client, compiled code. */
const allowedGrowth = 4 * 1024 * 1024;

test(`it reads ${count} damaged answers in flat memory`, async (t) => {
	const seed = Date.now() % 1_000_000;
	let [before, after] = [0, 0];
	const outcome = await readDamaged(count, seed, (answers) => {
		if (answers > count / 4 && before === 0) {
			collect();
			before = process.memoryUsage().heapUsed;
		}
		if (answers < count) return;
		collect();
		after = process.memoryUsage().heapUsed;
	});
	t.diagnostic(`${JSON.stringify(outcome)}, heap ${Math.round((after - before) / 1024)} KiB more; seed ${seed}`);
	assert(outcome.answers >= count);
	assert(after - before < allowedGrowth, `seed ${seed}: ${after - before} bytes more`);
});
