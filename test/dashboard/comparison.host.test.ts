// A range beside the one before it, point by point and row by row; and what is pressed keeps the focus.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { bytes, changeText } from '../../src/dashboard/language/format.ts';
import { say, speak } from '../../src/dashboard/language/language.ts';
import { until } from '../fakes/until.ts';
import { fillHome } from './home.ts';
import { openTab, rig, settled, skip } from './rig.ts';

const home = rig(async (master) => void (await fillHome(master)));

interface Sum {
	readonly download: number;
	readonly upload: number;
	readonly total: number;
}

/** Blanks of any width are one. */
const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

test('it puts the range before as a line over the chart, and names it there, in the tip and in the table', {
	skip,
}, async (t) => {
	for (const [locale, name] of [
		['en-GB', 'Range before'],
		['zh-CN', '前一时段'],
	] as const) {
		const tab = await openTab(t, home(), { locale });
		const now = Math.floor(Date.now() / 3_600_000) * 3_600_000;
		const moment = (hours: number) => `${new Date(now + hours * 3_600_000).toISOString().slice(0, 16)}Z`;
		// What the first ten hours hold is what was before the last ten.
		await tab.go(`#history?range=${moment(-10)}..${moment(0)}`);
		await tab.page.locator('.legend li', { hasText: name }).waitFor();
		await tab.page.locator('summary').click();
		const rows = tab.page.locator('.chart-table tbody tr');
		await until(async () => (await rows.count()) === 120, 'the table has come');
		const heads = (await tab.page.locator('.chart-table thead th').allInnerTexts()).slice(-2);
		assert.deepEqual(heads, [`${name} ↓`, `${name} ↑`]);
		const was = `from=${moment(-20).slice(0, 16)}Z&to=${moment(-10).slice(0, 16)}Z`;
		const series = await tab.api<{ class: string; metric: string; points: { value: number }[] }[]>(
			`stats?type=timeseries&interval=5m&split_by=class&metric=download,upload&${was}`,
		);
		const stack = ['direct', 'proxy', 'reject', 'unattributed', 'bypass', 'overhead'];
		const totals = (metric: string) =>
			Array.from({ length: 120 }, (_, at) =>
				series
					.filter((line) => line.metric === metric && stack.includes(line.class))
					.reduce((sum, { points }) => sum + points[at]!.value, 0),
			);
		const [down, up] = [totals('download'), totals('upload')];
		const first = down.findIndex((value, at) => value + up[at]! > 0);
		speak(locale === 'zh-CN' ? 'zh' : 'en');
		const wanted = down.map((value, at) => (at < first ? ['–', '–'] : [plain(bytes(value)), plain(bytes(up[at]!))]));
		assert.ok(first >= 0 && wanted.some(([one]) => one !== '–' && one !== '0 B'));
		const shown = await tab.page.evaluate<string[][]>(
			"[...document.querySelectorAll('.chart-table tbody tr')].map((row) => [...row.children].slice(-2).map((one) => one.textContent))",
		);
		assert.deepEqual(
			shown.map((row) => row.map(plain)),
			wanted,
		);
		await tab.page.locator('.u-over').hover({ position: { x: 300, y: 60 } });
		assert.match(await tab.page.locator('.chart-tip').innerText(), new RegExp(name));
	}
});

test('it compares each row of a list that stands alone, by one question more', { skip }, async (t) => {
	const tab = await openTab(t, home());
	speak('en');
	const now = Math.floor(Date.now() / 3_600_000) * 3_600_000;
	const moment = (hours: number) => `${new Date(now + hours * 3_600_000).toISOString().slice(0, 16)}Z`;
	await tab.go(`#history?range=${moment(-8)}..${moment(0)}&list=device`);
	const rows = tab.page.locator('[data-list="device"] tbody tr');
	await rows.filter({ hasText: '·' }).first().waitFor();
	const group = (from: number, to: number) =>
		tab.api<(Sum & { device: string; name: string | null })[]>(
			`stats?type=group&group_by=device&from=${moment(from)}&to=${moment(to)}`,
		);
	const [is, was] = [await group(-8, 0), await group(-16, -8)];
	const before = new Map(was.map(({ device, total }) => [device, total]));
	assert.ok(is.length > 3 && is.some(({ device }) => before.has(device)));
	for (const { device, name, total } of is) {
		// What no connection showed is in this range when the hour is young.
		const label = device === '(unattributed)' ? say('unattributed') : (name ?? device);
		const said = plain(await rows.filter({ hasText: label }).locator('th .muted').innerText());
		assert.equal(said.split(' · ')[1] ?? '', plain(changeText(total, before.get(device) ?? null)), device);
	}
	assert.equal(tab.asked.filter((address) => /group_by=device/.test(address)).length, 2);
});

test('it leaves the focus where somebody is: on a row, a head, a page, a chip, a card', { skip }, async (t) => {
	const tab = await openTab(t, home());
	speak('en');
	await tab.go('#history?range=7d&list=host&host.page=2');
	const card = tab.page.locator('[data-list="host"]');
	const focused = () =>
		tab.page.evaluate<string>(
			"document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
		);
	const press = async (target: Locator, changed: RegExp) => {
		await target.focus();
		await tab.page.keyboard.press('Enter');
		await tab.page.waitForURL(changed);
		await settled(tab.page);
	};
	await press(card.getByRole('button', { name: 'Page before' }), /list=host$/);
	// On the first page there is no way back: the one on is next to it.
	assert.equal(await focused(), 'Page after');
	await press(card.locator('thead button', { hasText: 'Up' }), /host\.sort=upload/);
	assert.equal(await focused(), 'Up ↓');
	await press(card.locator('thead button', { hasText: 'Up' }), /host\.order=asc/);
	assert.equal(await focused(), 'Up ↑');
	const row = card.locator('tbody button').nth(3);
	const name = await row.innerText();
	await press(row, /[?&]host=/);
	assert.equal(await focused(), name);
	assert.equal(await card.locator('tbody tr').count(), 1);
	await press(tab.page.locator('.figure', { hasText: 'Proxy' }), /class=proxy/);
	assert.match(await focused(), /^Proxy/);
	await press(tab.page.locator('.chip').first(), /^(?!.*class=)/);
	assert.match(await focused(), /^Host/);
	await press(tab.page.locator('.chip').first(), /^(?!.*[?&]host=)/);
	assert.equal(await tab.page.evaluate('document.activeElement.id'), 'view');
});
