// Texts from the network that want to be more than text: as hosts, addresses, rules, chains, processes, users, places,
// devices and in what agents say of themselves, on every view.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FakeMaster } from '../fakes/master.ts';
import { until } from '../fakes/until.ts';
import { netmonBody, record, row, uuid } from '../master/body.ts';
import { liveNow, send } from './home.ts';
import { hostileTexts, letIn } from './hostiletexts.ts';
import { openTab, rig, skip, type Tab, viewNames } from './rig.ts';

const bucket = Math.floor(Date.now() / 300_000) * 300 - 600;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
const home = rig(fill);

/** Half of the devices have a name; the others are called by what should be an address. */
const addressOf = (at: number) => (at % 2 ? `10.0.0.${at}` : hostileTexts[at]!);

async function fill(master: FakeMaster): Promise<void> {
	const records = hostileTexts.map((text, at) =>
		record({
			...{
				id: uuid(at + 1),
				host: text,
				source_ip: addressOf(at),
				destination_ip: text,
				rule: text,
				rule_payload: text,
			},
			...{
				chains: JSON.stringify([text, text]),
				process: text,
				process_path: text,
				inbound_user: text,
				sniff_host: text,
			},
			...{ destination_geoip: JSON.stringify([text]), destination_ip_asn: text, network: text, conn_type: text },
			...{ special_rules: text, inbound_name: text, start: iso(bucket), last_updated: iso(bucket + 9) },
		}),
	);
	await send(
		master,
		netmonBody(
			records.map((_, at) => row({ seq: at + 1, record: at + 1, bucket, up: 1_000 + at, down: 9_000 - at })),
			records.map((one, at) => [at + 1, one]),
			{
				agent: 'home',
				timestamp: iso(bucket + 300),
				devices: hostileTexts.flatMap((name, at) =>
					at % 2
						? [
								{
									ip: addressOf(at),
									mac: `02:00:00:00:00:${at.toString(16).padStart(2, '0')}`,
									name,
									from: bucket - 900,
								},
							]
						: [],
				),
				gaps: hostileTexts.slice(0, 40).map((what, at) => ({ from: bucket - 600 - at, to: bucket - 300, what })),
				health: healthOf(0),
				tz: hostileTexts[0]!,
			},
		),
	);
}

const healthOf = (at: number) => ({
	version: hostileTexts[at]!,
	started: hostileTexts[at]!,
	parts: hostileTexts.slice(at, at + 20).map((text) => ({ part: text, state: 'down', since: text, last_error: text })),
	backlog_seconds: 9_000,
	wan: { source: hostileTexts[at]!, devices: hostileTexts.slice(at, at + 5), why: hostileTexts[at]! },
});

/** Nothing but text came in, and no script ran. */
async function assertHarmless({ page }: Tab, where: string): Promise<void> {
	const found = await page.evaluate<string[]>(
		`[...document.querySelectorAll(${JSON.stringify(letIn)})].map((one) => one.outerHTML.slice(0, 200))`,
	);
	assert.deepEqual(found, [], where);
	assert.equal(await page.evaluate('window.pwned'), undefined, where);
}

/** All texts that stand in the view, each once. */
const textsOf = ({ page }: Tab, selector: string) =>
	page.evaluate<string[]>(`[...new Set([...document.querySelectorAll('${selector}')].map((one) => one.textContent))]`);

test('it shows 200 hostile texts as text on every view', { skip }, async (t) => {
	assert.equal(new Set(hostileTexts).size, 200);
	const tab = await openTab(t, home());
	for (const view of await viewNames(tab.page)) {
		await tab.go(`#${view}?range=7d`);
		await assertHarmless(tab, view);
	}
});

