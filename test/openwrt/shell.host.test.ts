import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readIpk } from '../fakes/ipk.ts';
import { buildPackages } from '../fakes/router.ts';

/** Every file that goes onto a router and is run or sourced by its shell. */
const scripts = ['init.d', 'openwrt']
	.flatMap((folder) =>
		readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
			entry.isFile() ? join(entry.parentPath ?? entry.path, entry.name) : '',
		),
	)
	.filter((path) => path.endsWith('.sh') || (path !== '' && readFileSync(path, 'utf8').startsWith('#!/bin/sh')));

test('it has scripts to look at', () => assert.ok(scripts.length >= 6, scripts.join()));

for (const script of scripts) {
	test(`it is clean in the eyes of shellcheck: ${script}`, (t: TestContext) => {
		const found = spawnSync('shellcheck', ['-x', '-s', 'dash', script], { encoding: 'utf8' });
		if (found.error) return t.skip('no shellcheck: the shell scripts are not checked');
		assert.equal(found.stdout + found.stderr, '');
	});
}

test('it gives opkg scripts that are clean too', (t: TestContext) => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-ipk-'));
	try {
		for (const ipk of buildPackages(folder).values()) {
			for (const [name, text] of readIpk(ipk).scripts) {
				// OpenWrt's own functions are not here to be followed.
				const found = spawnSync('shellcheck', ['-s', 'dash', '-e', 'SC1091', '-'], { input: text, encoding: 'utf8' });
				if (found.error) return t.skip('no shellcheck: the scripts of the packages are not checked');
				assert.equal(found.stdout + found.stderr, '', name);
			}
		}
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
