import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, test } from 'node:test';
import { WanCounter } from '../../src/engine/wan.ts';
import type { WanSample } from '../../src/record.ts';
import { LuciWan, type LuciWanOptions } from '../../src/sources/luci.ts';
import { LuciError, type LuciErrorCode, luciErrors } from '../../src/sources/lucierror.ts';
import { LuciLocation } from '../../src/sources/lucilocation.ts';
import { openLog } from '../../src/system/log.ts';
import { fingerprint } from '../fakes/certificate.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLuci, loginPage } from '../fakes/luci.ts';
import { releases } from '../fakes/lucirelease.ts';
import { randomFrom } from '../fakes/random.ts';

const minute = 60_000;
const opened: (LuciWan | FakeLuci)[] = [];
/** Everything that was said: log lines and error messages. */
const said: string[] = [];
const fakes: FakeLuci[] = [];

afterEach(async () => {
	for (const one of opened.splice(0)) await one.stop();
});

after(() => {
	const text = said.join('\n');
	assert(said.length > 20, 'nothing was said');
	assert.doesNotMatch(text, /s[e3]cret|5e551|stok=[0-9a-f]/i, 'a password or a session stands in a log or an error');
	for (const { heard } of fakes) {
		for (const { url, cookie, body } of heard) {
			assert.doesNotMatch(`${url} ${cookie}`, /secret/);
			if (body.includes('secret')) assert.match(body, /"session","login",|luci_password=/);
		}
	}
});

/** Tells whether something waits for a moment (and not only for an answer, which may take 10 s). */
class WaitClock extends FakeClock {
	waiting = 0;

	constructor() {
		super();
		const after = this.after;
		this.after = (ms, run) => {
			if (ms >= 10_000) return after(ms, run);
			this.waiting += 1;
			return after(ms, () => {
				this.waiting -= 1;
				run();
			});
		};
	}
}

type Release = keyof typeof releases;

async function router(release: Release, options: { secure?: boolean } = {}): Promise<FakeLuci> {
	const fake = await new FakeLuci(release, options).start();
	opened.push(fake);
	fakes.push(fake);
	return fake;
}

function wanAt(url: string, options: Partial<LuciWanOptions> = {}) {
	const clock = new WaitClock();
	const location = LuciLocation.parse(url);
	assert(location instanceof LuciLocation, String(location));
	const log = openLog({ level: 'debug', format: 'text', clock, write: (line) => said.push(line) })('wan');
	const login = { username: 'root', password: 'secret' };
	const wan = new LuciWan({
		url: location,
		certificate: null,
		devices: [],
		timeoutMs: 10_000,
		...login,
		...options,
		clock,
		log,
	});
	wan.start();
	opened.unshift(wan);
	return { wan, clock };
}

const wanOf = (fake: FakeLuci, options: Partial<LuciWanOptions> = {}) => wanAt(fake.url, options);

async function failure(promise: Promise<unknown>, code: LuciErrorCode): Promise<LuciError> {
	const error = await promise.then(
		() => assert.fail('it gave a sample'),
		(error: unknown) => error,
	);
	assert(error instanceof LuciError, String(error));
	said.push(error.message);
	assert.equal(error.code, code, error.message);
	return error;
}

const bytes = ({ devices }: WanSample) => devices.map(({ name, rxBytes, txBytes }) => [name, rxBytes, txBytes]);

/** What each release is expected to be read by. */
const expected: Record<Release, { door: string; call: string; guess: RegExp }> = {
	'15.05': { door: 'form', call: 'iface_status', guess: /15\.05/ },
	'17.01': { door: 'form', call: 'iface_status', guess: /17\.01/ },
	'18.06': { door: 'form', call: 'iface_status', guess: /18\.06/ },
	'19.07': { door: 'ubus', call: 'luci-rpc getNetworkDevices', guess: /19\.07/ },
	'21.02': { door: 'ubus', call: 'luci-rpc getNetworkDevices', guess: /19\.07 to 22\.03/ },
	'22.03': { door: 'ubus', call: 'luci-rpc getNetworkDevices', guess: /22\.03/ },
	'23.05': { door: 'ubus', call: 'luci-rpc getNetworkDevices', guess: /23\.05/ },
	'24.10': { door: 'ubus', call: 'luci-rpc getNetworkDevices', guess: /24\.10/ },
	'25.12': { door: 'ubus', call: 'network.device status', guess: /25\.12/ },
};

