// The browser of the tests: alone, and asking nobody anything. Debian has it without its windows too, which takes half
// the work for a page and draws it by the same engine.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const program = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));
export const noBrowser = program === undefined;

export function launchBrowser(): Promise<Browser> {
	const quiet = ['background-networking', 'component-update', 'sync', 'quic', 'gpu'].map((name) => `--disable-${name}`);
	return chromium.launch({ executablePath: program!, args: ['--no-sandbox', '--no-first-run', ...quiet] });
}
