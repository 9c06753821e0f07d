import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Status } from '../../src/sinks/statusfile.ts';
import { launchBrowser, noBrowser } from '../fakes/chromium.ts';
import { LuciPage } from '../fakes/lucipage.ts';
import { devicesExample, historyExample, topExample } from '../fakes/pageexamples.ts';
import { statusExample } from '../fakes/statusexample.ts';

const evil = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';

interface Shown {
	readonly tab: Page;
	readonly luci: LuciPage;
	text(): Promise<string>;
}

interface Facts {
	/** What `ubus call netmon status` answers; undefined: there is no such object. */
	status?: unknown;
	history?: unknown;
	devices?: unknown;
	top?: unknown;
	doctor?: unknown;
	log?: string;
	/** In UCI. */
	enabled?: string;
}

let browser: Browser | null = null;
before(async () => {
	if (!noBrowser) browser = await launchBrowser();
});
after(() => browser?.close());

/** Opens a view with these facts; fails on an error in the page, on HTML that was let in, and on foreign requests. */
function onPage(title: string, view: string, facts: Facts, body: (shown: Shown) => Promise<void>): void {
	test(title, async (t: TestContext) => {
		if (!browser) return t.skip('no chromium: the LuCI pages');
		const luci = new LuciPage({
			ubus: (object, method) => {
				const main = { '.type': 'agent', '.name': 'main', enabled: facts.enabled ?? '1' };
				if (object === 'uci') return { values: { main } };
				return object === 'netmon' ? facts[method as 'status'] : {};
			},
			log: facts.log ?? '',
		});
		const url = await luci.start();
		const context = await browser.newContext();
		try {
			const tab = await context.newPage();
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
			await context.close();
			await luci.stop();
		}
	});
}

