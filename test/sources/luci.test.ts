import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { luciErrors } from '../../src/sources/lucierror.ts';
import { LuciLocation } from '../../src/sources/lucilocation.ts';
import { releases } from '../fakes/lucirelease.ts';
import { bytes, failure, minute, type Release, router, seconds, wanAt, wanOf } from './lucidriver.ts';

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
