import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Row } from '../../src/wire.ts';
import { launchBrowser, noBrowser } from '../fakes/chromium.ts';
import { FakeClock } from '../fakes/clock.ts';
import { axeFaults, type DashboardTab, openTab, type TabOptions } from '../fakes/dashboardtab.ts';
import { type FakeMaster, startMaster } from '../fakes/master.ts';
import { netmonBody, oldBody, record, row, uuid } from '../master/body.ts';

const now = Date.UTC(2026, 2, 20, 13);
const dayMs = 86_400_000;
const stops: (() => unknown)[] = [];
const skip = noBrowser && 'no chromium: the months';
let browser: Browser;
let master: FakeMaster;

/** A router that counts its WAN since 10 January, but for two days of March; and an old agent, since February. */
before(async () => {
	if (noBrowser) return;
	const clock = new FakeClock(Date.UTC(2026, 0, 10, 8));
	master = await startMaster({ after: (run) => stops.push(run) }, { clock });
	const send = (body: Buffer) =>
		fetch(`${master.url}/api/v1/sync`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
	let seq = 0;
	const rows: Row[] = [];
	for (let day = Date.UTC(2026, 0, 10, 12); day < now; day += dayMs) {
		const at = { bucket: day / 1000 };
		const size = 1 + ((day / dayMs) % 9);
		rows.push(row({ seq: ++seq, ...at, up: 40e6 * size, down: 900e6 * size }));
		if (day >= Date.UTC(2026, 2, 5) && day < Date.UTC(2026, 2, 7)) continue;
		rows.push(row({ seq: ++seq, ...at, kind: 'wan', device: 'wan', up: 60e6 * size, down: 950e6 * size }));
	}
	await send(netmonBody(rows.slice(0, 2), [[1, record()]], { tz: 'Europe/Berlin' }));
	clock.stepWall(Date.UTC(2026, 1, 1) - clock.wall());
	await send(oldBody([record({ id: uuid(9), last_updated: '2026-02-03T10:00:00Z', download: 5e9 })], 'attic'));
	clock.stepWall(now - clock.wall());
	const [from, to] = [Date.UTC(2026, 2, 10, 1) / 1000, Date.UTC(2026, 2, 10, 3) / 1000];
	const gaps = [{ from, to, what: 'the agent was not running' }];
	await send(netmonBody(rows.slice(2), [], { tz: 'Europe/Berlin', gaps, after: 2 }));
	await put('router', { limit: 200e9, levels: [50, 80, 100], used_before: 15e9 });
	browser = await launchBrowser();
});

after(async () => {
	await browser?.close();
	for (const stop of stops.reverse()) await stop();
});

const put = (agent: string, settings: object) =>
	fetch(`${master.url}/api/v1/quotas/${agent}`, {
		...{ method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(settings) },
	});

async function api<T>(path: string): Promise<T> {
	return ((await (await fetch(`${master.url}/api/v1/${path}`)).json()) as { data: T }).data;
}

/** Opens the months; fails on whatever the page may not do. */
async function onMonths(
	hash: string,
	options: Partial<TabOptions>,
	body: (tab: DashboardTab) => Promise<void>,
): Promise<void> {
	const tab = await openTab(browser, { url: master.url, now, ...options });
	try {
		await tab.page.goto(`${master.url}/#months${hash}`);
		await tab.page.waitForSelector('.calendar');
		await tab.page.waitForSelector('.quota');
		await body(tab);
		assert.deepEqual(tab.faults, []);
	} finally {
		await tab.close();
	}
}

/** What a screen reader says of a day. */
const heardOf = new Function(
	'day',
	"return [...day.children].filter((one) => !one.ariaHidden).map((one) => one.textContent).join('')",
) as (day: unknown) => string;
const plain = (text: string | null) => (text ?? '').replace(/[\u202f\u00a0]/g, ' ');
const text = async (page: Page, selector: string) => plain(await page.innerText(selector));
/** As the page writes them. */
const shown = (bytes: number) => {
	const [value, unit] = bytes >= 1e9 ? [bytes / 1e9, 'GB'] : [bytes / 1e6, 'MB'];
	const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
	const figure = new Intl.NumberFormat('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
	return `${figure.format(value)} ${unit}`;
};

test('it shows the figures of the API, for each day, month and cycle', { skip }, async () => {
	const [quota] =
		await api<{ used: number; remaining: number; percent: number; forecast: { used: number } }[]>('quotas');
	const day = (metric: string) =>
		api<{ time: string; value: number }[]>(
			`stats?type=timeseries&interval=day&metric=${metric}&class=wan&agent_id=router&from=2026-03-01&to=2026-04-01&tz=Europe/Berlin`,
		);
	const [down, up] = [await day('download'), await day('upload')];
	await onMonths('?agent_id=router&counts=wan', {}, async ({ page }) => {
		const card = await text(page, '.quota');
		for (const part of [
			`${shown(quota!.used)} of 200 GB`,
			`${Math.round(quota!.percent)}%`,
			`Remaining\n${shown(quota!.remaining)}`,
			`Forecast\n${shown(quota!.forecast.used)}`,
			'Cycle\n1 Mar – 31 Mar · 11 days left',
			'WAN, down and up; days of Europe/Berlin',
			'Used before netmon came\n15.0 GB',
			'50% reached 20 Mar 2026, 14:00',
			'80% not reached',
		]) {
			assert.ok(card.includes(part), `${part} in ${card}`);
		}
		for (let at = 0; at < 20; at += 1) {
			const sum = down[at]!.value + up[at]!.value;
			const label = plain(await page.locator('.calendar button.day').nth(at).evaluate(heardOf));
			const date = new Intl.DateTimeFormat('en-GB', {
				weekday: 'short',
				day: 'numeric',
				month: 'short',
				year: 'numeric',
			});
			const words = `${date.format(new Date(2026, 2, at + 1, 12))}, ${sum === 0 ? 'unknown' : shown(sum)}`;
			assert.ok(label.startsWith(words), `${label} is ${words}`);
		}
		assert.match(
			plain(await page.locator('.calendar .day.gap').first().evaluate(heardOf)),
			/Bytes may be missing: router \(the agent was not running\)/,
		);
		const month = [...down, ...up].reduce((sum, { value }) => sum + value, 0);
		assert.match(
			await text(page, '.month-row[aria-pressed="true"]'),
			new RegExp(`March 2026\\s+${shown(month)}[^]*2 days unknown`),
		);
		await page.click('.calendar .day >> nth=3');
		assert.match(page.url(), /#history\?.*range=2026-03-04\.\.2026-03-04/);
	});
});

test('it goes through days and months by the keyboard', { skip }, async () => {
	await onMonths('', {}, async ({ page }) => {
		const date = async () =>
			String(await page.evaluate(`(${heardOf})(document.activeElement)`)).replace(/ 2026.*/s, '');
		assert.equal(await page.locator('.calendar [tabindex="0"]').count(), 1);
		await page.focus('.calendar [tabindex="0"]');
		const walked: unknown[] = [];
		for (const key of ['ArrowLeft', 'ArrowUp', 'Home', 'ArrowLeft', 'ArrowDown', 'End']) {
			await page.keyboard.press(key);
			walked.push(await date());
		}
		const days = ['Thu, 19 Mar', 'Thu, 12 Mar', 'Sun, 1 Mar', 'Sun, 1 Mar', 'Sun, 8 Mar', 'Fri, 20 Mar'];
		assert.deepEqual(walked, days);
		await page.keyboard.press('PageUp');
		assert.equal(await page.innerText('.month h2'), 'February 2026');
		assert.match(page.url(), /month=2026-02/);
		assert.equal(await date(), 'Sat, 28 Feb');
		assert.equal(await page.isDisabled('[aria-label="The 12 months before"]'), true, 'nothing is older');
		await page.goto(`${master.url}/#months?years=1`);
		await page.waitForSelector('.month h2:has-text("March 2025")');
		assert.match(await text(page, '.month-row[aria-pressed="true"]'), /March 2025\s+unknown/);
		await page.click('[aria-label="The 12 months after"]');
		await page.waitForSelector('.month h2:has-text("March 2026")');
		assert.equal(
			await page.evaluate("document.activeElement.closest('section').contains(document.querySelector('.months'))"),
			true,
		);
	});
});

test('it sets, changes and removes a quota, and says what is wrong in the form', { skip }, async () => {
	await onMonths('', {}, async ({ page }) => {
		await page.click('text=Set a quota');
		await page.click('dialog button[type=submit]');
		assert.match(await text(page, 'dialog'), /A number above 0/);
		assert.equal(await page.evaluate("document.activeElement.closest('label').textContent"), 'Limit');
		const fill = (label: string, value: string) => page.fill(`dialog label:has-text("${label}") input`, value);
		await fill('Limit', '6');
		await fill('First day', '31');
		await fill('Warning levels', '90');
		await fill('Used before', '1.5');
		await fill('Webhook', 'http://127.0.0.1:1/secret');
		await page.selectOption('dialog label:has-text("What counts") select', 'all');
		await page.click('dialog button[type=submit]');
		await page.waitForSelector('dialog', { state: 'detached' });
		await page.waitForSelector('.quota:has-text("attic") .quota-bar');
		const saved = (await api<{ agent_id: string; webhook: string }[]>('quotas')).find(
			({ agent_id }) => agent_id === 'attic',
		);
		assert.deepEqual(
			[saved].map((one) => [
				(one as never as { limit: number }).limit,
				(one as never as { start_day: number }).start_day,
				one?.webhook,
			]),
			[[6e9, 31, 'http://127.0.0.1:1/***']],
		);
		await page.click('[aria-label="Edit the quota of attic"]');
		assert.equal(await page.inputValue('dialog label:has-text("Webhook") input'), '', 'a secret is not shown');
		await fill('Limit', '0.001');
		await page.keyboard.press('Enter');
		await page.waitForSelector('.quota:has-text("attic") .pill.over');
		await page.click('[aria-label="Edit the quota of attic"]');
		await page.keyboard.press('Escape');
		await page.waitForSelector('dialog', { state: 'detached' });
		await page.click('[aria-label="Edit the quota of attic"]');
		await page.click('dialog >> text=Remove');
		await page.waitForSelector('.quota.none:has-text("attic")');
		assert.equal((await api<unknown[]>('quotas')).length, 1);
	});
});

test('it speaks both languages, fits three widths in both themes, and keeps to what axe-core asks', {
	skip,
}, async () => {
	for (const [language, theme, width] of [
		['zh-CN', 'dark', 390],
		['en-GB', 'light', 820],
		['zh-CN', 'light', 1440],
		['en-GB', 'dark', 390],
	] as const) {
		await onMonths('', { language, theme, width }, async ({ page }) => {
			assert.equal(await page.innerText('h1'), language === 'zh-CN' ? '月度与配额' : 'Months and quotas');
			const over = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
			assert.equal(over, 0, `${width}: wider than the page`);
			const cut = await page.evaluate(
				"[...document.querySelectorAll('.day b')].filter((one) => one.scrollWidth > one.parentElement.clientWidth).map((one) => one.textContent)",
			);
			assert.deepEqual(cut, [], `${width}: figures that are cut off`);
			assert.deepEqual(await axeFaults(page), [], `${language} ${theme} ${width}`);
			await page.click('.quota button');
			assert.deepEqual(await axeFaults(page), [], `the form, ${language} ${theme} ${width}`);
		});
	}
});
