import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildPackages, Router, whyNoRouter } from '../fakes/router.ts';
import { startHostile } from './hostile.ts';
import { startHostileMaster } from './hostilemaster.ts';

const files = Number(process.env.NETMON_SOAK_UCI ?? 300);
const firstSeed = Number(process.env.NETMON_SOAK_SEED ?? 1_000);

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
			for (let seed = firstSeed; seed < firstSeed + files; seed += 1) start(router, seed);
		} finally {
			router.remove();
			rmSync(folder, { recursive: true, force: true });
		}
	});
