// The view of single connections, against the API and against what was put in.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../fakes/until.ts';
import { fillHome, type Home } from './home.ts';
import { openTab, rig, skip } from './rig.ts';
import { written } from './writtenbytes.ts';

let known: Home;
const home = rig(async (master) => {
	known = await fillHome(master, 160);
});

interface Row {
	readonly id: string;
	readonly host: string;
	readonly download: number;
	readonly upload: number;
}

const rowsOf = (page: Page) => page.locator('.conns tbody tr');
const nameOf = ({ host }: Row, name: string) => (host === '' ? /^203\.0\.113\.\d+:443$/.test(name) : name === host);
test('it shows the rows of the API in its order, with its figures', { skip }, async (t) => {
	const tab = await openTab(t, home());
	for (const [choices, query] of [
		['', ''],
		['&sort=total', '&sort_by=total'],
		['&sort=upload&order=asc', '&sort_by=upload&sort_order=asc'],
		['&class=direct&network=tcp', '&class=direct&network=tcp'],
		['&q=MAIL', '&destination=mail'],
		['&host=video.example', '&host_is=video.example'],
	] as const) {
		await tab.go(`#connections?range=7d${choices}`);
		const rows = await tab.api<Row[]>(`connections?limit=50${query}`);
		assert.ok(rows.length > 0, query);
		const names = await rowsOf(tab.page).locator('.link').allTextContents();
		assert.deepEqual(
			names.map((name, at) => nameOf(rows[at]!, name)),
			rows.map(() => true),
			query,
		);
		for (const [kind, pick] of [
			['download', (row: Row) => row.download],
			['upload', (row: Row) => row.upload],
			['total', (row: Row) => row.download + row.upload],
		] as const) {
			const figures = await rowsOf(tab.page).locator(`td.${kind}`).allTextContents();
			assert.deepEqual(
				figures,
				rows.map((row) => written(pick(row))),
				`${query} ${kind}`,
			);
		}
	}
});

test('it counts what was put in, and goes on to the last without losing or doubling one', { skip }, async (t) => {
	const tab = await openTab(t, home());
	await tab.go('#connections?range=7d');
	assert.equal(await tab.page.textContent('.card h2'), `${known.count} connections`);
	for (let shown = 50; shown < known.count; shown = Math.min(known.count, shown + 50)) {
		await tab.page.click('.conns-foot button');
		await until(async () => (await rowsOf(tab.page).count()) === Math.min(known.count, shown + 50));
	}
	const names = await rowsOf(tab.page).locator('.link').allTextContents();
	for (const { host } of known.facts.filter((one) => one.host !== '')) assert.ok(names.includes(host), host);
	assert.equal(await tab.page.textContent('.conns-foot'), `All ${known.count} are shown`);
	// The place is the address: as many are there again after a reload.
	await tab.page.reload();
	await until(async () => (await rowsOf(tab.page).count()) === known.count);
});

test('it opens one by the keyboard, says all of it, and gives the focus back', { skip }, async (t) => {
	const tab = await openTab(t, home());
	const { page } = tab;
	await tab.go('#connections?range=7d&class=proxy');
	const button = rowsOf(page).nth(2).locator('button');
	const name = (await button.textContent())!;
	await button.focus();
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog .fields');
	assert.equal(await page.textContent('dialog h2'), name);
	const { of, id } = Object.fromEntries(new URLSearchParams(new URL(page.url()).hash.split('?')[1]));
	const whole = await tab.api<Record<string, string | number | null>>(`connection?agent_id=${of}&id=${id}`);
	const told = (await page.innerText('dialog')).replaceAll('\u202f', ' ');
	for (const [field, value] of Object.entries(whole)) {
		if (value === null || value === '' || value === 'null' || /chains|geoip|class|start|last_updated/.test(field))
			continue;
		const text =
			field === 'download' || field === 'upload' ? written(Number(value)).replace('\u202f', ' ') : String(value);
		assert.ok(told.includes(text), `${field} ${text} is not in ${told}`);
	}
	await page.keyboard.press('Escape');
	await until(async () => !page.url().includes('id='));
	assert.equal(await page.evaluate('document.activeElement.textContent'), name);
	// Forward and back of the browser open and close it, and an address opens it at once.
	await page.goForward();
	await page.waitForSelector('dialog[open] .fields');
	await page.reload();
	await page.waitForSelector('dialog[open] .fields');
	await page.click('dialog dd button:has-text("Proxy") >> nth=0');
	await until(async () => page.url().includes('class=proxy') && !page.url().includes('id='));
	assert.equal(await page.locator('dialog[open]').count(), 0);
});

