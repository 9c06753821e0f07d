import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Status } from '../../src/sinks/statusfile.ts';
import { LuciPage } from '../fakes/lucipage.ts';
import { statusExample } from '../fakes/statusexample.ts';

const program = '/usr/bin/chromium';
const evil = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';

interface Shown {
	readonly tab: Page;
	readonly luci: LuciPage;
	text(): Promise<string>;
}

interface Facts {
	/** What `ubus call netmon status` answers; undefined: there is no such object. */
	status: unknown;
	doctor?: unknown;
	log?: string;
}

/** Opens a view with these facts; fails on an error in the page, on HTML that was let in, and on foreign requests. */
function onPage(title: string, view: string, facts: Facts, body: (shown: Shown) => Promise<void>): void {
	test(title, async (t: TestContext) => {
		if (!existsSync(program)) return t.skip('no chromium: the LuCI pages');
		const luci = new LuciPage({
			ubus: (object, method) => {
				if (object === 'uci') return { values: { main: { '.type': 'agent', '.name': 'main', enabled: '1' } } };
				return object === 'netmon' ? (method === 'doctor' ? facts.doctor : facts.status) : {};
			},
			log: facts.log ?? '',
		});
		const url = await luci.start();
		let browser: Browser | null = null;
		try {
			browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox'] });
			const tab = await browser.newPage();
			const errors: string[] = [];
			tab.on('pageerror', (error) => errors.push(String(error.stack)));
			tab.on('request', (request) => {
				if (!request.url().startsWith(url)) errors.push(`asked ${request.url()}`);
			});
			await tab.clock.install();
			await tab.goto(`${url}/cgi-bin/luci/admin/services/netmon/${view}`);
			await tab.waitForSelector('#view h2');
			await body({ tab, luci, text: () => tab.innerText('#view') });
			assert.deepEqual(errors, []);
			assert.equal(await tab.evaluate('window.pwned'), undefined);
		} finally {
			await browser?.close();
			await luci.stop();
		}
	});
}

onPage('it shows speeds, sums, the law and the health', 'overview', { status: statusExample(1) }, async ({ text }) => {
	const page = await text();
	for (const part of [
		'Proxy',
		'5.40 MB/s',
		'310 kB/s',
		'WAN 65.5 GB = core 55.9 GB + overhead 2.99 GB + bypass 6.57 GB',
		'core 55.9 GB = attributed 54.8 GB + unattributed 1.17 GB',
		'mihomo v1.19.15 at ws://127.0.0.1:9090, 312 connections',
		'procfs: pppoe-wan; the default route goes out of pppoe-wan',
		'2 registered, 41400 frames sent',
		'OpenWrt-3f2a, version 0.1.0, Node 20.20.2, running for 11 h',
		'99.9 %',
	]) {
		assert.ok(page.includes(part), `${part} is not in:\n${page}`);
	}
});

const changing: { status: Status } = { status: statusExample(0.1) };
onPage(
	'it asks again every 2 s and draws what came, on top of one another',
	'overview',
	changing,
	async ({ tab, luci }) => {
		const points = (): Promise<string[]> =>
			tab.$$eval('polygon', (areas) => areas.map((area) => String(area.getAttribute('points'))));
		const first = await points();
		assert.equal(first.length, 12);
		changing.status = statusExample(1);
		const asked = () => luci.calls.filter((call) => call === 'netmon status').length;
		const before = asked();
		await tab.clock.runFor(2_100);
		await tab.waitForFunction(`document.querySelector('polygon').getAttribute('points') !== '${first[0]}'`);
		assert.equal(asked(), before + 1);
		// The newest sample's roof and floor of each area: its floor is the roof of the one under it.
		const areas = (await points()).slice(0, 6).map((one) => {
			const heights = one.split(' ').map((point) => Number(point.split(',')[1]));
			return { roof: heights[heights.length / 2 - 1]!, floor: heights[heights.length / 2]! };
		});
		for (const [index, { roof, floor }] of areas.entries()) {
			assert.ok(roof <= floor, 'a roof is above its floor (y grows downwards)');
			assert.equal(floor, index === 0 ? 120 : areas[index - 1]!.roof);
		}
		// 8.97 MB/s of a scale of 10 MB/s.
		assert.ok(Math.abs(areas.at(-1)!.roof - 120 * (1 - 8.97 / 10)) < 0.2, String(areas.at(-1)!.roof));
	},
);

const unknown = { ...statusExample(), speeds: { ...statusExample().speeds, wan: null, overhead: null, bypass: null } };
onPage('it shows what is unknown as unknown', 'overview', { status: unknown }, async ({ tab }) => {
	const row = await tab.locator('.tr', { hasText: 'Bypass' }).first().innerText();
	assert.match(row, /–\s+–/);
});

const bad = statusExample();
const hostile = {
	...bad,
	agent_id: evil,
	core: { ...bad.core, connected: false, url: evil },
	wan: { source: evil, devices: [evil], why: evil, notes: [evil] },
	health: [{ ...bad.health[0], part: evil, state: 'down', last_error: evil }],
};
onPage('it shows names and errors as text, never as HTML', 'overview', { status: hostile }, async ({ tab, text }) => {
	assert.ok((await text()).includes(evil));
	assert.equal(await tab.locator('#view img, #view script').count(), 0);
	assert.match(await tab.innerText('.alert-message >> nth=1'), /set the controller's address and secret/);
});

onPage('it says so when the agent does not run', 'overview', { status: { running: false } }, async ({ text }) => {
	assert.match(await text(), /netmon is not running\. The log says why/);
});

onPage('it says so when there is no plugin', 'overview', { status: undefined }, async ({ text }) => {
	assert.match(await text(), /netmon is not running/);
});

onPage('it shows the log as text', 'log', { status: {}, log: `one\ntwo ${evil}\n` }, async ({ tab }) => {
	assert.equal(await tab.innerText('#view pre'), `one\ntwo ${evil}`);
});

onPage('it says so when the log has nothing', 'log', { status: {} }, async ({ text }) => {
	assert.match(await text(), /There is no line of netmon/);
});

const doctor = { code: 1, text: `the controller: ${evil}\n` };
onPage(
	'it runs the doctor and shows what it says as text',
	'settings',
	{ status: {}, doctor },
	async ({ tab, luci }) => {
		assert.ok(!luci.calls.includes('netmon doctor'), 'only when asked');
		await tab.click('text=Ask the doctor');
		await tab.waitForSelector('#modal_overlay pre');
		assert.equal((await tab.innerText('#modal_overlay pre')).trim(), `the controller: ${evil}`);
	},
);
