import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';

const maxBytes = 620_000;

function codeOf(file: Buffer): string {
	const packed = /'([A-Za-z0-9+/=]{1000,})'/.exec(file.toString())![1]!;
	return brotliDecompressSync(Buffer.from(packed, 'base64')).toString();
}

/** A copy of the sources in a folder of its own. */
function checkout(): string {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-build-'));
	for (const name of ['src', 'build.mjs', 'package.json']) cpSync(name, join(folder, name), { recursive: true });
	symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
	return folder;
}

function builtIn(folder: string): Buffer {
	execFileSync(process.execPath, ['build.mjs'], { cwd: folder });
	return readFileSync(join(folder, 'dist/netmon.js'));
}

test('it is the same program, byte for byte, when it is built again and in another folder', () => {
	const folders = [checkout(), checkout()] as const;
	try {
		const first = builtIn(folders[0]);
		assert.ok(first.equals(builtIn(folders[0])), 'built twice');
		assert.ok(first.equals(builtIn(folders[1])), 'built in another folder');
		for (const path of [...folders, process.cwd()]) assert.ok(codeOf(first).includes(path) === false, path);
	} finally {
		for (const folder of folders) rmSync(folder, { recursive: true, force: true });
	}
});

test(`it is one file of at most ${maxBytes} bytes that runs with nothing beside it`, () => {
	assert.ok(readFileSync('dist/netmon.js').length <= maxBytes, `${readFileSync('dist/netmon.js').length} bytes`);
	const folder = mkdtempSync(join(tmpdir(), 'netmon-alone-'));
	try {
		copyFileSync('dist/netmon.js', join(folder, 'netmon.js'));
		const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
		const run = (...args: string[]) =>
			execFileSync(process.execPath, [join(folder, 'netmon.js'), ...args], { cwd: folder });
		assert.equal(run('--version').toString(), `netmon ${version}\n`);
		assert.match(run('--help').toString(), /--clash-url/);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
