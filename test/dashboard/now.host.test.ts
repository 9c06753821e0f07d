// The view of now against what agents say: figures, what grows old, who is away, and who says nothing.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { bytes, rate } from '../../src/dashboard/language/format.ts';
import { speak } from '../../src/dashboard/language/language.ts';
import type { LivePart } from '../../src/wire.ts';
import { until } from '../fakes/until.ts';
import { netmonBody, row } from '../master/body.ts';
import { fillHome, liveNow, send } from './home.ts';
import { openTab, rig, skip } from './rig.ts';

const home = rig(async (master) => void (await fillHome(master)));
const plain = (text: string) => text.replaceAll(/\s+/g, '');

/** Says it over and over, as an agent does while somebody looks, until it is told to be quiet. */
function talk(t: TestContext, live: LivePart, agent = 'home'): () => Promise<void> {
	const control = new AbortController();
	const talking = (async () => {
		while (!control.signal.aborted) {
			await send(home().master, netmonBody([], [], { agent, epoch: 'now', instance: 'first', after: 0, live }));
			await setTimeout(300);
		}
	})();
	const quiet = () => {
		control.abort();
		return talking;
	};
	t.after(quiet);
	return quiet;
}

const card = (page: Page, at: number) => page.locator('#view .figure').nth(at);

for (const locale of ['en-GB', 'zh-CN']) {
	test(`it shows the speeds, connections and health that agents tell, in ${locale}`, { skip }, async (t) => {
		const { page } = await openTab(t, home(), { locale });
		speak(locale === 'zh-CN' ? 'zh' : 'en');
		const live = liveNow('video.example', 'mail.example.org');
		talk(t, live);
		const { wan, direct, proxy, bypass, unattributed } = live.speeds;
		await page.locator('.pill.live-on').waitFor();
		for (const [at, speed] of [wan, direct, proxy, bypass, unattributed].entries()) {
			const { up, down } = speed!;
			const wanted = plain(`${rate(up + down)}↓${rate(down)}↑${rate(up)}`);
			await page
				.locator('#view .figure')
				.nth(at)
				.filter({ hasText: rate(down) })
				.waitFor();
			assert.ok(plain(await card(page, at).innerText()).includes(wanted), await card(page, at).innerText());
		}
		const rows = page.locator('#view .list tbody tr');
		await rows.nth(1).waitFor();
		const busiest = [...live.busiest].sort((a, b) => b.down + b.up - a.down - a.up);
		for (const [at, { host, down, up }] of busiest.entries()) {
			const row = plain(await rows.nth(at).innerText());
			for (const part of [host, rate(down), rate(up)]) assert.ok(row.includes(plain(part)), `${part} in ${row}`);
		}
		// The device by its name, not by its address.
		assert.match(await rows.nth(1).innerText(), /phone/);
		const agent = page.locator('.agent', { hasText: 'home' });
		assert.match(await agent.innerText(), /procfs · pppoe-wan/);
	});
}

test('it calls nothing now that was said long ago, and nothing zero that nobody knows', { skip }, async (t) => {
	const { page } = await openTab(t, home());
	await page.clock.install();
	await page.reload();
	const { speeds } = liveNow();
	const quiet = talk(t, {
		...liveNow('video.example'),
		speeds: { ...speeds, wan: null, bypass: null, overhead: null },
	});
	await page.locator('#view .figure').nth(0).filter({ hasText: 'no WAN counters' }).waitFor();
	assert.match(plain(await card(page, 0).innerText()), /^WAN–↓–↑–noWANcounters$/);
	assert.match(await card(page, 1).innerText(), /of the core/);
	await quiet();
	// More than six seconds later, by the browser's clock.
	await page.clock.fastForward(7_000);
	await page.locator('.pill.live-stale').waitFor();
	await page.locator('#view .figure').nth(1).filter({ hasText: 'unknown' }).waitFor();
	assert.match(plain(await card(page, 1).innerText()), /^Direct–↓–↑–unknown$/);
	assert.match(await page.locator('.agent', { hasText: 'home' }).innerText(), /Stale/i);
	assert.match(await page.getByRole('region', { name: 'Open right now' }).innerText(), /not known/);
});

test('it shows an old agent as what it is: it syncs, and tells nothing of now', { skip }, async (t) => {
	const { page } = await openTab(t, home());
	const agent = page.locator('.agent', { hasText: 'attic' });
	await agent.waitFor();
	assert.match(await agent.innerText(), /online/);
	assert.match(await agent.innerText(), /an old agent/);
	await agent.getByRole('button').click();
	await page.waitForURL(/agent_id=attic/);
	assert.match(plain(await card(page, 0).innerText()), /^WAN–↓–↑–/);
	await page.getByRole('combobox').selectOption('');
	await page.waitForURL((url) => !url.hash.includes('agent_id'));
});

test('it adds what two agents say, and says of how many the sum is', { skip }, async (t) => {
	const { page } = await openTab(t, home());
	const live = liveNow();
	talk(t, live);
	talk(t, { ...live, speeds: { ...live.speeds, direct: { up: 1_000, down: 80_000 } } }, 'cabin');
	speak('en');
	await page
		.locator('#view .figure')
		.nth(1)
		.filter({ hasText: rate(200_000) })
		.waitFor();
	const { up, down } = live.speeds.direct!;
	assert.ok(plain(await card(page, 1).innerText()).includes(plain(bytes(up + down + 81_000))));
	// The old one is not among them.
	await page.locator('.view-head', { hasText: /2 of 3 agents/ }).waitFor();
});

