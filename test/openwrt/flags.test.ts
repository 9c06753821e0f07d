// The flags of Node on a router, which stand in both packages and where figures are measured; the master's beyond a
// router are held by test/master/flags.test.ts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { routerFlags } from '../bench/process.ts';

for (const name of ['netmon', 'netmon-master']) {
	test(`it starts ${name} on a router with the flags that are measured, and a bound for the heap`, () => {
		const script = readFileSync(`openwrt/${name}/root/usr/bin/${name}`, 'utf8');
		const command = /^exec "\$\{node:-\/usr\/bin\/node\}" ([\s\S]*?) -- /m.exec(script)![1]!;
		assert.deepEqual(command.split(/[\s\\]+/), ['--max-old-space-size="$heap"', ...routerFlags]);
	});
}
