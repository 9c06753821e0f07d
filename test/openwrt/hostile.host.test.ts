import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildPackages, Router, whyNoRouter } from '../fakes/router.ts';
import { startHostile } from './hostile.ts';
import { startHostileMaster } from './hostilemaster.ts';

/** The soak suite does 300 of them. */
const files = 30;

for (const [name, start] of [
	['netmon', startHostile],
	['netmon-master', startHostileMaster],
] as const)
	test(`it starts ${name} or says why with ${files} hostile UCI files, and shows no secret`, (t: TestContext) => {
		const why = whyNoRouter();
		if (why) return t.skip(why);
		const folder = mkdtempSync(join(tmpdir(), 'netmon-ipk-'));
		const router = new Router();
		try {
			router.install(buildPackages(folder).get(name)!);
			const ends = Array.from({ length: files }, (_, seed) => start(router, seed + 1));
			assert.ok(ends.includes('started') && ends.includes('refused'), 'both ends were seen');
		} finally {
			router.remove();
			rmSync(folder, { recursive: true, force: true });
		}
	});
