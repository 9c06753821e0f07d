// The master's flags of node and settings of malloc, which stand where it is built and where it is measured.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { masterFlags, masterMalloc } from '../bench/process.ts';

test('it is measured with the flags that the file and the image start node with', () => {
	const malloc = Object.entries(masterMalloc).map(([name, value]) => `${name}=${value}`);
	const build = readFileSync('build.mjs', 'utf8');
	assert.ok(build.includes(`'${malloc.join(' ')}'`), 'malloc in build.mjs');
	assert.ok(build.includes(`'${masterFlags.join(' ')}'`), 'flags in build.mjs');
	const image = readFileSync('Dockerfile', 'utf8');
	assert.ok(image.includes(`ENV ${malloc.join(' ')}\n`), 'malloc in the Dockerfile');
	assert.ok(image.includes(`["node", ${masterFlags.map((flag) => `"${flag}"`).join(', ')}, "--"`), 'flags there');
});
