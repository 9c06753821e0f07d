import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { playKills } from './queuekill.ts';

test('it loses and doubles nothing through 300 kills while the core lives', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-kill-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	await playKills(folder, {
		rounds: Number(process.env.NETMON_SOAK_KILLS ?? 300),
		seed: Number(process.env.NETMON_SEED ?? 1),
	});
});
