import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { playDamaged } from './ubusdamage.ts';

/** NETMON_SOAK_UBUS: how many damaged conversations. */
const messages = Number(process.env.NETMON_SOAK_UBUS ?? 50_000);
/** Heap that they may leave behind. */
const slackBytes = 4 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const folder = mkdtempSync(join(tmpdir(), 'netmon-ubusdamage-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test(`it survives ${messages} damaged conversations with flat memory`, async (t) => {
	const heap = () => {
		collect();
		return process.memoryUsage().heapUsed;
	};
	let early = 0;
	const seed = Number(process.env.NETMON_SEED ?? Date.now() % 1_000_000);
	const onProgress = (played: number) => {
		if (early === 0 && played >= Math.min(2_000, messages / 2)) early = heap();
	};
	const ends = await playDamaged({ path: join(folder, 'ubus.sock'), messages, seed, onProgress });
	const grown = heap() - early;
	t.diagnostic(`seed ${seed}, ends: ${[...ends].map((end) => end.join(' ')).join(', ')}; heap grew by ${grown} bytes`);
	assert.ok(early > 0 && grown < slackBytes, `seed ${seed}: the heap grew by ${grown} bytes`);
});
