// The view of a range against the API: every figure that it shows is what the API says, in both languages, and what is
// clicked stands in the address.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { bytes, percent } from '../../src/dashboard/language/format.ts';
import { speak } from '../../src/dashboard/language/language.ts';
import { parseRange } from '../../src/dashboard/parts/range.ts';
import { until } from '../fakes/until.ts';
import { fillHome } from './home.ts';
import { openTab, rig, settled, skip, type Tab } from './rig.ts';

const home = rig(async (master) => void (await fillHome(master)));

interface Sum {
	readonly download: number;
	readonly upload: number;
	readonly total: number;
}
type Balance = Readonly<Record<string, Sum | null>>;

/** The range of the address, as the page asks for it. */
function between(range: string): string {
	const { from, to } = parseRange(range, Date.now());
	return `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
}

const texts = (page: Page, selector: string) => page.locator(selector).allInnerTexts();
/** Blanks of any width are one. */
const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

async function cards(page: Page): Promise<string[]> {
	return (await texts(page, '#view .figure')).map((text) => plain(text).replace(/ [+-]?\d+ ?%(?= [\d–])/, ''));
}

for (const locale of ['en-GB', 'zh-CN']) {
	test(`it shows the sums, the equations and the lists that the API has, in ${locale}`, { skip }, async (t) => {
		const tab = await openTab(t, home(), { locale });
		speak(locale === 'zh-CN' ? 'zh' : 'en');
		for (const range of ['24h', '7d']) {
			await tab.go(`#history?range=${range}`);
			const sums = await tab.api<Balance>(`stats?type=balance&${between(range)}`);
			const shown = await cards(tab.page);
			// An old agent counts no WAN: all paths are more than the line.
			const whole = sums.core!.total + sums.overhead!.total + sums.bypass!.total;
			assert.ok(whole > sums.wan!.total);
			for (const [at, name] of ['wan', 'direct', 'proxy', 'bypass', 'unattributed'].entries()) {
				const { download, upload, total } = sums[name]!;
				const figures = plain(`${bytes(total)} ↓${bytes(download)} ↑${bytes(upload)}`).replaceAll(' ', '');
				assert.ok(shown[at]!.replaceAll(' ', '').includes(figures), `${name}: ${shown[at]} has no ${figures}`);
				if (name !== 'wan') assert.ok(shown[at]!.includes(plain(percent(total / whole))), `${shown[at]}: share`);
			}
			const equations = (await texts(tab.page, '.equation')).map(plain);
			assert.equal(equations.length, 2);
			for (const name of ['wan', 'core', 'overhead', 'bypass', 'unmeasured']) {
				assert.ok(equations[0]!.includes(plain(bytes(sums[name]!.total))), `${name} in ${equations[0]}`);
			}
			assert.equal(await tab.page.locator('.equation.right').count(), 2);
			for (const list of ['device', 'host', 'node', 'rule', 'process', 'geoip', 'network', 'agent']) {
				await compareList(tab, list, `sort_by=total&limit=8&${between(range)}`);
			}
		}
	});
}

/** The first page of a list, row for row. */
async function compareList({ page, api }: Tab, list: string, query: string): Promise<void> {
	const card = page.locator(`[data-list="${list}"]`);
	await card.scrollIntoViewIfNeeded();
	await settled(page);
	const rows = await api<(Sum & Record<string, unknown>)[]>(`stats?type=group&group_by=${list}&${query}`);
	const shown = await card.locator('tbody tr').all();
	assert.equal(shown.length, rows.length, list);
	const cells = await Promise.all(shown.map((row) => row.locator('td').allInnerTexts()));
	const wanted = rows.map(({ download, upload, total }) =>
		[download, upload, total].map((count) => plain(bytes(count))),
	);
	assert.deepEqual(
		cells.map((row) => row.map(plain)),
		wanted,
		list,
	);
	const exact = await card.locator('tbody tr').first().locator('td').last().getAttribute('title');
	assert.equal(exact!.replaceAll(/\D/g, ''), String(rows[0]!.total));
}

