// `NETMON_LUCI=/path/to/luci make pictures`: the pictures of docs/images, of LuCI's real client and theme with an example's
// figures. Fails where a page is wider than a phone.
import { mkdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../fakes/chromium.ts';
import { LuciPage } from '../fakes/lucipage.ts';
import { devicesExample, historyExample, topExample } from '../fakes/pageexamples.ts';
import { statusExample } from '../fakes/statusexample.ts';

const folder = process.argv[2] ?? 'docs/images';
const desk = { width: 1100, height: 760 };
const phone = { width: 390, height: 844 };
/** As many samples as make the charts of the overview full. */
const samples = 150;

const sums = (queued: number) => {
	const none = { up: 0, down: 0 };
	return { sealed: none, acknowledged: none, queued: { up: 0, down: queued }, dropped: none };
};
const statusAt = (sample: number) => ({
	...statusExample(0.35 + 0.3 * Math.sin(sample / 9) ** 2 + 0.3 * Math.sin(sample / 31) ** 2),
	queue: {
		...{ usage: sums(41_200_000), unattributed: sums(380_000), wan: sums(0), overhead: sums(0), bypass: sums(0) },
		...{ rows: 318, file_bytes: 143_360, power_cut_costs_seconds: 23 },
	},
	sync: {
		...{ state: 'waiting', last_success: '2026-11-23T05:29:37.000Z', backlog_seconds: 23, bytes_sent: 8_120_000 },
		...{ master: 'netmon', set_aside: 0 },
	},
});
const log = [
	'daemon.err netmon[2364]: 2026-11-22T18:00:01.004Z INFO  agent: netmon 0.1.0 as OpenWrt-3f2a, core ws://127.0.0.1:9090, WAN by auto',
	'daemon.err netmon[2364]: 2026-11-22T18:00:01.290Z INFO  mihomo: up',
	'daemon.err netmon[2364]: 2026-11-22T18:00:01.301Z INFO  wan: up',
]
	.map((line) => `Mon Nov 23 02:00:01 2026 ${line}\n`)
	.join('');

interface Shot {
	readonly view: string;
	readonly name: string;
	readonly dark?: true;
	readonly size?: typeof phone;
	/** Of the tabs, to be clicked before. */
	readonly tabs?: readonly string[];
}
const shots: readonly Shot[] = [
	...['overview', 'history', 'devices', 'top'].flatMap((view): Shot[] => [
		{ view, name: `luci-${view}` },
		{ view, name: `luci-${view}-phone`, size: phone },
		{ view, name: `luci-${view}-dark`, dark: true },
	]),
	{ view: 'history', name: 'luci-history-devices', tabs: ['Days', 'By device'] },
	...['settings', 'log'].flatMap((view): Shot[] => [
		{ view, name: `luci-${view}` },
		{ view, name: `luci-${view}-phone`, size: phone },
	]),
];

async function take(browser: Browser, { view, name, dark, size = desk, tabs = [] }: Shot): Promise<void> {
	let sample = 0;
	const answers: Readonly<Record<string, () => unknown>> = {
		status: () => statusAt(sample++),
		history: historyExample,
		devices: devicesExample,
		top: topExample,
	};
	const values = { main: { '.type': 'agent', '.name': 'main', '.anonymous': false, enabled: '1', core: 'auto' } };
	const luci = new LuciPage({
		ubus: (object, method) => (object === 'uci' ? { values } : object === 'netmon' ? answers[method]?.() : {}),
		log,
		...(dark ? { dark } : {}),
	});
	const url = await luci.start();
	const context = await browser.newContext({ viewport: size });
	try {
		const tab = await context.newPage();
		await tab.clock.install();
		await tab.goto(`${url}/cgi-bin/luci/admin/services/netmon/${view}`);
		await tab.waitForSelector('#view h2');
		for (const title of tabs) await tab.click(`.cbi-tabmenu a >> text=${title}`);
		while (view === 'overview' && sample < samples) {
			const before = sample;
			await tab.clock.runFor(1_000);
			if (sample === before) await tab.evaluate(() => new Promise((resolve) => queueMicrotask(() => resolve(0))));
		}
		const wide = await tab.evaluate<number>('document.documentElement.scrollWidth');
		if (wide > size.width) throw new Error(`${name} is ${wide} pixels wide`);
		await tab.screenshot({ path: `${folder}/${name}.png`, fullPage: view === 'overview' });
		console.log(`${folder}/${name}.png`);
	} finally {
		await context.close();
		await luci.stop();
	}
}

if (!process.env.NETMON_LUCI)
	throw new Error('NETMON_LUCI names no checkout of LuCI: its client and theme are in the pictures');
mkdirSync(folder, { recursive: true });
async function all(): Promise<void> {
	const browser = await launchBrowser();
	try {
		for (const shot of shots) await take(browser, shot);
	} finally {
		await browser.close();
	}
}
void all();
