// Quotas beyond one and a form: a test of a webhook, many agents without any, filters that months do not heed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWebhook } from '../fakes/webhook.ts';
import { fillHome } from './home.ts';
import { openTab, rig, settled, skip, token } from './rig.ts';

const home = rig(async (master) => void (await fillHome(master, 20)));

const put = (agent: string, settings: object) =>
	fetch(`${home().master.url}/api/v1/quotas/${agent}`, {
		...{ method: 'PUT', body: JSON.stringify(settings) },
		headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
	});

test('it sends a test to the webhook that is saved, and says what came of it', { skip }, async (t) => {
	const webhook = await startWebhook(t);
	await put('attic', { limit: 6e9, counts: 'all', webhook: `${webhook.url}/secret-topic` });
	const { page, go } = await openTab(t, home());
	await go('#months');
	await page.click('[aria-label="Edit the quota of attic"]');
	await page.click('dialog >> text=Send a test');
	await page.waitForSelector('dialog .good-text:has-text("The test has arrived (HTTP 200)")');
	assert.deepEqual(
		webhook.received.map(({ path, body }) => [path, body.type, body.agent_id]),
		[['/secret-topic', 'test', 'attic']],
	);
	webhook.mood = 404;
	await page.click('dialog >> text=Send a test');
	await page.waitForSelector('dialog .bad-text:has-text("The test has not arrived (HTTP 404)")');
	assert.equal(await page.evaluate('document.activeElement.textContent'), 'Send a test');
	assert.doesNotMatch(await page.content(), /secret-topic/);
	await page.keyboard.press('Escape');
	// Of one that has none there is nothing to send to.
	await put('attic', { limit: 6e9, webhook: null });
	await page.reload();
	await page.click('[aria-label="Edit the quota of attic"]');
	assert.equal(await page.locator('dialog >> text=Send a test').count(), 0);
});

test('it folds many agents that have no quota into one card', { skip }, async (t) => {
	const { page, go, api } = await openTab(t, home());
	const known = await api<object[]>('agents');
	const first_sync = new Date().toISOString();
	const many = Array.from({ length: 48 }, (_, at) => ({ agent_id: `site-${at}`, first_sync }));
	await page.route('**/api/v1/agents', (route) =>
		route.fulfill({ json: { status: 'success', message: null, data: [...known, ...many] } }),
	);
	await go('#months');
	await page.click('.quota.many summary');
	assert.ok((await page.locator('.quota').count()) <= 2);
	assert.ok((await page.locator('.quota-names button').count()) >= 49);
	await page.click('.quota-names >> text="site-47"');
	await page.waitForSelector('dialog >> text=Set a quota for site-47');
	await page.keyboard.press('Escape');
});

test('it says which filters it does not heed, in both languages', { skip }, async (t) => {
	for (const [locale, words] of [
		['en-GB', 'Class Proxy, Host video.example is not heeded here'],
		['zh-CN', '类别 代理, 主机 video.example 在此不起作用'],
	] as const) {
		const { page, go } = await openTab(t, home(), { locale });
		await go('#months?class=proxy&host=video.example&agent_id=home');
		const said = await page.locator('.view > p').innerText();
		assert.ok(said.includes(words), said);
		await go('#months?agent_id=home');
		await settled(page);
		assert.equal(await page.locator('.view > p').isVisible(), false);
	}
});
