// `make bench`: the dashboard in a real browser, over the demo's year: when it paints first, when its figures are
// there, and how many frames it draws while somebody drags with 12 months in view. Prints Markdown and writes it to
// docs/performance.md. NETMON_BENCH_DATABASE names a year that is there already (`make demo-year` keeps one).
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { makeYear } from '../demo/year.ts';
import { launchBrowser, noBrowser } from '../fakes/chromium.ts';
import { run } from '../fakes/masterprogram.ts';

const repeats = 5;
const connections = Number(process.env.NETMON_BENCH_YEAR ?? 120_000);
const dragMs = 2_000;
const start = '<!-- made by make bench: dashboard -->';
const end = '<!-- dashboard end -->';

interface Opened {
	/** ms after the navigation began. */
	readonly paint: number;
	readonly usable: number;
	readonly loaded: number;
}

/** In the page, before its own script: notes when what `figures` selects is first there, and when nothing loads any more. */
const watcher = (figures: string) => `(() => {
	const look = () => {
		const view = document.querySelector('#view');
		if (!window.usable && view?.querySelector(${JSON.stringify(figures)})) window.usable = performance.now();
		if (window.usable && !view.querySelector('.skeleton, [aria-busy]')) window.loaded = performance.now();
		else requestAnimationFrame(look);
	};
	requestAnimationFrame(look);
})()`;

/** Each time as somebody does who was never here: no cache. */
async function open(browser: Browser, url: string, figures: string): Promise<Opened> {
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin' });
	const page = await context.newPage();
	await page.addInitScript({ content: watcher(figures) });
	await page.goto(url);
	await page.waitForFunction(() => Object.hasOwn(globalThis, 'loaded'));
	const opened = await page.evaluate<Opened>(`({
		paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
		usable: window.usable,
		loaded: window.loaded,
	})`);
	await context.close();
	return opened;
}

/** Frames a second, and the longest between two, while the pointer drags over the chart. */
async function drag(browser: Browser, url: string): Promise<{ frames: number; longest: number; late: number }> {
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin' });
	const page = await context.newPage();
	await page.goto(url);
	const box = (await page.locator('.u-over').boundingBox())!;
	await page.locator('#view [aria-busy]').first().waitFor({ state: 'detached' });
	await page.mouse.move(box.x + 20, box.y + 60);
	await page.mouse.down();
	await page.evaluate(
		`window.frames_ = []; (function note(at) { window.frames_.push(at); requestAnimationFrame(note); })(performance.now())`,
	);
	const began = performance.now();
	for (let moved = 0; performance.now() - began < dragMs; moved += 1) {
		await page.mouse.move(box.x + 20 + (moved % Math.floor(box.width - 40)), box.y + 60 + (moved % 40));
	}
	const times = (await page.evaluate<number[]>('window.frames_')).slice(1);
	await context.close();
	const gaps = times.slice(1).map((at, index) => at - times[index]!);
	const seconds = (times.at(-1)! - times[0]!) / 1000;
	return { frames: gaps.length / seconds, longest: Math.max(...gaps), late: gaps.filter((gap) => gap > 25).length };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function main() {
	if (noBrowser) {
		process.stdout.write('no chromium: the dashboard is not measured\n');
		return;
	}
	const folder = mkdtempSync(join(tmpdir(), 'netmon-bench-'));
	const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
	try {
		const path = process.env.NETMON_BENCH_DATABASE ?? join(folder, 'year.db');
		if (!existsSync(path)) {
			await makeYear({ path, connections, end: Math.floor(Date.now() / 300_000) * 300_000, seed: 1 });
		}
		const kept = ['--retention-days', '800', '--retention-usage-days', '800', '--timezone', 'Europe/Berlin'];
		const { url } = await run({ after: (stop) => ends.push(stop) }, path, kept);
		const { total_count: count } = (await (await fetch(`${url}/api/v1/connections?limit=1`)).json()) as {
			total_count: number;
		};
		const browser = await launchBrowser();
		ends.push(() => browser.close());
		const views = [
			['Now', `${url}/#now`, '.agent'],
			['History, 24 hours', `${url}/#history`, '.equation'],
			['History, 12 months', `${url}/#history?range=12m`, '.equation'],
		] as const;
		const rows: string[] = [];
		for (const [name, address, figures] of views) {
			const all: Opened[] = [];
			for (let at = 0; at < repeats; at += 1) all.push(await open(browser, address, figures));
			const cells = (['paint', 'usable', 'loaded'] as const).map(
				(what) =>
					`${median(all.map((one) => one[what])).toFixed(0)} (${Math.max(...all.map((one) => one[what])).toFixed(0)})`,
			);
			rows.push(`| ${name} | ${cells.join(' | ')} |`);
		}
		const dragged = await drag(browser, views[2][1]);
		const text = `${start}
## The dashboard

${cpus().length} x ${cpus()[0]?.model.trim()}, Linux, Node ${process.versions.node}, Chromium ${browser.version()} without a GPU, master and browser on the same machine; the demo's year with ${count.toLocaleString('en')} connections.
Median (and longest) of ${repeats}, in ms after the navigation began, without a cache. Goals: first paint 500, usable 1,000, 60 frames a second.

| view | first paint | figures are there | nothing loads any more |
|---|---|---|---|
${rows.join('\n')}

While dragging for ${dragMs / 1000} s with 12 months in view: ${dragged.frames.toFixed(1)} frames a second, the longest after ${dragged.longest.toFixed(0)} ms, ${dragged.late} later than 25 ms.
${end}
`;
		process.stdout.write(text);
		write('docs/performance.md', text);
	} finally {
		for (const stop of ends.reverse()) await stop();
	}
}

/** In place of what an earlier run wrote. */
function write(path: string, text: string): void {
	const old = readFileSync(path, 'utf8');
	const [from, to] = [old.indexOf(start), old.indexOf(`${end}\n`)];
	writeFileSync(
		path,
		from < 0 ? `${old.trimEnd()}\n\n${text}` : old.slice(0, from) + text + old.slice(to + end.length + 1),
	);
}

main().catch((error) => {
	process.stderr.write(`${error.stack}\n`);
	process.exitCode = 1;
});