for (const release of Object.keys(releases) as Release[]) {
	test(`it logs in once at OpenWrt ${release} and reads the kernel's counters`, async () => {
		const fake = await router(release);
		fake.devices.set('eth1', { rx: 2n ** 40n + 7n, tx: 2n ** 33n, ifindex: 3 });
		const { wan, clock } = wanOf(fake);
		const first = await wan.sample();
		assert.equal(first.source, 'luci');
		assert.deepEqual(bytes(first), [['eth1', 2n ** 40n + 7n, 2n ** 33n]]);
		for (let i = 0; i < 5; i++) {
			await clock.advance(1000);
			fake.grow('eth1', 1_000_000n, 2_000n);
			const { rx, tx } = fake.devices.get('eth1')!;
			const sample = await wan.sample();
			assert.deepEqual(bytes(sample), [['eth1', rx, tx]]);
			assert.equal(sample.mono, clock.mono());
		}
		assert.equal(fake.logins, 1);
		const { door, call, generation, devices, logins, error } = wan.describe();
		const { guess, ...found } = expected[release];
		assert.deepEqual({ door, call }, found);
		assert.match(generation ?? '', guess);
		assert.deepEqual([devices, logins, error], [['eth1'], 1, null]);
	});

	test(`it finds the counters of OpenWrt ${release} without uhttpd-mod-ubus`, async () => {
		const fake = await router(release);
		fake.release.ubus = false;
		const { wan } = wanOf(fake);
		assert.deepEqual(bytes(await wan.sample()), [['eth1', 596n, 682n]]);
		assert.equal(wan.describe().door, fake.release.gateway === 'open' ? 'gateway' : 'form');
		assert.equal(fake.logins, 1);
	});

	test(`it renews a session of OpenWrt ${release} that died`, async () => {
		const fake = await router(release);
		const { wan } = wanOf(fake);
		await wan.sample();
		for (let i = 0; i < 3; i++) {
			fake.expireSessions();
			assert.deepEqual(bytes(await wan.sample()), [['eth1', 596n, 682n]]);
		}
		assert.equal(fake.logins, 4);
	});

	test(`it leaves OpenWrt ${release} alone for minutes after a wrong password`, async () => {
		const fake = await router(release);
		const { wan, clock } = wanOf(fake, { password: 's3cret' });
		const { message } = await failure(wan.sample(), 'password');
		assert.match(message, /luci_username and luci_password/);
		for (let i = 0; i < 119; i++) {
			await clock.advance(1000);
			await failure(wan.sample(), 'password');
		}
		assert.equal(fake.logins, 1);
		for (let i = 0; i < 60; i++) {
			await clock.advance(minute);
			await failure(wan.sample(), 'password');
		}
		assert(fake.logins <= 6, `${fake.logins} logins in an hour`);
		fake.password = 's3cret';
		await clock.advance(30 * minute);
		assert.equal((await wan.sample()).devices.length, 1);
	});
}

test('it uses the best call that the rights allow, down to the rows of luci-bwc', async () => {
	const fake = await router('24.10');
	fake.release.rights = { luci: ['getRealtimeStats'], 'network.interface': ['dump'], session: ['login'] };
	const { wan, clock } = wanOf(fake);
	const sampling = wan.sample();
	await seconds(fake, clock, sampling);
	assert.deepEqual(bytes(await sampling), [['eth1', 596n, 682n]]);
	assert.equal(wan.describe().call, 'luci getRealtimeStats');
	fake.now += 1;
	await clock.advance(1000);
	fake.grow('eth1', 100n, 10n);
	assert.deepEqual(bytes(await wan.sample()), [['eth1', 696n, 692n]]);
});

test('it takes the installed rights file: what it grants is enough for the best call', async () => {
	const fake = await router('21.02');
	const file = JSON.parse(readFileSync('docs/examples/rpcd-acl-netmon.json', 'utf8'));
	fake.release.rights = { session: ['login'], ...file.netmon.read.ubus };
	const { wan } = wanOf(fake);
	assert.deepEqual(bytes(await wan.sample()), [['eth1', 596n, 682n]]);
	assert.equal(wan.describe().call, 'network.device status');
});

test('it names the file to install when no counter call is allowed', async () => {
	const fake = await router('23.05');
	fake.release.rights = { session: ['login', 'access'], 'network.interface': ['dump'] };
	const { wan, clock } = wanOf(fake);
	const { message } = await failure(wan.sample(), 'no-right');
	assert.match(message, /rpcd-acl-netmon\.json .* \/usr\/share\/rpcd\/acl\.d\/netmon\.json/);
	assert.match(message, /\/etc\/init\.d\/rpcd reload/);
	assert.equal(wan.describe().missingRight, true);
	assert.equal(fake.logins, 3, 'one at each door');
	fake.release.rights = { ...releases['25.12'].rights };
	await clock.advance(minute);
	assert.equal((await wan.sample()).devices.length, 1);
	assert.equal(wan.describe().missingRight, false);
});

