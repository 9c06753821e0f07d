import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LuciError } from '../../src/sources/lucierror.ts';
import { fingerprint } from '../fakes/certificate.ts';
import { loginPage } from '../fakes/luci.ts';
import { bytes, failure, minute, router, said, seconds, wanOf } from './lucidriver.ts';

test('it comes back when rpcd is away for a while', async () => {
	const fake = await router('24.10');
	const { wan, clock } = wanOf(fake);
	await wan.sample();
	fake.away = true;
	fake.expireSessions();
	assert.match((await failure(wan.sample(), 'away')).message, /comes back later/);
	await clock.advance(4_900);
	await failure(wan.sample(), 'away');
	await clock.advance(100);
	await failure(wan.sample(), 'away');
	const tried = fake.logins;
	fake.away = false;
	await clock.advance(30_000);
	assert.deepEqual(bytes(await wan.sample()), [['eth1', 596n, 682n]]);
	assert.equal(fake.logins, tried + 1);
});

test('it says that a second factor is asked for, and does not hammer', async () => {
	const fake = await router('25.12');
	fake.release.ubus = false;
	fake.release.gateway = false;
	fake.secondFactor = true;
	const { wan, clock } = wanOf(fake);
	assert.match((await failure(wan.sample(), 'second-factor')).message, /second factor \("otp_code"\)/);
	for (let i = 0; i < 100; i++) {
		await clock.advance(1000);
		await failure(wan.sample(), 'second-factor');
	}
	assert.equal(fake.logins, 1);
});

