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

test('it is the same program, byte for byte, when it is built again in another folder', () => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-build-'));
	try {
		for (const name of ['src', 'build.mjs', 'package.json']) cpSync(name, join(folder, name), { recursive: true });
		symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
		execFileSync(process.execPath, ['build.mjs'], { cwd: folder });
		const there = readFileSync(join(folder, 'dist/netmon.js'));
		execFileSync(process.execPath, ['build.mjs'], { cwd: folder });
		assert.ok(there.equals(readFileSync(join(folder, 'dist/netmon.js'))), 'built twice');
		// Another Node may bring another brotli, so what is compared is what it unpacks to.
		assert.ok(codeOf(there) === codeOf(readFileSync('dist/netmon.js')), 'built in another folder');
		for (const path of [folder, process.cwd()]) assert.ok(codeOf(there).includes(path) === false, path);
	} finally {
		rmSync(folder, { recursive: true, force: true });
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
