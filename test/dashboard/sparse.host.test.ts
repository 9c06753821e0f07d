// Masters that know little: nobody has spoken to one, only an old agent to the other. What is not known is said, and is
// neither a zero nor a sum that proves itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axeFaults } from '../fakes/dashboardtab.ts';
import { startMaster } from '../fakes/master.ts';
import { oldBody, record, uuid } from '../master/body.ts';
import { send } from './home.ts';
import { openTab, rig, skip, token, viewNames } from './rig.ts';

const empty = rig(async () => {});
const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

test('it says on every view of an empty master that there is nobody, and shows no figure', { skip }, async (t) => {
	const { page, go } = await openTab(t, empty());
	for (const view of await viewNames(page)) {
		await go(`#${view}`);
		const said = plain(await page.locator('#view').innerText());
		assert.match(said, /No agent has spoken|Nothing in this range/, view);
		assert.doesNotMatch(said, /\b0 B|of the core|of all paths|Core 0/, view);
		assert.equal(await page.locator('.equation:visible, .rank:visible, .calendar:visible, .u-over:visible').count(), 0);
		assert.equal(await page.locator('#view select:visible option:only-child').count(), 0, `${view}: an empty box`);
		assert.deepEqual(await axeFaults(page), [], view);
	}
});

test('it says of an old agent what it cannot tell, in both themes', { skip }, async (t) => {
	const { browser } = empty();
	const master = await startMaster(t, { apiToken: token });
	const moment = (ago: number) => new Date(Date.now() - ago * 1000).toISOString();
	const seen = [1, 2, 3].map((n) =>
		record({ id: uuid(n), start: moment(900), last_updated: moment(600), download: 7_000 * n, upload: 0 }),
	);
	await send(master, oldBody(seen, 'attic'));
	for (const colorScheme of ['light', 'dark'] as const) {
		const { page, go } = await openTab(t, { browser, master }, { colorScheme });
		await page.locator('.pill.live-mute').waitFor();
		assert.match(await page.locator('#view').innerText(), /Nobody here tells of now: old agents only sync/);
		await go('#history');
		const cards = (await page.locator('.figure').allInnerTexts()).map(plain);
		assert.match(cards[2]!, /^Proxy 42\.0 kB .* 100 ?% of the core$/);
		assert.match(cards[0]!, /^WAN – .* the WAN was not counted$/);
		assert.match(cards[4]!, /^Unattributed – .* old agents do not tell it$/);
		// Core = what connections showed + 0 would be true by itself.
		assert.equal(await page.locator('.equation').count(), 0);
		assert.match(await page.locator('.sums').innerText(), /^attic: an old agent tells of its connections alone/);
		assert.deepEqual(await axeFaults(page), [], colorScheme);
	}
});