test('it takes HTML with status 200 for what it is, at every step', async () => {
	const html = { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>Welcome</html>' };
	const all = await router('24.10');
	all.instead = html;
	await failure(wanOf(all).wan.sample(), 'not-luci');
	const ubus = await router('24.10');
	ubus.insteadOf.set('/ubus', html);
	const { wan } = wanOf(ubus);
	assert.equal((await wan.sample()).devices.length, 1);
	assert.equal(wan.describe().door, 'gateway');
	const both = await router('24.10');
	both.insteadOf.set('/ubus', html).set('/cgi-bin/luci/admin/ubus', html);
	await failure(wanOf(both).wan.sample(), 'not-luci');
});

test('it takes a login page with status 200 for a session that died', async () => {
	const fake = await router('17.01');
	const { wan } = wanOf(fake);
	await wan.sample();
	fake.insteadOf.set('/cgi-bin/luci/admin', { status: 200, headers: {}, body: loginPage });
	await failure(wan.sample(), 'forbidden');
	assert.equal(fake.logins, 2);
});

test('it tells a 403 that is no login page', async () => {
	const fake = await router('24.10');
	fake.instead = { status: 403, headers: {}, body: '<h1>Forbidden</h1>Rejected request from RFC1918 IP' };
	assert.match((await failure(wanOf(fake).wan.sample(), 'forbidden')).message, /rfc1918_filter/);
});

test('it refuses an answer of more than 1 MiB', async () => {
	const fake = await router('24.10');
	const { wan, clock } = wanOf(fake);
	await wan.sample();
	fake.instead = { status: 200, headers: {}, body: `{"a":"${'x'.repeat(1024 * 1024)}"}` };
	assert.match((await failure(wan.sample(), 'unreachable')).message, /more than 1048576 bytes/);
	fake.instead = null;
	await clock.advance(500);
	assert.equal((await wan.sample()).devices.length, 1);
	assert.equal(fake.logins, 1);
});

test('it ends a question that is not answered, and keeps the session', async () => {
	const fake = await router('24.10');
	const { wan, clock } = wanOf(fake);
	await wan.sample();
	let asked = () => {};
	const heard = new Promise<void>((resolve) => {
		asked = resolve;
	});
	let release = () => {};
	fake.hold = () => {
		asked();
		return new Promise((resolve) => {
			release = resolve;
		});
	};
	const sample = failure(wan.sample(), 'unreachable');
	await heard;
	await clock.advance(10_000);
	assert.match((await sample).message, /did not answer within 10 s/);
	fake.hold = null;
	release();
	await clock.advance(500);
	assert.equal((await wan.sample()).devices.length, 1);
	assert.equal(fake.logins, 1);
});

test('it gives the moment of the first byte', async () => {
	const fake = await router('24.10');
	const { wan, clock } = wanOf(fake);
	await wan.sample();
	fake.hold = () => clock.advance(700);
	for (let i = 0; i < 20; i++) {
		const sample = await wan.sample();
		assert.equal(sample.mono, clock.mono());
	}
});

test('it keeps to the retry profile: its waits, and its end after so many tries', async () => {
	const fake = await router('24.10');
	const delays = [20_000, 40_000, null];
	const asked: number[] = [];
	const retryDelay = (failures: number) => {
		asked.push(failures);
		return delays[failures - 1]!;
	};
	const { wan, clock } = wanOf(fake, { retryDelay });
	await wan.sample();
	fake.instead = { status: 500, headers: {}, body: '' };
	const began = clock.mono();
	for (let second = 0; second < 100; second++) {
		if (wan.isOver) break;
		await assert.rejects(wan.sample());
		await clock.advance(1000);
	}
	assert.equal(wan.isOver, true);
	assert.deepEqual(asked, [1, 2, 3]);
	assert.ok(clock.mono() - began >= 60_000, 'both waits were waited for');
	const heard = fake.heard.length;
	await clock.advance(3_600_000);
	await assert.rejects(wan.sample(), /no further try/);
	assert.equal(fake.heard.length, heard);
});

test('it goes on when the kept connection is closed in between', async () => {
	const fake = await router('24.10');
	fake.closes = true;
	const { wan } = wanOf(fake);
	for (let i = 0; i < 10; i++) assert.equal((await wan.sample()).devices.length, 1);
	assert.equal(fake.logins, 1);
});

for (const release of ['17.01', '24.10'] as const) {
	test(`it reads answers of OpenWrt ${release} cut anywhere`, async () => {
		const fake = await router(release);
		const { wan } = wanOf(fake);
		fake.cuts = [1, 20, 300, 4096];
		await wan.sample();
		fake.cuts = 'every';
		assert.deepEqual(bytes(await wan.sample()), [['eth1', 596n, 682n]]);
		for (let end = 1; end < 700; end += 7) {
			fake.cuts = [end];
			assert.deepEqual(bytes(await wan.sample()), [['eth1', 596n, 682n]]);
		}
		assert.equal(fake.logins, 1);
	});

	test(`it takes no half answer of OpenWrt ${release} for a sample`, async () => {
		const fake = await router(release);
		const { wan, clock } = wanOf(fake);
		const { devices } = await wan.sample();
		for (let length = 0; length < 700; length += 11) {
			await clock.advance(minute);
			fake.breakAfter = length;
			await failure(wan.sample(), 'unreachable');
		}
		fake.breakAfter = null;
		await clock.advance(minute);
		assert.deepEqual((await wan.sample()).devices, devices);
	});
}

test('it pins a self-signed certificate and tells the fingerprint to pin', async () => {
	const fake = await router('24.10', { secure: true });
	const unpinned = wanOf(fake);
	const { message, fingerprint: seen } = await failure(unpinned.wan.sample(), 'certificate');
	assert.equal(seen, fingerprint);
	assert(message.includes(fingerprint) && message.includes('--luci-certificate'));
	assert.equal(unpinned.wan.describe().fingerprint, fingerprint);
	const wrong = wanOf(fake, { certificate: { fingerprint: fingerprint.replaceAll('1', '2') } });
	await failure(wrong.wan.sample(), 'certificate');
	assert.equal(fake.heard.length, 0, 'something was sent before the certificate was judged');
	const pinned = wanOf(fake, { certificate: { fingerprint } });
	assert.equal((await pinned.wan.sample()).devices.length, 1);
	assert.equal(pinned.wan.describe().fingerprint, fingerprint);
});

test('it uses the cookie of HTTPS at the form', async () => {
	const fake = await router('24.10', { secure: true });
	fake.release.ubus = false;
	fake.release.gateway = 'cookie';
	const { wan } = wanOf(fake, { certificate: 'any' });
	assert.equal((await wan.sample()).devices.length, 1);
	assert(fake.heard.some(({ cookie }) => cookie?.startsWith('sysauth_https=')));
});

test('it sends no password in clear where the router wants HTTPS', async () => {
	const fake = await router('24.10');
	fake.redirect = 'https';
	const { wan } = wanOf(fake);
	// Nothing of ours listens on 443 of the loopback; whatever does shows no certificate for it.
	const error = await wan.sample().catch((error: unknown) => error);
	assert(error instanceof LuciError && /^(unreachable|certificate)$/.test(error.code), String(error));
	assert.equal(wan.describe().url, 'https://127.0.0.1/');
	assert(said.some((line) => /sends us to HTTPS/.test(line)));
	assert.equal(fake.logins, 0);
});

test('it follows no redirect to another host or port', async () => {
	for (const to of ['https://127.0.0.2', 'http://127.0.0.1:1', 'https://127.0.0.1:8443']) {
		const fake = await router('24.10');
		fake.redirect = to;
		const { message } = await failure(wanOf(fake).wan.sample(), 'redirect');
		assert(message.includes(to), message);
		assert.equal(fake.logins, 0);
	}
});

test('it gives no stale row as a sample', async () => {
	const fake = await router('24.10');
	fake.release.rights = { luci: ['getRealtimeStats'], 'network.interface': ['dump'], session: ['login'] };
	// Somebody looked at LuCI's graph an hour ago; those rows are still there.
	for (let i = 0; i < 3; i++, fake.now += 1) fake.bwcRows('eth1', 64);
	const { wan, clock } = wanOf(fake);
	async function receivedAfter(pauseMinutes: number) {
		fake.grow('eth1', 1000n, 1000n);
		fake.now += pauseMinutes * 60;
		await clock.advance(pauseMinutes * minute);
		const sample = wan.sample();
		await seconds(fake, clock, sample);
		return (await sample).devices[0]?.rxBytes;
	}
	assert.equal(await receivedAfter(60), fake.devices.get('eth1')?.rx);
	// The daemon wrote on for 10 s after we asked: a row younger than the last one we saw, but an hour old.
	assert.equal(await receivedAfter(60), fake.devices.get('eth1')?.rx);
	// The router's clock is set back.
	fake.now -= 24 * 3600;
	assert.equal(await receivedAfter(0), fake.devices.get('eth1')?.rx);
	fake.bwc = false;
	const stale = failure(wan.sample(), 'stale');
	await seconds(fake, clock, stale);
	assert.match((await stale).message, /no fresh figures of eth1/);
});

test('it stops in the middle of anything, and starts again', async () => {
	const fake = await router('24.10');
	const { wan, clock } = wanOf(fake);
	fake.hold = () => new Promise(() => {});
	const sample = failure(wan.sample(), 'stopped');
	while (fake.heard.length === 0) await clock.advance(0);
	await wan.stop();
	await wan.stop();
	await sample;
	await failure(wan.sample(), 'stopped');
	assert.equal(clock.pending, 0);
	fake.hold = null;
	wan.start();
	wan.start();
	assert.equal((await wan.sample()).devices.length, 1);
});

test('it has one question in flight however often it is asked', async () => {
	const fake = await router('24.10');
	const { wan } = wanOf(fake);
	const samples = await Promise.all([wan.sample(), wan.sample(), wan.sample()]);
	assert.equal(new Set(samples).size, 1);
	assert.equal(fake.logins, 1);
});