test('it narrows everything to a row that is clicked, and to that address again', { skip }, async (t) => {
	const tab = await openTab(t, home());
	speak('en');
	await tab.go('#history?range=7d');
	const card = tab.page.locator('[data-list="host"]');
	await card.locator('tbody button', { hasText: /^video\.example$/ }).click();
	await tab.page.waitForURL(/host=video\.example/);
	await settled(tab.page);
	assert.match(plain((await texts(tab.page, '.chip'))[0]!), /Host video\.example/);
	const check = async (page: Page) => {
		const sums = await tab.api<Balance>(`stats?type=balance&host_is=video.example&${between('7d')}`);
		assert.ok((await cards(page))[2]!.includes(plain(bytes(sums.proxy!.total))));
		// A WAN has no hosts: it is unknown here, and no zero; nor is there anything to add up.
		assert.match((await cards(page))[0]!, /– ↓ ?– ↑ ?– not known by this filter/);
		assert.equal(await page.locator('.equation').count(), 0);
	};
	await check(tab.page);
	const again = await openTab(t, home(), { url: tab.page.url() });
	await settled(again.page);
	await check(again.page);
	await again.page.locator('.chip').click();
	await settled(again.page);
	assert.doesNotMatch(again.page.url(), /host=/);
	assert.equal(await again.page.locator('.equation').count(), 2);
	await again.page.goBack();
	await settled(again.page);
	await check(again.page);
});

test('it shows what bypassed the core when that is asked for alone, and nothing else as 0', { skip }, async (t) => {
	const tab = await openTab(t, home());
	speak('en');
	await tab.go('#history?range=7d&class=bypass');
	const { bypass } = await tab.api<Balance>(`stats?type=balance&${between('7d')}`);
	const shown = await cards(tab.page);
	assert.ok(shown[3]!.startsWith(plain(`Bypass ${bytes(bypass!.total)} ↓`)), shown[3]);
	for (const at of [0, 1, 2, 4]) assert.match(shown[at]!, /– ↓ ?– ↑ ?–/);
	assert.equal(await tab.page.locator('.rank:visible').count(), 0);
	assert.equal(await tab.page.locator('.u-over').count(), 1);
});

test('it searches, sorts and pages a list, and keeps that in the address', { skip }, async (t) => {
	const tab = await openTab(t, home());
	speak('en');
	await tab.go('#history?range=7d&list=host');
	const card = tab.page.locator('[data-list="host"]');
	assert.equal(await tab.page.locator('.rank:visible').count(), 1);
	await card.locator('input').fill('N1');
	await tab.page.waitForURL(/host\.q=N1/);
	await settled(tab.page);
	const rows = await tab.api<{ host: string }[]>(
		`stats?type=group&group_by=host&query=N1&sort_by=total&limit=50&${between('7d')}`,
	);
	assert.ok(rows.length > 3 && rows.every(({ host }) => host.includes('n1')));
	assert.deepEqual(
		await card.locator('tbody th .link').allInnerTexts(),
		rows.map(({ host }) => host),
	);
	await card.locator('thead button', { hasText: 'Up' }).click();
	await settled(tab.page);
	assert.match(tab.page.url(), /host\.sort=upload/);
	const sorted = await tab.api<{ host: string }[]>(
		`stats?type=group&group_by=host&query=N1&sort_by=upload&limit=50&${between('7d')}`,
	);
	assert.deepEqual(
		await card.locator('tbody th .link').allInnerTexts(),
		sorted.map(({ host }) => host),
	);
	assert.equal(await card.locator('[aria-sort="descending"]').innerText(), 'Up ↓');
	await card.locator('input').fill('nothing-is-called-so');
	await tab.page.waitForURL(/nothing-is-called-so/);
	await settled(tab.page);
	assert.match(await card.innerText(), /Nothing has “nothing-is-called-so” in it/);
});