test('it loses none of them in the lists of a range', { skip }, async (t) => {
	const tab = await openTab(t, home());
	for (const [list, count] of [
		['host', 200],
		['node', 200],
		['rule', 200],
		['process', 200],
		['device', 200],
	] as const) {
		const seen = new Set<string>();
		for (let at = 1; at <= 4; at += 1) {
			await tab.go(`#history?range=7d&list=${list}&${list}.page=${at}`);
			const rows = `[data-list="${list}"] tbody .link`;
			await until(async () => (await tab.page.locator(rows).count()) === 50, `page ${at} of ${list} has come`);
			for (const text of await textsOf(tab, rows)) seen.add(text);
		}
		const wanted = hostileTexts.map((text) => (list === 'rule' ? `${text} (${text})` : text));
		assert.deepEqual(
			wanted.filter((text) => !seen.has(text)),
			[],
			list,
		);
		assert.equal(seen.size, count, list);
		await assertHarmless(tab, list);
	}
});

test('it loses none of them among the connections, nor in the details of one', { skip }, async (t) => {
	const tab = await openTab(t, home());
	await tab.go('#connections?range=7d&rows=200');
	const seen = await textsOf(tab, '.conns tbody .link');
	assert.deepEqual([...seen].sort(), [...hostileTexts].sort());
	await assertHarmless(tab, 'connections');
	for (const at of [0, 47, 93, 139, 199]) {
		const text = hostileTexts[at]!;
		await tab.go(`#connections?range=7d&rows=200&of=home&id=${uuid(at + 1)}`);
		await tab.page.waitForSelector('dialog .fields');
		assert.equal(await tab.page.textContent('dialog h2'), text);
		const fields = await tab.page.locator('dialog dd', { hasText: text.slice(0, 20) }).allTextContents();
		assert.ok(fields.filter((one) => one.includes(text)).length >= 15, `${fields.length} fields of ${text}`);
		await assertHarmless(tab, text);
	}
});

test('it filters by each kind of them, from the address and by hand', { skip }, async (t) => {
	const tab = await openTab(t, home());
	const names = ['host', 'node', 'process', 'geoip', 'network', 'destination', 'inbound_user', 'asn'];
	for (const [at, name] of names.entries()) {
		const text = hostileTexts[at * 23]!;
		await tab.go(`#connections?${new URLSearchParams({ range: '7d', [name]: text })}`);
		assert.equal(await tab.page.textContent('.chip b'), text);
		assert.deepEqual(await textsOf(tab, '.conns tbody .link'), [text], name);
		await assertHarmless(tab, name);
	}
	await tab.go('#connections?range=7d');
	await tab.page.selectOption('.adder select', 'host');
	await tab.page.fill('.adder input', hostileTexts[61]!);
	await tab.page.click('.adder button');
	await until(async () => (await tab.page.locator('.conns tbody tr').count()) === 1);
	assert.equal(await tab.page.textContent('.chip b'), hostileTexts[61]);
	await assertHarmless(tab, 'by hand');
});

test('it shows what hostile agents say of now, whatever its shape', { skip }, async (t) => {
	const { master } = home();
	const tab = await openTab(t, home());
	await tab.go('#now?open=all');
	for (let at = 0; at < 200; at += 50) {
		const open = hostileTexts.slice(at, at + 50);
		master.live.tell('home', liveNow(...open), healthOf(at));
		await until(async () => (await textsOf(tab, '#view .link')).includes(open[0]!), 'the live part is shown');
		const seen = new Set(await textsOf(tab, '#view .link'));
		assert.deepEqual(
			open.filter((text) => !seen.has(text)),
			[],
		);
		await assertHarmless(tab, 'now');
	}
	for (const broken of [
		{},
		{ speeds: null },
		{ speeds: {}, busiest: {} },
		{ speeds: { wan: 'x' }, busiest: [null, 1] },
	]) {
		await send(master, netmonBody([], [], { agent: 'home', after: 200, live: broken as never }));
	}
	master.live.tell('home', liveNow('after.example'), null);
	await until(
		async () => (await textsOf(tab, '#view .link')).includes('after.example'),
		'it shows what is right again',
	);
});
