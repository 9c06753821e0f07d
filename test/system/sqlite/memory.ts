// Runs memory.program in a process of its own, with the flags of the router.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';

const flags = ['--max-semi-space-size=1', '--v8-pool-size=0', '--liftoff-only'];
/** One transaction larger than the cache: SQLite writes its pages out, and keeps a little of each in mind. */
const maxGrowthMb = 8;

export function fillAndRead(folder: string, megabytes: number): number {
	const path = join(folder, 'large.db');
	const program = 'build/test/system/sqlite/memory.program.js';
	const text = execFileSync(process.execPath, [...flags, program, path, String(megabytes)], { encoding: 'utf8' });
	const { sum, sorted, grown } = JSON.parse(text) as { sum: number; sorted: number; grown: number };
	assert.equal(sum, 4_000_000 + megabytes * 1_000_000);
	assert.equal(sorted, sum / 20_000);
	assert.ok(statSync(path).size > megabytes * 1_000_000);
	assert.ok(grown < maxGrowthMb, `grew by ${grown} MB`);
	return grown;
}