test('it zooms to what is dragged over, and out again', { skip }, async (t) => {
	const tab = await openTab(t, home());
	await tab.go('#history?range=24h');
	const box = (await tab.page.locator('.u-over').boundingBox())!;
	await tab.page.mouse.move(box.x + box.width * 0.25, box.y + 40);
	await tab.page.mouse.down();
	await tab.page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
	await tab.page.mouse.up();
	await tab.page.waitForURL(/range=2\d{3}-/);
	await settled(tab.page);
	const range = /range=([^&]+)/.exec(decodeURIComponent(tab.page.url()))![1]!;
	const { from, to } = parseRange(range, Date.now());
	assert.ok(Math.abs(to - from - 6 * 3_600_000) <= 15 * 60_000, `${(to - from) / 60_000} min of a quarter of a day`);
	const sums = await tab.api<Balance>(`stats?type=balance&${between(range)}`);
	speak('en');
	assert.ok((await cards(tab.page))[1]!.includes(plain(bytes(sums.direct!.total))));
	await tab.page.getByRole('button', { name: 'Zoom out' }).click();
	await settled(tab.page);
	const wider = parseRange(/range=([^&]+)/.exec(decodeURIComponent(tab.page.url()))![1]!, Date.now());
	assert.equal(wider.to - wider.from, 3 * (to - from));
});

test('it says the chart in words: a table whose columns add up to the cards', { skip }, async (t) => {
	const tab = await openTab(t, home());
	await tab.go('#history?range=24h');
	await tab.page.locator('summary').click();
	// The rows are made when the browser tells of the opening, a moment after the click.
	const rows = tab.page.locator('.chart-table tbody tr');
	await until(async () => (await rows.count()) > 0, 'the table has come');
	assert.equal(await rows.count(), 288);
	const series = await tab.api<{ class: string; points: { value: number }[] }[]>(
		`stats?type=timeseries&interval=5m&split_by=class&metric=download&${between('24h')}`,
	);
	const peak = series
		.find((line) => line.class === 'proxy')!
		.points.reduce((at, { value }, index, all) => (value > all[at]!.value ? index : at), 0);
	const heads = await tab.page.locator('.chart-table thead th').allInnerTexts();
	speak('en');
	const cell = tab.page
		.locator('.chart-table tbody tr')
		.nth(peak)
		.locator('td')
		.nth(heads.indexOf('Proxy ↓') - 1);
	assert.equal(
		plain(await cell.innerText()),
		plain(bytes(series.find((line) => line.class === 'proxy')!.points[peak]!.value)),
	);
	assert.match((await tab.page.locator('.chart-plot').getAttribute('aria-label'))!, /Bytes of each class/);
});

test('it says nothing, busy or broken in ways that differ', { skip }, async (t) => {
	const tab = await openTab(t, home(), { expected: /Failed to load|ERR_/ });
	await tab.go('#history?range=2020-01-01..2020-01-31');
	assert.match(await tab.page.locator('.chart-body').innerText(), /Nothing in this range/);
	await tab.page.route('**/api/v1/stats?type=balance*', (route) => route.abort());
	await tab.go('#history?range=7d');
	const alert = tab.page.getByRole('alert').first();
	assert.match(await alert.innerText(), /Offline/);
	await tab.page.unroute('**/api/v1/stats?type=balance*');
	await alert.getByRole('button').click();
	await tab.page.waitForSelector('.equation');
	await tab.page.route('**/api/v1/stats?type=balance*', (route) =>
		route.fulfill({
			status: 503,
			json: { status: 'error', data: null, message: 'the question took longer than 15 s' },
		}),
	);
	await tab.go('#history?range=30d');
	assert.match(await alert.innerText(), /longer than 15 s/);
});
