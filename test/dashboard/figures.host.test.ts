// Figures on the page against the API, and against what was put in; and each view by the keyboard alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../fakes/until.ts';
import { fillHome, type Home, liveNow, names } from './home.ts';
import { openTab, rig, skip, viewNames } from './rig.ts';
import { written } from './writtenbytes.ts';

let known: Home;
const home = rig(async (master) => {
	known = await fillHome(master);
});

interface Sum {
	readonly upload: number;
	readonly download: number;
}

const cards = ['wan', 'direct', 'proxy', 'bypass', 'unattributed'] as const;

test('it shows the sums of a range as the API has them and as they were sent', { skip }, async (t) => {
	const tab = await openTab(t, home());
	await tab.go('#history?range=7d&agent_id=home');
	const now = Date.now();
	const range = `from=${new Date(now - 7 * 86_400_000).toISOString()}&to=${new Date(now + 3_600_000).toISOString()}`;
	const told = await tab.api<Record<(typeof cards)[number], Sum>>(`stats?type=balance&agent_id=home&${range}`);
	for (const name of cards) {
		const card = tab.page.locator(`.figure:has(.dot.${name})`);
		assert.equal(
			await card.locator('.figure-large').textContent(),
			written(told[name].upload + told[name].download),
			name,
		);
		const parts = await card.locator('.figure-parts').textContent();
		assert.equal(parts, `↓${written(told[name].download)}↑${written(told[name].upload)}`, name);
	}
	for (const name of ['direct', 'proxy'] as const) {
		const sent = known.facts.filter((one) => one.class === name);
		assert.equal(
			told[name].download,
			sent.reduce((sum, { down }) => sum + down, 0),
			name,
		);
		assert.equal(
			told[name].upload,
			sent.reduce((sum, { up }) => sum + up, 0),
			name,
		);
	}
	// Both sums hold to the byte, and say so.
	assert.equal(await tab.page.locator('.equation').count(), 2);
	assert.equal(await tab.page.locator('.equation.wrong').count(), 0);
});

test('it lists devices with the bytes that were sent of each', { skip }, async (t) => {
	const tab = await openTab(t, home());
	await tab.go('#history?range=7d&agent_id=home&list=device');
	const rows = tab.page.locator('[data-list="device"] tbody tr');
	await until(async () => (await rows.count()) >= 4);
	for (const [at, address] of ['192.168.1.10', '192.168.1.11', '192.168.1.12', '2001:db8::23'].entries()) {
		const sent = known.facts.filter(({ device }) => device === address);
		const sum = sent.reduce((all, { up, down }) => all + up + down, 0);
		const row = rows.filter({ hasText: names[at] ?? address });
		assert.equal(await row.locator('td.total').textContent(), written(sum), address);
	}
});

test('it shows the speeds that agents tell', { skip }, async (t) => {
	const tab = await openTab(t, home());
	await tab.go('#now');
	const live = liveNow('video.example');
	home().master.live.tell('home', live, null);
	const card = (name: string) => tab.page.locator(`.figure:has(.dot.${name}) .figure-large`);
	const sum = (name: (typeof cards)[number]) => live.speeds[name]!.up + live.speeds[name]!.down;
	await until(async () => (await card('wan').textContent()) === `${written(sum('wan'))}/s`, 'the speed of the WAN');
	for (const name of cards) assert.equal(await card(name).textContent(), `${written(sum(name))}/s`, name);
});

test('it lets every control of every view be reached by the keyboard, and names it', { skip }, async (t) => {
	const tab = await openTab(t, home());
	for (const view of await viewNames(tab.page)) {
		await tab.go(`#${view}?class=proxy`);
		await tab.page.evaluate('document.activeElement.blur()');
		// What can be pressed or filled in, once each; of a group that arrows walk through, one.
		const wanted = await tab.page.evaluate<number>(`(() => {
			window.met = new Set();
			window.meant = [...document.querySelectorAll('a[href], button, input, select, summary')].filter((one) =>
				one.checkVisibility() && !one.disabled && one.tabIndex >= 0 && !one.closest('dialog'));
			return window.meant.length;
		})()`);
		assert.ok(wanted > 10, view);
		for (let at = 0; at < wanted * 8; at += 1) {
			await tab.page.keyboard.press('Tab');
			if (
				await tab.page.evaluate<boolean>(
					'window.met.add(document.activeElement), window.meant.every((one) => window.met.has(one))',
				)
			)
				break;
		}
		const missed = await tab.page.evaluate<string[]>(
			'window.meant.filter((one) => !window.met.has(one) && one.isConnected).map((one) => one.outerHTML.slice(0, 120))',
		);
		assert.deepEqual(missed, [], view);
		const nameless = await tab.page.evaluate<string[]>(
			`window.meant.filter((one) => !(one.textContent.trim() || one.getAttribute('aria-label') || one.title))
				.map((one) => one.outerHTML.slice(0, 120))`,
		);
		assert.deepEqual(nameless, [], view);
	}
});
