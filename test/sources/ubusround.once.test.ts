import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UbusClient } from '../../src/sources/ubus.ts';
import { FakeClock } from '../fakes/clock.ts';
import { plain } from '../fakes/transcript.ts';
import { FakeUbusd } from '../fakes/ubus.ts';

test('it goes round with its 16-bit sequence numbers', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-ubusround-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const ubusd = new FakeUbusd(join(folder, 'ubus.sock'));
	ubusd.publish('thing', { say: ({ word }) => [{ word: word ?? null }] });
	await ubusd.start();
	const client = new UbusClient({ clock: new FakeClock(), retryDelay: () => 1_000, paths: [ubusd.path] });
	client.start();
	for (let round = 0; round < 66_000 / 50; round++)
		await Promise.all(Array.from({ length: 50 }, () => client.call('thing', 'say')));
	assert.deepEqual(plain(await client.call('thing', 'say', { word: 'after' })), [{ word: 'after' }]);
	await client.stop();
	await ubusd.stop();
});