test('it filters by a value that it offers', { skip }, async (t) => {
	const { page } = await openTab(t, home());
	await page.evaluate(`location.hash = '#connections?range=7d'`);
	await page.reload();
	await page.selectOption('.adder select', 'device');
	await page.focus('.adder input');
	await until(async () => (await page.locator('#filter-values option').allTextContents()).includes('Laptop of Ada'));
	await page.fill('.adder input', 'Laptop of Ada');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.chip:has-text("Laptop of Ada")');
	const count = known.facts.filter(({ device }) => device === '192.168.1.11').length;
	await until(async () => (await page.textContent('.card h2')) === `${count} connections`);
	await page.click('.chip');
	await until(async () => (await page.textContent('.card h2')) === `${known.count} connections`);
});

test('it saves what the filters leave, as CSV and as JSON', { skip }, async (t) => {
	const tab = await openTab(t, home());
	await tab.go('#connections?range=7d&class=proxy&sort=total');
	const rows = await tab.api<Row[]>('connections?limit=10000&class=proxy&sort_by=total');
	for (const format of ['csv', 'json']) {
		const [download] = await Promise.all([
			tab.page.waitForEvent('download'),
			tab.page.click(`.exporter button:has-text("${format.toUpperCase()}")`),
		]);
		assert.match(download.suggestedFilename(), new RegExp(`^netmon-connections-\\d{4}-\\d\\d-\\d\\d\\.${format}$`));
		const text = readFileSync(await download.path(), 'utf8');
		if (format === 'json') assert.deepEqual(JSON.parse(text), rows);
		else {
			const lines = text.trimEnd().split('\r\n');
			assert.match(lines[0]!, /^id,agent_id,download,upload,/);
			assert.deepEqual(
				lines.slice(1).map((line) => line.split(',')[0]),
				rows.map(({ id }) => id),
			);
		}
		await until(async () => (await tab.page.textContent('.exporter'))!.includes(`${rows.length} rows saved`));
	}
});

test('it tells nothing, an error and a master that is away from one another', { skip }, async (t) => {
	const tab = await openTab(t, home(), { expected: /503|ERR_FAILED|404/ });
	await tab.go('#connections?range=7d&host=nobody.example');
	assert.equal(await tab.page.textContent('.conns-body'), 'Nothing in this range');
	await tab.page.route('**/api/v1/connections?*', (route) =>
		route.fulfill({ status: 503, json: { status: 'error', data: null, message: 'come back' } }),
	);
	await tab.page.click('[aria-label="Load again"]');
	await tab.page.waitForSelector('.conns-body .bad');
	assert.match((await tab.page.textContent('.conns-body'))!, /did not work.*come back/);
	await tab.page.unroute('**/api/v1/connections?*');
	await tab.page.route('**/api/v1/connections?*', (route) => route.abort());
	await tab.page.click('.conns-body button');
	await until(async () => (await tab.page.textContent('.conns-body'))!.includes('Offline'));
	await tab.page.unroute('**/api/v1/connections?*');
	await tab.page.click('.conns-body button');
	await until(async () => (await tab.page.textContent('.conns-body')) === 'Nothing in this range');
	await tab.go('#connections?range=7d&of=home&id=nobody');
	await tab.page.waitForSelector('dialog .bad');
});
