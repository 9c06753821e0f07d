import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { scratchFolder } from './scratch.ts';

const maxAddedBytes = 420_000;

interface Layer {
	readonly text: string;
	readonly wasm: string;
}

/** Bundles the layer as the program is bundled, from the sources in `root`. */
function bundle(root: string): Layer {
	const script = `
		const { build } = await import(${JSON.stringify(resolve('node_modules/esbuild/lib/main.js'))});
		const { sqlWasm, wasmText } = await import(${JSON.stringify(join(root, 'src/system/sqlite/plugin.mjs'))});
		const root = ${JSON.stringify(root)};
		await build({ absWorkingDir: root, entryPoints: ['src/system/database.ts'], outfile: 'build/layer.js', bundle: true,
			minify: true, platform: 'node', target: 'node18', format: 'cjs', charset: 'ascii', legalComments: 'none',
			logLevel: 'silent', plugins: [sqlWasm({ root, place: 'last line' })] });
		process.stdout.write(wasmText(root));`;
	const wasm = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
		encoding: 'utf8',
		stdio: 'pipe',
	});
	return { text: readFileSync(join(root, 'build/layer.js'), 'utf8'), wasm };
}

/** A copy of the sources elsewhere; `sql.js` is the real one unless something is put in its place. */
function copyTo(root: string): string {
	mkdirSync(join(root, 'node_modules'), { recursive: true });
	cpSync('src', join(root, 'src'), { recursive: true });
	symlinkSync(resolve('node_modules/sql.js'), join(root, 'node_modules/sql.js'));
	return root;
}

/** As it travels: code as brotli in base64, and the wasm. */
function bytesOf({ text, wasm }: Layer): number {
	return brotliCompressSync(text).toString('base64').length + wasm.length;
}

test(`it adds less than ${maxAddedBytes / 1000} kB, the same bytes in any folder, and no path`, (t) => {
	const folder = scratchFolder(t);
	const [one, two] = [bundle(copyTo(join(folder, 'one'))), bundle(copyTo(join(folder, 'elsewhere/two')))];
	const hash = ({ text, wasm }: Layer) => createHash('sha256').update(text).update(wasm).digest('hex');
	assert.equal(hash(one), hash(two));
	assert.ok(!one.text.includes(folder) && !one.text.includes(process.cwd()));
	t.diagnostic(`${bytesOf(one)} bytes`);
	assert.ok(bytesOf(one) < maxAddedBytes);
});

test('it does not build with any other sql.js', (t) => {
	const folder = scratchFolder(t);
	const changes: Record<string, (text: string) => string> = {
		'package.json': (text) => text.replace('"1.16.0"', '"1.16.1"'),
		'dist/sql-wasm.js': (text) => `${text}\n`,
		'dist/sql-wasm.wasm': (text) => text.slice(1),
	};
	for (const [file, change] of Object.entries(changes)) {
		const root = join(folder, file.replace('/', '-'));
		mkdirSync(join(root, 'node_modules/sql.js/dist'), { recursive: true });
		cpSync('src', join(root, 'src'), { recursive: true });
		for (const name of Object.keys(changes)) {
			const text = readFileSync(join('node_modules/sql.js', name), 'latin1');
			writeFileSync(join(root, 'node_modules/sql.js', name), name === file ? change(text) : text, 'latin1');
		}
		assert.throws(() => bundle(root), /is not the build of 1\.16\.0 whose import names stand in/, file);
	}
});
