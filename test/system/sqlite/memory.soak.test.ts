import { test } from 'node:test';
import { fillAndRead } from './memory.ts';
import { scratchFolder } from './scratch.ts';

const megabytes = Number(process.env.NETMON_SOAK_MEGABYTES ?? 200);

test(`it uses its cache and no more for a file of ${megabytes} MB`, (t) => {
	t.diagnostic(`grew by ${fillAndRead(scratchFolder(t), megabytes).toFixed(1)} MB`);
});
