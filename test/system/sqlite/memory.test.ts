import { test } from 'node:test';
import { fillAndRead } from './memory.ts';
import { scratchFolder } from './scratch.ts';

test('it uses its cache and no more for a file of 40 MB (memory.soak: 200 MB)', (t) => {
	t.diagnostic(`grew by ${fillAndRead(scratchFolder(t), 40).toFixed(1)} MB`);
});