test('it says so when the master is away, and comes back by itself', { skip }, async (t) => {
	const { page } = await openTab(t, home(), { expected: /Failed to load|ERR_/ });
	talk(t, liveNow());
	await page.locator('.pill.live-on').waitFor();
	await page.route('**/api/v1/live', (route) => route.abort());
	await page.reload();
	await page.locator('.pill.live-broken').waitFor();
	assert.match(await page.locator('.view-head').innerText(), /Offline/);
	await page.unroute('**/api/v1/live');
	await page.locator('.pill:is(.live-on, .live-stale)').waitFor({ timeout: 20_000 });
});

test('it keeps the focus on the row that somebody is on, while rows pass by it and when it goes', {
	skip,
}, async (t) => {
	const { master } = home();
	const { page } = await openTab(t, home());
	let open: string[] = [];
	const telling = setInterval(() => {
		const live = liveNow(...open);
		master.live.tell('home', { ...live, busiest: live.busiest.map((one) => ({ ...one, id: one.host })) }, null);
	}, 200);
	t.after(() => clearInterval(telling));
	const tell = (...hosts: string[]) => {
		open = hosts;
	};
	const rows = page.locator('#view .list tbody tr');
	const shown = async (...hosts: string[]) => {
		const names = () => rows.locator('.link:not(.muted)').allInnerTexts();
		await until(async () => String(await names()) === String(hosts), `${hosts} are shown`);
	};
	const focused = () => page.evaluate<string>('document.activeElement.textContent');
	// The later one is told of, the more it moves.
	tell('c.example', 'b.example', 'a.example');
	await shown('a.example', 'b.example', 'c.example');
	await rows.nth(2).getByRole('button', { name: 'c.example' }).focus();
	await page.evaluate('window.left = 0; document.activeElement.addEventListener("blur", () => { window.left += 1; })');
	for (const order of [
		['a.example', 'b.example', 'c.example'],
		['b.example', 'c.example', 'a.example'],
		['d.example', 'c.example', 'b.example', 'a.example'],
	]) {
		tell(...order);
		await shown(...[...order].reverse());
		assert.equal(await focused(), 'c.example');
	}
	assert.equal(await page.evaluate('window.left'), 0);
	tell('d.example', 'b.example', 'a.example');
	await shown('a.example', 'b.example', 'd.example');
	assert.equal(await focused(), 'd.example');
});

test('it says shares that add up to all paths, and shows the line by its own counter beside them', {
	skip,
}, async (t) => {
	const { page } = await openTab(t, home());
	speak('en');
	const live = liveNow('video.example');
	// The core's burst is not on the WAN's counter yet.
	talk(t, { ...live, speeds: { ...live.speeds, wan: { up: 9_000, down: 90_000 } } });
	await page.locator('#view .figure').nth(1).filter({ hasText: 'of all paths' }).waitFor();
	const shares = await Promise.all(
		[1, 2, 3, 4].map(async (at) => Number(/([\d.]+) ?% of all paths/.exec(await card(page, at).innerText())?.[1] ?? 0)),
	);
	const sum = shares.reduce((a, b) => a + b, 0);
	assert.ok(sum > 90 && sum <= 100.1, `${shares}`);
	assert.deepEqual(await page.locator('.legend li').last().innerText(), 'WAN');
	await page.locator('summary').click();
	await until(async () => (await page.locator('.chart-table thead th').count()) > 0, 'the table has come');
	assert.deepEqual((await page.locator('.chart-table thead th').allInnerTexts()).slice(-2), ['WAN ↓', 'WAN ↑']);
});

test('it stays readable with 50 agents: the worst first, all of them in the picker, the most active rows alone', {
	skip,
}, async (t) => {
	const { master } = home();
	const names = Array.from(
		{ length: 48 },
		(_, at) => `site-${at + 1}${at === 9 ? '.a-rather-long-name.example.net' : ''}`,
	);
	const bucket = Math.floor(Date.now() / 300_000) * 300 - 600;
	for (const agent of names) {
		await send(master, netmonBody([row({ seq: 1, bucket })], [], { agent, epoch: agent, instance: agent }));
	}
	const live = liveNow(...Array.from({ length: 6 }, (_, at) => `${at}.example`));
	const telling = setInterval(() => {
		for (const name of names.slice(3)) master.live.tell(name, live, null);
	}, 300);
	t.after(() => clearInterval(telling));
	const { page } = await openTab(t, home());
	await until(async () => (await page.locator('.agent').count()) === 6, 'the agents have come');
	assert.ok((await page.locator('select option').count()) >= 51);
	await page.locator('.view-head', { hasText: /45 of 5\d agents/ }).waitFor();
	const more = page.getByRole('button', { name: 'Show 200 of 270, the most active' });
	await more.click();
	await until(async () => (await page.locator('#view .list tbody tr').count()) === 200, 'the rows are there');
	await page.getByRole('button', { name: /Show all 5\d/ }).click();
	await until(async () => (await page.locator('.agent').count()) >= 50, 'all agents are there');
	for (const width of [390, 1280]) {
		await page.setViewportSize({ width, height: 900 });
		assert.equal(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), 0);
	}
});
