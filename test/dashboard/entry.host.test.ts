// The way in: the token, a path before everything, and what names from the network can do to the page (nothing).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row, WireRecord } from '../../src/wire.ts';
import { netmonBody, record, row, uuid } from '../master/body.ts';
import { liveNow, send } from './home.ts';
import { openTab, rig, token, viewNames } from './rig.ts';

/** Kept short enough for a device's name. */
const tricks = [
	'<script>window.pwned=1</script>',
	'<img src=x onerror=window.pwned=1>',
	'"><svg onload=window.pwned=1>',
	"'-window.pwned=1-'",
	'javascript:window.pwned=1',
	'</td></tr></table><iframe srcdoc="<script>parent.pwned=1</script>">',
	'\u0024{window.pwned=1}{{window.pwned=1}}',
	'<a href="https://evil.example/" style="position:fixed;inset:0">x</a>',
	'&lt;script&gt;window.pwned=1&lt;/script&gt;',
	'\u202e<b>drowkcab',
	'<style>*{display:none}</style>',
	'<form action=//evil.example><input autofocus onfocus=window.pwned=1>',
	'#history?range=7d&host=<script>',
	'constructor',
	'__proto__',
	'<link rel=stylesheet href=//evil.example/x.css>',
	'<math><mtext><script>window.pwned=1</script>',
	'%3Cscript%3Ewindow.pwned=1%3C/script%3E',
	'<base href=//evil.example/>',
	'<meta http-equiv=refresh content=0;url=//evil.example>',
];
/** 200 of them, each another. */
const hostile = Array.from({ length: 200 }, (_, at) => `${at % 2 ? '' : `h${at}.`}${tricks[at % tricks.length]}${at}`);
const basePath = '/net/mon';

const home = rig(
	async (master) => {
		const bucket = Math.floor(Date.now() / 300_000) * 300 - 3_600;
		const rows: Row[] = [];
		const records: [number, WireRecord][] = [];
		const iso = new Date(bucket * 1000).toISOString();
		for (const [at, name] of hostile.entries()) {
			rows.push(row({ seq: at + 1, record: at + 1, bucket, up: 1000 + at, down: 90_000 + at }));
			const chains = JSON.stringify([hostile[(at + 3) % 200], hostile[(at + 5) % 200]]);
			const over = { host: name, chains, rule: 'RuleSet', rule_payload: hostile[(at + 7) % 200]!, process: name };
			const place = { destination_geoip: JSON.stringify([name]), inbound_user: name, source_ip: `192.168.1.${at}` };
			records.push([at + 1, record({ ...over, ...place, id: uuid(at + 1), start: iso, last_updated: iso })]);
		}
		const devices = hostile.map((name, at) => ({ ip: `192.168.1.${at}`, name: name.slice(0, 63), from: bucket }));
		const gaps = [{ from: bucket, to: bucket + 600, what: hostile[0]! }];
		const health = {
			version: hostile[1]!,
			started: iso,
			parts: [{ part: hostile[2]!, state: 'down', since: iso, last_error: hostile[3]! }],
			backlog_seconds: 0,
			wan: { source: hostile[4]!, devices: hostile.slice(0, 20), why: hostile[5]! },
		};
		const said = { devices, gaps, health, live: liveNow(...hostile.slice(0, 50)) };
		for (let at = 0; at < 200; at += 100) {
			const part = at === 0 ? said : {};
			await send(
				{ url: master.url + basePath },
				netmonBody(rows.slice(at, at + 100), records.slice(at, at + 100), { ...part, after: at }),
			);
		}
	},
	{ basePath },
);
const url = () => `${home().master.url}${basePath}/`;

test('it asks for the token, says that a wrong one is wrong, and keeps the right one for the tab', async (t) => {
	const { page, asked } = await openTab(t, home(), { url: url(), token: '', expected: /401/ });
	await page.locator('.login').waitFor();
	await page.getByLabel('Token').fill('not-the-token-of-this-master-000');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.getByText('This is not the master’s token.').waitFor();
	await page.getByLabel('Token').fill(token);
	await page.keyboard.press('Enter');
	await page.locator('.nav-link').first().waitFor();
	await page.reload();
	await page.locator('.nav-link').first().waitFor();
	assert.equal(await page.evaluate('localStorage.length'), 0, 'nothing is kept beyond the tab');
	assert.ok(
		asked.every((address) => address.startsWith(url())),
		'everything is below the path',
	);
	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.locator('.login').waitFor();
	assert.equal(await page.evaluate('sessionStorage.length'), 0);
});

test('it goes back to the login when the token is no longer good', async (t) => {
	const { page } = await openTab(t, home(), { url: url(), expected: /401/ });
	await page.locator('.nav-link').first().waitFor();
	await page.evaluate(`sessionStorage.setItem('netmon.token', 'revoked-meanwhile-000000000000000')`);
	await page.locator('.nav-link').nth(1).click();
	await page.getByText('The master wants its token again.').waitFor();
});

for (const colorScheme of ['light', 'dark'] as const) {
	test(`it runs nothing that 200 hostile names hold, on any view, in ${colorScheme}`, async (t) => {
		const tab = await openTab(t, home(), { url: url(), colorScheme });
		for (const view of await viewNames(tab.page)) {
			await tab.go(`#${view}?range=24h`);
			await tab.page.mouse.wheel(0, 4_000);
			const { text, made } = await tab.page.evaluate<{ text: string; made: number }>(`({
				text: document.querySelector('#view').innerText,
				made: document.querySelectorAll('#view :is(script, img, iframe, form[action], base, meta, link, style, math, a[href^="https"])').length,
			})`);
			assert.equal(made, 0, `${view} made an element of a name`);
			if (view !== 'months') assert.match(text, /<script>|onerror|onload|pwned/, `${view} shows them as they are`);
		}
		for (const list of ['device', 'host', 'node', 'rule', 'process', 'geoip']) {
			await tab.go(`#history?range=24h&list=${list}`);
			const first = tab.page.locator('#view .rank:not([hidden]) tbody th button').first();
			const name = await first.innerText();
			await first.click();
			await tab.page.locator('.chip').waitFor();
			assert.ok((await tab.page.locator('.chip').innerText()).includes(name.trim().slice(0, 12)), list);
		}
		assert.equal(await tab.page.evaluate('window.pwned'), undefined);
	});
}
