// Every view as it is seen: by axe-core in both themes, and in both languages at three widths.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axeFaults } from '../fakes/dashboardtab.ts';
import { fillHome } from './home.ts';
import { openTab, rig, settled, skip, viewNames } from './rig.ts';

const home = rig(async (master) => void (await fillHome(master)));

/** Texts that their own box cuts off and that no title tells whole, and what is wider than the window. */
const cutOff = `(() => {
	const [sheet] = document.styleSheets;
	// What is only heard has no place that it could be cut off by.
	sheet.insertRule('.unseen { display: none }', sheet.cssRules.length);
	const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
	const cut = [...document.querySelectorAll('body *')].filter((one) => {
		const { overflowX, display, visibility } = getComputedStyle(one);
		if (overflowX !== 'hidden' || one.closest('.unseen, [hidden], canvas, .chart-plot') || display === 'inline') return false;
		if (one.matches('.side .label') || one.clientWidth <= 1 || visibility === 'hidden') return false;
		const told = [one.title, one.closest('[title]')?.title ?? '', one.getAttribute('aria-label') ?? ''].join(' ');
		return one.scrollWidth > one.clientWidth + 1 && !told.includes(one.textContent.trim());
	});
	return [...(wide > 0 ? ['the page is ' + wide + ' px too wide'] : []), ...cut.map((one) => one.className + ': ' + one.textContent)];
})()`;

for (const colorScheme of ['light', 'dark'] as const) {
	test(`it has nothing that axe-core finds serious, in ${colorScheme}`, { skip }, async (t) => {
		const tab = await openTab(t, home(), { colorScheme });
		for (const view of await viewNames(tab.page)) {
			await tab.go(`#${view}?range=7d&class=proxy`);
			assert.deepEqual(await axeFaults(tab.page), [], view);
		}
	});
	test(`it has nothing at the login that axe-core finds serious, in ${colorScheme}`, { skip }, async (t) => {
		const { page } = await openTab(t, home(), { colorScheme, token: '', expected: /401/ });
		await settled(page);
		assert.deepEqual(await axeFaults(page), []);
	});
}

for (const locale of ['en-GB', 'zh-CN']) {
	test(`it cuts nothing off at three widths, in ${locale}`, { skip }, async (t) => {
		const tab = await openTab(t, home(), { locale });
		for (const width of [390, 820, 1280]) {
			await tab.page.setViewportSize({ width, height: 9000 });
			for (const view of await viewNames(tab.page)) {
				await tab.go(`#${view}`);
				assert.deepEqual(await tab.page.evaluate(cutOff), [], `${view} at ${width}`);
			}
		}
	});
}
