// One chromium and one master for all tests of a file. Every tab is watched: an error in the page, a report of its
// content security policy, a request to anywhere else or with a token in its address fails the test that opened it.
import assert from 'node:assert/strict';
import { after, before, type TestContext } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser, noBrowser } from '../fakes/chromium.ts';
import { type FakeMaster, type FakeMasterOptions, startMaster } from '../fakes/master.ts';
import { until } from '../fakes/until.ts';

export const token = 'a-token-of-the-dashboard-tests-00';

/** For tests: `{ skip }`. */
export const skip = noBrowser && 'no chromium: the dashboard';

export interface Rig {
	readonly browser: Browser;
	readonly master: FakeMaster;
}

export interface TabOptions extends BrowserContextOptions {
	/** Where the page is; the master's own address unless a proxy stands before it. */
	readonly url?: string;
	/** '' = not signed in. */
	readonly token?: string;
	/** Put before the page's own script; a string, as the browser runs it. */
	readonly before?: string;
	/** Errors in the console that belong to the test: answers other than 2xx. */
	readonly expected?: RegExp;
}

export interface Tab {
	readonly page: Page;
	/** Every address that was asked for. */
	readonly asked: string[];
	/** Opens what stands behind the #, and waits until nothing loads any more. */
	go(hash: string): Promise<void>;
	/** What the API says, asked from here. */
	api<T>(path: string): Promise<T>;
}

/** Called at the top of a file. `fill` puts in what the tests ask about. */
export function rig(fill: (master: FakeMaster) => Promise<void>, options: FakeMasterOptions = {}): () => Rig {
	let opened: Rig | null = null;
	const ends: (() => unknown)[] = [];
	before(async () => {
		if (noBrowser) return;
		const browser = await launchBrowser();
		ends.push(() => browser.close());
		const master = await startMaster({ after: (end) => ends.push(end) }, { apiToken: token, ...options });
		await fill(master);
		opened = { browser, master };
	});
	after(async () => {
		for (const end of ends.reverse()) await end();
	});
	return () => opened!;
}

/** The window is so high that every list comes into sight, which is when it is asked for. */
export async function openTab(t: TestContext, { browser, master }: Rig, options: TabOptions = {}): Promise<Tab> {
	const { url = `${master.url}/`, token: known = token, before: script = '', expected, ...rest } = options;
	const context = await browser.newContext({
		...{ reducedMotion: 'reduce', timezoneId: 'Europe/Berlin', viewport: { width: 1280, height: 6000 }, ...rest },
	} as const);
	const page = await context.newPage();
	const [asked, wrong]: [string[], string[]] = [[], []];
	page.on('pageerror', (error) => wrong.push(`error: ${error.stack}`));
	page.on('console', (message) => {
		if (message.type() === 'error' && !expected?.test(message.text())) wrong.push(`console: ${message.text()}`);
	});
	page.on('dialog', (dialog) => {
		wrong.push(`dialog: ${dialog.message()}`);
		void dialog.dismiss();
	});
	page.on('request', (request) => {
		const address = request.url();
		asked.push(address);
		if (!address.startsWith(new URL(url).origin) && !/^(blob|data):/.test(address)) wrong.push(`asked ${address}`);
		if (address.includes(token)) wrong.push(`the token stands in ${address}`);
	});
	await context.addInitScript({
		content: `window.reports = [];
			addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
				window.reports.push([violatedDirective, blockedURI, sample].join(' ')));
			${known === '' ? '' : `sessionStorage.setItem('netmon.token', ${JSON.stringify(known)});`}
			${script}`,
	});
	t.after(async () => {
		const reports = await page.evaluate<string[]>('window.reports');
		await context.close();
		assert.deepEqual([...wrong, ...reports], []);
	});
	await page.goto(url);
	return {
		page,
		asked,
		async go(hash) {
			await page.evaluate(
				`history.pushState(null, '', ${JSON.stringify(hash)}); dispatchEvent(new PopStateEvent('popstate'))`,
			);
			await settled(page);
		},
		async api<T>(path: string) {
			const answer = await fetch(`${master.url}/api/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } });
			return ((await answer.json()) as { data: T }).data;
		},
	};
}

/** Until what was asked has come: no grey bars, and nothing that says of itself that it is busy. */
export async function settled(page: Page): Promise<void> {
	const still = `document.querySelector('#view h1, .login') && !document.querySelector('#view :is(.skeleton, [aria-busy])')`;
	// Asked from here: the page's policy lets no text be run as a script, and so does not let it be asked from inside.
	await until(() => page.evaluate(`Boolean(${still})`), 'the view has come');
}

/** The names of all views, in the order of the side bar. */
export async function viewNames(page: Page): Promise<string[]> {
	await page.waitForSelector('.nav-link');
	const links = await page.locator('.nav-link').all();
	return Promise.all(links.map(async (link) => /^#(\w+)/.exec((await link.getAttribute('href'))!)![1]!));
}
