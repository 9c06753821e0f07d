import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

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