const sums = (queued: number, dropped: number) => {
	const none = { up: 0, down: 0 };
	return { sealed: none, acknowledged: none, queued: { up: 0, down: queued }, dropped: { up: dropped, down: 0 } };
};
const kept: Status = {
	...statusExample(1),
	queue: {
		...{ usage: sums(7_000_000, 0), unattributed: sums(500_000, 40_000), wan: sums(1, 1), overhead: sums(1, 1) },
		...{ bypass: sums(1, 1), rows: 1_234, file_bytes: 409_600, power_cut_costs_seconds: 42 },
	},
	sync: {
		...{ state: 'waiting', last_success: '2026-11-23T05:29:30.000Z', backlog_seconds: 12 },
		...{ bytes_sent: 81_200_000, master: 'netmon', set_aside: 0 },
	},
};
onPage('it shows speeds, sums, the law and the health', 'overview', { status: kept }, async ({ text }) => {
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
		'1234 rows of 7.50 MB that flowed, a file of 410 kB; dropped so far: 40.0 kB',
		'would cost the last 42 s',
		'waiting, last reached 30 s ago, 12 s behind, 81.2 MB sent',
		// Today: proxy, and the core as the sum of its classes.
		'16.2 GB',
		'23.0 GB',
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
const hostile: unknown = {
	...bad,
	agent_id: evil,
	core: { ...bad.core, connected: false, url: evil },
	wan: { source: evil, devices: [evil], why: evil, notes: [evil] },
	health: [{ ...bad.health[0], part: evil, state: 'down', last_error: evil }],
};
onPage('it shows names and errors as text, never as HTML', 'overview', { status: hostile }, async ({ tab, text }) => {
	assert.ok((await text()).includes(evil));
	assert.equal(await tab.locator('#view img, #view script').count(), 0);
	assert.match(await tab.innerText('.alert-message >> nth=1'), /else set the controller's address and secret/);
});

onPage(
	'it says why the agent does not run',
	'overview',
	{
		status: { running: false },
		log: "daemon.err netmon: not started: there is no Node at /usr/bin/node; 'opkg install node'\n",
	},
	async ({ tab, text }) => {
		await tab.waitForSelector('.alert-message >> nth=1');
		assert.match(await text(), /not started: there is no Node at [\s\S]*netmon is not running\. The log says why/);
		assert.match(String(await tab.getAttribute('.alert-message a', 'href')), /admin\/services\/netmon\/settings$/);
	},
);

onPage(
	'it says that it is switched off',
	'overview',
	{ status: { running: false }, enabled: '0' },
	async ({ tab, text }) => {
		await tab.waitForSelector('.alert-message');
		assert.match(await text(), /netmon is switched off/);
	},
);

onPage('it says so when there is no plugin', 'overview', {}, async ({ tab, text }) => {
	await tab.waitForSelector('.alert-message');
	assert.match(await text(), /netmon is not running/);
});

const history = historyExample();
const rowsOf = (tab: Page) => tab.locator('.tr:not(.table-titles)').allInnerTexts();
const heights = (tab: Page, chart: number) =>
	tab.$$eval(`svg >> nth=${chart}`, ([svg]) =>
		[...svg!.querySelectorAll('g')].map((group) =>
			[...group.querySelectorAll('rect')].reduce((sum, rect) => sum + Number(rect.getAttribute('height')), 0),
		),
	);

onPage(
	"it draws 24 hours in steps of 5 minutes of the router's day, and an hour a row",
	'history',
	{ history },
	async ({ tab, text }) => {
		const drawn = await heights(tab, 0);
		assert.equal(drawn.length, 288);
		assert.deepEqual(
			[...drawn.entries()].filter(([, tall]) => tall === 0).map(([index]) => index),
			[150, 151, 152, 153, 154, 155, 156],
		);
		// The tallest is what the scale makes of it: the classes without the sum of all, of 500 MB.
		const most = Math.max(
			...history.steps.map(({ classes }) =>
				Object.entries(classes).reduce((sum, [name, [, down]]) => sum + (name === 'wan' ? 0 : down), 0),
			),
		);
		assert.match(await text(), /500 MB/);
		assert.ok(Math.abs(Math.max(...drawn) - (120 * most) / 500e6) < 0.2);
		const rows = await rowsOf(tab);
		assert.equal(rows.length, 25, 'newest first, the hour that began yesterday last');
		assert.match(rows[0]!, /^13:00/);
		assert.match(rows.at(-1)!, /^13:00/);
		assert.match(String(await tab.locator('svg g').nth(287).locator('title').textContent()), /^13:30: /);
	},
);

onPage(
	'it adds days up to months, and tells devices by their names',
	'history',
	{ history, devices: devicesExample() },
	async ({ tab }) => {
		await tab.click('.cbi-tabmenu a >> text=Months');
		const rows = async () => (await rowsOf(tab)).map((row) => row.split(/\s*[\t\n]\s*/));
		const [month] = await rows();
		const down = history.days
			.filter(({ day }) => day.startsWith('2026-11'))
			.reduce((sum, { classes }) => sum + classes.wan![1], 0);
		assert.equal(month![0], '2026-11');
		assert.match(month![1]!, new RegExp(`↓ ${(down / 1e9).toFixed(0)} GB`));
		await tab.click('.cbi-tabmenu a >> text=By device');
		const titles = await tab.$$eval('.table .th', (all) => all.map((one) => one.textContent));
		assert.deepEqual(titles.slice(0, 5), ['', 'Total', 'desk', 'tablet', 'tv']);
		assert.equal(titles.at(-1), 'others');
		await tab.click('.cbi-tabmenu a >> text=Days');
		assert.equal((await heights(tab, 0)).length, 31);
		assert.equal((await rows())[0]![0], '2026-11-23');
		await tab.click('.cbi-tabmenu a >> text=24 hours');
		assert.equal((await heights(tab, 1)).length, 24);
	},
);

const late: Facts = { history: { running: false } };
onPage(
	'it says when there is no history yet, and shows it as soon as it is there',
	'history',
	late,
	async ({ tab, text }) => {
		assert.match(await text(), /There is no history yet/);
		late.history = history;
		await tab.clock.runFor(1_600);
		await tab.waitForSelector('svg');
	},
);

const strangers = { ...devicesExample(), notes: [evil], left_out: 3 };
strangers.devices = strangers.devices.map((one, index) => (index === 0 ? { ...one, name: evil, today: null } : one));
onPage('it shows who is here, and names as text', 'devices', { devices: strangers }, async ({ tab, text }) => {
	const rows = (await rowsOf(tab)).map((row) => row.replace(/\s+/g, ' '));
	assert.equal(rows.length, 9);
	assert.ok(rows[0]!.includes(evil) && rows[0]!.includes('3c:7c:3f:10:00:01') && rows[0]!.includes('–'));
	assert.match(
		rows[1]!,
		/tablet random MAC 02:00:5e:10:00:17 192\.168\.1\.21 2001:db8:1::11 and 3 more ↓ [\d.]+ GB ↑ [\d.]+ MB ↓ /i,
	);
	assert.match(rows[7]!, /no name a4:cf:12:10:00:07 .* – \d+ days ago/);
	assert.match(rows[8]!, /no name MAC not known 192\.168\.1\.77/);
	assert.equal(await tab.locator('.label.warning').count(), 2);
	assert.match(await text(), /and 3 more\s*$/);
	assert.equal(await tab.locator('#view img, #view script').count(), 0);
});

const busy = topExample();
const hosts = [...busy.today.hosts.slice(1), [evil, 1, 2] as const];
onPage(
	'it shows the busiest of today and of the month with bars',
	'top',
	{ top: { ...busy, today: { ...busy.today, hosts } } },
	async ({ tab, text }) => {
		const shown = await text();
		assert.ok(shown.includes(evil) && shown.includes('not known'));
		const widths = await tab.$$eval('.netmon-share >> nth=0', ([bar]) =>
			[...bar!.children].map((part) => Number(/width: ?([\d.]+)%/.exec(part.getAttribute('style')!)![1])),
		);
		assert.ok(Math.abs(widths[0]! + widths[1]! - 100) < 0.1, 'the largest is the whole line');
		await tab.click('.cbi-tabmenu a >> text=This month');
		assert.match(await text(), /video\.example\.com\s+61\.0 GB/);
	},
);

onPage('it says so when the page is too large or nothing runs', 'top', { top: { error: evil } }, async ({ text }) => {
	assert.ok((await text()).includes(evil));
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
