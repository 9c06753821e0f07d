import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { files } from 'dashboard-files';

const text = (name: string) => {
	const file = files.find((one) => one.name === name)!;
	return brotliDecompressSync(Buffer.from(file.brotli, 'base64')).toString();
};

test('it is at most 180 kB before compression', () => {
	const sizes = files.map(({ name }) => Buffer.byteLength(text(name)));
	assert.ok(sizes.reduce((a, b) => a + b, 0) <= 180_000, `${files.map(({ name }) => name)}: ${sizes}`);
});

test('it has nothing inline in its page, and no address of anybody else', () => {
	const html = text('index.html');
	assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/i);
	for (const { name } of files) {
		const foreign = [...text(name).matchAll(/(?:https?:)?\/\/[\w-]+\.[\w./-]+/g)].map(String);
		assert.deepEqual(
			foreign.filter((address) => !address.includes('www.w3.org')),
			[],
			name,
		);
	}
});

test('it takes no text for HTML or a script anywhere', () => {
	for (const name of readdirSync('src/dashboard').filter((one) => one.endsWith('.ts'))) {
		const source = readFileSync(`src/dashboard/${name}`, 'utf8');
		const found = source.match(
			/innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function/,
		);
		assert.equal(found, null, name);
	}
});
