import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LuciWan } from '../../src/sources/luci.ts';
import { LuciLocation } from '../../src/sources/lucilocation.ts';
import { openLog } from '../../src/system/log.ts';
import { fingerprint } from '../fakes/certificate.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLuci } from '../fakes/luci.ts';

/** An address of the loopback that nobody else's 443 sits on. */
const address = '127.77.44.3';

test('it goes over to HTTPS on port 443 of the same host, password only there', async (t) => {
	const secure = new FakeLuci('24.10', { secure: true });
	const listens = await secure.start(443, address).then(
		() => true,
		() => false,
	);
	if (!listens) return t.skip('no right to listen on port 443: the redirect to HTTPS is not tried');
	const plain = await new FakeLuci('24.10').start(0, address);
	plain.redirect = 'https';
	const clock = new FakeClock();
	const lines: string[] = [];
	const log = openLog({ level: 'info', format: 'text', clock, write: (line) => lines.push(line) })('wan');
	const url = LuciLocation.parse(plain.url);
	assert(url instanceof LuciLocation);
	const options = { certificate: { fingerprint }, devices: [], timeoutMs: 10_000, clock, log };
	const wan = new LuciWan({ url, username: 'root', password: 'secret', ...options });
	wan.start();
	try {
		for (let i = 0; i < 3; i++) assert.equal((await wan.sample()).devices.length, 1);
		assert.equal(wan.describe().url, `https://${address}/`);
		assert.equal(lines.filter((line) => /sends us to HTTPS/.test(line)).length, 1);
		assert.equal(plain.heard.length, 1);
		assert(plain.heard.every(({ body }) => !body.includes('secret')));
		assert.equal(secure.logins, 1);
	} finally {
		await wan.stop();
		await plain.stop();
		await secure.stop();
	}
});
