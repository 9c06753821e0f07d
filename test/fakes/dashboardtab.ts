// A real browser's tab with the dashboard in it: fails on what the page's own rules forbid.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';

export interface TabOptions {
	readonly url: string;
	readonly width?: number;
	readonly language?: 'en-GB' | 'zh-CN';
	readonly theme?: 'light' | 'dark';
	readonly zone?: string;
	/** The browser's clock stands there. */
	readonly now: number;
}

export interface DashboardTab {
	readonly page: Page;
	/** Errors, reports of the content security policy, requests to anybody else. */
	readonly faults: string[];
	close(): Promise<void>;
}

export async function openTab(browser: Browser, options: TabOptions): Promise<DashboardTab> {
	const { url, width = 1280, language = 'en-GB', theme = 'light', zone = 'Europe/Berlin', now } = options;
	const context = await browser.newContext({
		...{ viewport: { width, height: 900 }, locale: language, colorScheme: theme, timezoneId: zone },
	});
	const page = await context.newPage();
	const faults: string[] = [];
	page.on('pageerror', (error) => faults.push(String(error.stack)));
	page.on('console', (said) => said.type() === 'error' && faults.push(said.text()));
	page.on('request', (asked) => asked.url().startsWith(url) || faults.push(`asked ${asked.url()}`));
	await page.clock.setFixedTime(now);
	return { page, faults, close: () => context.close() };
}

/** What axe-core finds that is serious, as sentences. */
export async function axeFaults(page: Page): Promise<string[]> {
	const axe = readFileSync(createRequire(`${process.cwd()}/`).resolve('axe-core/axe.min.js'), 'utf8');
	// Not as a script of the page, whose policy would refuse it.
	await page.evaluate(axe);
	const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as {
		id: string;
		impact: string;
		nodes: { target: string[]; failureSummary: string }[];
	}[];
	return found
		.filter(({ impact }) => impact === 'serious' || impact === 'critical')
		.flatMap(({ id, nodes }) =>
			nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
		);
}
