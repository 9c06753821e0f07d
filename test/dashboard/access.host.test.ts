// The token, from the login to the end of the tab; and the page under a path behind a reverse proxy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMaster } from '../fakes/master.ts';
import { PathProxy } from '../fakes/pathproxy.ts';
import { until } from '../fakes/until.ts';
import { fillHome } from './home.ts';
import { openTab, rig, settled, skip, token, viewNames } from './rig.ts';

const home = rig(async (master) => void (await fillHome(master)));
const expected = /401/;

test('it asks for the token, says when it is wrong, and keeps it for the tab alone', { skip }, async (t) => {
	const { page } = await openTab(t, home(), { token: '', expected });
	await page.fill('#token', 'not-the-token-of-this-master-0000');
	await page.keyboard.press('Enter');
	await until(async () => (await page.textContent('.login-said')) !== '');
	assert.match((await page.textContent('.login-said'))!, /not the master/);
	assert.equal(await page.evaluate('sessionStorage.length'), 0);
	await page.fill('#token', ` ${token} `);
	await page.keyboard.press('Enter');
	await settled(page);
	const kept = await page.evaluate('[sessionStorage["netmon.token"], JSON.stringify(localStorage), document.cookie]');
	assert.deepEqual(kept, [token, '{}', '']);
	assert.ok(!(await page.content()).includes(token), 'the token stands in the page');
	await page.reload();
	await settled(page);
	assert.equal(await page.locator('.login').count(), 0);
	const other = await page.context().newPage();
	await other.goto(home().master.url);
	await other.waitForSelector('.login');
	await page.click('text=Sign out');
	await page.waitForSelector('.login');
	assert.equal(await page.evaluate('sessionStorage.length'), 0);
});

test('it goes back to the login when the master wants another token', { skip }, async (t) => {
	const { page } = await openTab(t, home(), { token: 'the-token-of-some-time-ago-000000', expected });
	await page.waitForSelector('.login');
	assert.match((await page.textContent('.login-said'))!, /wants its token again/);
});

test('it sends the token in no address, whatever is done on any view', { skip }, async (t) => {
	const tab = await openTab(t, home());
	for (const view of await viewNames(tab.page)) await tab.go(`#${view}?range=7d&device=192.168.1.12`);
	await tab.go('#connections?range=7d');
	const [file] = await Promise.all([
		tab.page.waitForEvent('download'),
		tab.page.click('.exporter button:has-text("CSV")'),
	]);
	assert.ok(!file.url().includes(token));
	// That no address had it is what each tab of these tests is held to.
	assert.ok(tab.asked.length > 10);
});

test('it needs no token where the master wants none', { skip }, async (t) => {
	const master = await startMaster(t);
	const { page } = await openTab(t, { ...home(), master }, { token: '' });
	await settled(page);
	assert.equal(await page.locator('.login').count(), 0);
	assert.equal(await page.locator('text=Sign out').count(), 0);
});

for (const strip of ['strip', 'keep'] as const) {
	test(`it works under a path behind a proxy that ${strip}s the path`, { skip }, async (t) => {
		const master = strip === 'strip' ? home().master : await startMaster(t, { apiToken: token, basePath: '/netmon' });
		const proxy = new PathProxy({ target: master.url, path: '/netmon', strip });
		const url = `${await proxy.start()}/netmon/`;
		// The stream of what is now is cut when the proxy goes.
		const tab = await openTab(t, { ...home(), master }, { url, expected: /INCOMPLETE_CHUNKED/ });
		t.after(() => proxy.stop());
		for (const view of await viewNames(tab.page)) {
			await tab.go(`#${view}`);
			assert.equal(await tab.page.locator('#view .bad').count(), 0, view);
		}
		await tab.go('#now');
		await until(async () => (await tab.page.locator('.pill.live-broken, .pill.live-opening').count()) === 0);
		await tab.page.reload();
		await settled(tab.page);
		assert.deepEqual(proxy.strays, []);
	});
}
