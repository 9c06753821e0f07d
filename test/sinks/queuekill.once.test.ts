import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { playKills } from './queuekill.ts';

test('it loses and doubles nothing when it is killed at any moment while the core lives', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-kill-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	await playKills(folder, { rounds: 12, seed: Number(process.env.NETMON_SEED ?? 1) });
});