test('it goes on to the form when rpcd lets it in but LuCI is too old for counters there', async () => {
	const fake = await router('18.06');
	fake.release.ubus = true;
	fake.release.rights = { session: ['login', 'access'], 'network.interface': ['status'] };
	const { wan } = wanOf(fake);
	assert.deepEqual(bytes(await wan.sample()), [['eth1', 596n, 682n]]);
	const atForm = fake.heard.filter(({ cookie }) => cookie);
	assert(atForm.length > 0 && atForm.every(({ url }) => url.startsWith('/cgi-bin/luci/')), 'the sessions are mixed');
	assert(fake.heard.every(({ cookie, body }) => !cookie || !/5e551/.test(body)));
});

test('it takes a right away that was there for a missing one, after one new login', async () => {
	const fake = await router('25.12');
	const { wan, clock } = wanOf(fake);
	await wan.sample();
	delete fake.release.rights['network.device'];
	await failure(wan.sample(), 'no-right');
	assert.equal(fake.logins, 2);
	await clock.advance(minute);
	await wan.sample();
	assert.equal(wan.describe().call, 'luci-rpc getNetworkDevices');
});

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

test('it gives the moment of the first byte, and asks less often where answers are slow', async () => {
	const fake = await router('24.10');
	const { wan, clock } = wanOf(fake);
	await wan.sample();
	assert.equal(wan.nextAfterMs, 1000);
	fake.hold = () => clock.advance(700);
	for (let i = 0; i < 20; i++) {
		const sample = await wan.sample();
		assert.equal(sample.mono, clock.mono());
	}
	assert(wan.nextAfterMs > 1300 && wan.nextAfterMs <= 1400, String(wan.nextAfterMs));
	fake.hold = null;
	for (let i = 0; i < 20; i++) await wan.sample();
	assert.equal(wan.nextAfterMs, 1000);
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

test('it takes the devices that are given for the WAN', async () => {
	for (const release of ['17.01', '24.10', '25.12'] as const) {
		const fake = await router(release);
		fake.release.rights['network.interface'] = [];
		fake.devices.set('usb0', { rx: 5n, tx: 6n, ifindex: 9 });
		const { wan, clock } = wanOf(fake, { devices: ['usb0', 'eth1'] });
		const sampling = wan.sample();
		await seconds(fake, clock, sampling);
		const got = bytes(await sampling).sort((a, b) => String(a[0]).localeCompare(String(b[0])));
		assert.deepEqual(got, [
			['eth1', 596n, 682n],
			['usb0', 5n, 6n],
		]);
		assert.match((await wan.describe()).why ?? '', /wan_device|iface/);
	}
});

test('it gives no devices, and says why, while there is no default route', async () => {
	const fake = await router('24.10');
	fake.wan = null;
	const { wan, clock } = wanOf(fake);
	const sample = await wan.sample();
	assert.deepEqual(sample.devices, []);
	assert.match(sample.why, /no interface with an active default route/);
	fake.wan = { name: 'wan', l3: 'eth1', lower: 'eth1', proto: 'dhcp' };
	await clock.advance(30_000);
	assert.equal((await wan.sample()).devices.length, 1);
});

test('it follows the WAN to another device', async () => {
	const fake = await router('25.12');
	const { wan, clock } = wanOf(fake);
	await wan.sample();
	fake.devices.delete('eth1');
	fake.devices.set('wwan0', { rx: 10n, tx: 20n, ifindex: 12 });
	fake.wan = { name: 'wwan', l3: 'wwan0', lower: 'wwan0', proto: 'qmi' };
	assert.deepEqual((await wan.sample()).devices, []);
	await clock.advance(3_000);
	assert.deepEqual(bytes(await wan.sample()), [['wwan0', 10n, 20n]]);
});

test('it counts what is received at the lower device when software offload is on', async () => {
	const fake = await router('24.10');
	fake.offload = { soft: true, hard: false };
	fake.devices.set('pppoe-wan', { rx: 100n, tx: 900n, ifindex: 20 });
	fake.wan = { name: 'wan', l3: 'pppoe-wan', lower: 'eth1', proto: 'pppoe' };
	const { devices, why } = await wanOf(fake).wan.sample();
	assert.deepEqual(
		devices.map(({ name, rxBytes, txBytes, counts }) => ({ name, rxBytes, txBytes, counts })),
		[
			{ name: 'eth1', rxBytes: 596n, txBytes: 0n, counts: 'received' },
			{ name: 'pppoe-wan', rxBytes: 0n, txBytes: 900n, counts: 'sent' },
		],
	);
	assert.match(why, /offload/);
});

test('it tells the new ifindex of a redialled PPPoE', async () => {
	const fake = await router('24.10');
	fake.devices.set('pppoe-wan', { rx: 100n, tx: 900n, ifindex: 20 });
	fake.wan = { name: 'wan', l3: 'pppoe-wan', lower: 'eth1', proto: 'pppoe' };
	const { wan } = wanOf(fake);
	assert.equal((await wan.sample()).devices[0]?.ifindex, 20);
	fake.devices.set('pppoe-wan', { rx: 0n, tx: 9n, ifindex: 21 });
	assert.equal((await wan.sample()).devices[0]?.ifindex, 21);
});

test('it reads counters above 2^63, which routers print as negative', async () => {
	const fake = await router('24.10');
	fake.devices.set('eth1', { rx: 2n ** 64n - 2n ** 31n, tx: 2n ** 52n, ifindex: 3 });
	assert.deepEqual(bytes(await wanOf(fake).wan.sample()), [['eth1', 2n ** 64n - 2n ** 31n, 2n ** 52n]]);
});

test('it reads old bandwidth rows, which wrap at 4 GiB, where there is no iface_status', async () => {
	const fake = await router('18.06');
	fake.insteadOf.set('/cgi-bin/luci/admin/network/iface_status', { status: 404, headers: {}, body: 'No such device' });
	fake.devices.set('eth1', { rx: 2n ** 32n + 5n, tx: 7n, ifindex: 3 });
	const unnamed = wanOf(fake);
	assert.match((await failure(unnamed.wan.sample(), 'no-device')).message, /--wan-device/);
	const { wan, clock } = wanOf(fake, { devices: ['eth1'] });
	const sampling = wan.sample();
	await seconds(fake, clock, sampling);
	assert.deepEqual(bytes(await sampling), [['eth1', 5n, 7n]]);
	assert.deepEqual([wan.describe().call, wan.describe().counterBits], ['bandwidth_status', 32]);
});

test('it gives no stale row as a sample', async () => {
	const fake = await router('24.10');
	fake.release.rights = { luci: ['getRealtimeStats'], 'network.interface': ['dump'], session: ['login'] };
	const { wan, clock } = wanOf(fake);
	const first = wan.sample();
	await seconds(fake, clock, first);
	await first;
	// The daemon stops; rows of before come back.
	fake.bwc = false;
	const stale = failure(wan.sample(), 'stale');
	await seconds(fake, clock, stale);
	assert.match((await stale).message, /no fresh figures of eth1/);
	// A row that is younger than the last one we saw, but an hour old.
	fake.bwc = true;
	fake.now += 5;
	await clock.advance(60 * minute);
	fake.grow('eth1', 1000n, 1000n);
	const { rx } = fake.devices.get('eth1')!;
	const before = fake.heard.length;
	const later = wan.sample();
	await seconds(fake, clock, later);
	assert.deepEqual(bytes(await later)[0]?.[1], rx);
	assert(fake.heard.length - before > 1, 'an hour-old row was taken');
});

/** Drives a router through `steps` random seconds and counts what its WAN moved, beside what was truly moved. */
async function count(fake: FakeLuci, options: Partial<LuciWanOptions>, steps: number, random: () => number) {
	const { wan, clock } = wanOf(fake, options);
	const counter = new WanCounter({ intervalMs: 1000, bootId: null });
	const told = { up: 0, down: 0 };
	const truth = { up: 0, down: 0 };
	let highest = 0;
	async function step() {
		const sampling = wan.sample().catch(() => null);
		await seconds(fake, clock, sampling);
		const sample = await sampling;
		const growth = sample && counter.take(sample);
		if (growth?.kind !== 'growth') return growth?.kind ?? 'failed';
		assert(growth.bytes.up >= 0 && growth.bytes.down >= 0);
		told.up += growth.bytes.up;
		told.down += growth.bytes.down;
		highest = Math.max(highest, growth.speed?.down ?? 0);
		return 'growth';
	}
	let last = await step();
	assert.equal(last, 'baseline');
	for (let i = 0; i < steps; i++) {
		const event = random();
		if (event < 0.05) fake.expireSessions();
		else if (event < 0.08) fake.away = true;
		else if (event < 0.15 && last === 'growth' && fake.devices.get('eth1')!.rx > 100_000_000n) {
			// A reboot just after a sample, so that nothing of before is lost, and seen at once: the counter falls.
			fake.away = false;
			fake.expireSessions();
			for (const device of fake.devices.values()) Object.assign(device, { rx: 0n, tx: 0n });
		} else if (event < 0.3) fake.away = false;
		const [down, up] = [Math.floor(random() * 100e6), Math.floor(random() * 20e6)];
		fake.grow('eth1', BigInt(down), BigInt(up));
		truth.down += down;
		truth.up += up;
		fake.now += 1;
		await clock.advance(1000);
		last = await step();
	}
	fake.away = false;
	fake.now += 60;
	await clock.advance(60_000);
	assert.equal(await step(), 'growth');
	return { told, truth, highest };
}

for (const [release, devices] of [
	['17.01', []],
	['18.06', ['eth1']],
	['22.03', []],
	['25.12', []],
] as const) {
	test(`it counts the truth at OpenWrt ${release} through dead sessions, an absent rpcd and reboots`, async () => {
		const seed = Date.now() % 1_000_000;
		const fake = await router(release);
		const rows = release === '18.06';
		// With a device named and no iface_status it is the rows of luci-bwc, which wrap at 4 GiB.
		if (rows) fake.insteadOf.set('/cgi-bin/luci/admin/network/iface_status', { status: 404, headers: {}, body: '' });
		fake.devices.set('eth1', { rx: 2n ** 32n - 10n, tx: 5n, ifindex: 3 });
		const { told, truth, highest } = await count(fake, { devices }, 150, randomFrom(seed));
		assert.deepEqual(told, truth, `seed ${seed}`);
		assert(highest <= 200e6, `seed ${seed}: ${highest} bytes a second`);
	});
}

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

test('it reads LUCI_URL in every form people write', async () => {
	const forms: Record<string, string> = {
		'http://192.168.1.1': 'http://192.168.1.1/ubus',
		'192.168.1.1': 'http://192.168.1.1/ubus',
		'router.lan:8080/': 'http://router.lan:8080/ubus',
		'http://192.168.1.1/cgi-bin/luci': 'http://192.168.1.1/ubus',
		'https://192.168.1.1/cgi-bin/luci/': 'https://192.168.1.1/ubus',
		'https://[fd00::1]:8443/cgi-bin/luci/admin/status/overview?x=1#y': 'https://[fd00::1]:8443/ubus',
		'http://openwrt/cgi-bin/luci/;stok=0123456789abcdef/admin': 'http://openwrt/ubus',
		'http://openwrt/ubus': 'http://openwrt/ubus',
		'http://openwrt/index.html': 'http://openwrt/ubus',
		'https://example.org/home/cgi-bin/luci': 'https://example.org/home/ubus',
		'https://example.org/home/': 'https://example.org/home/ubus',
	};
	for (const [text, url] of Object.entries(forms)) {
		const location = LuciLocation.parse(text);
		assert(location instanceof LuciLocation, `${text}: ${location}`);
		assert.equal(location.at('/ubus').href, url, text);
	}
	for (const text of ['', 'ftp://192.168.1.1', 'http://root:secret@192.168.1.1', 'http://', 'fe80::1%eth0', '::1']) {
		const wrong = LuciLocation.parse(text);
		assert.equal(typeof wrong, 'string', text);
		assert.doesNotMatch(String(wrong), /secret/);
	}
	const fake = await router('15.05');
	assert.equal((await wanAt(`${fake.url}/cgi-bin/luci/admin/network`).wan.sample()).devices.length, 1);
});

/** Lets the router's clock go on beside ours until `done`. */
async function seconds(fake: FakeLuci, clock: WaitClock, done: Promise<unknown>): Promise<void> {
	let over = false;
	const end = () => {
		over = true;
	};
	done.then(end, end);
	while (!over) {
		if (clock.waiting === 0) await clock.advance(0);
		else {
			fake.now += 2;
			await clock.advance(2_000);
		}
	}
}

test('it explains every sentence in docs/luci.md', () => {
	const page = readFileSync('docs/luci.md', 'utf8');
	const { http: _transport, stopped: _ours, ...told } = luciErrors;
	const sentences = Object.values(told).map((make) => make('HOST', 'X', 'Y').message);
	assert(sentences.length >= 10);
	const explained = [...page.matchAll(/`([^`]*)`/g)].map(([, text]) => text!.split(/\s*\.\.\.:?\s*/).filter(Boolean));
	for (const sentence of sentences) {
		const found = explained.some(
			(parts) => parts.join('').length > 8 && parts.every((part) => sentence.includes(part)),
		);
		assert(found, `docs/luci.md does not explain: ${sentence}`);
	}
});
