// Hostile settings of both services, one seed after the other, each service on a router of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildPackages, Router, whyNoRouter } from '../fakes/router.ts';
import { startHostile } from './hostile.ts';
import { startHostileMaster } from './hostilemaster.ts';

type End = ReturnType<typeof startHostile> | ReturnType<typeof startHostileMaster>;

/** A test for each service with `files` seeds from `firstSeed` on; `check` is given how each start ended. */
export function testHostile(
	{ files, firstSeed }: { readonly files: number; readonly firstSeed: number },
	check: (ends: readonly End[]) => void,
): void {
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
				check(Array.from({ length: files }, (_, index) => start(router, firstSeed + index)));
			} finally {
				router.remove();
				rmSync(folder, { recursive: true, force: true });
			}
		});
}
