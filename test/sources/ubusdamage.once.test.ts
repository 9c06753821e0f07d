import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { playDamaged } from './ubusdamage.ts';

const folder = mkdtempSync(join(tmpdir(), 'netmon-ubusdamage-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('it survives a ubusd that says something else than it should', async () => {
	const seed = Number(process.env.NETMON_SEED ?? 20261123);
	const ends = await playDamaged({ path: join(folder, 'ubus.sock'), messages: 1_500, seed });
	// The damage is neither so small that all is read nor so large that nothing is.
	assert.ok(ends.size >= 3, `${[...ends]}`);
});
