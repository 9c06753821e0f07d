// Builds with esbuild: `node build.mjs` makes dist/netmon.js and dist/netmon-master.js, `node build.mjs test` bundles every test,
// bench and fake program into build/. Output depends on the sources alone: same bytes in any folder.
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';
import { dashboardPlugin } from './src/dashboard/plugin.mjs';
import { sqlWasm, wasmText } from './src/system/sqlite/plugin.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const common = {
	absWorkingDir: root,
	bundle: true,
	platform: 'node',
	target: 'node18',
	format: 'cjs',
	logLevel: 'warning',
	legalComments: 'none',
	define: { NETMON_VERSION: JSON.stringify(version) },
};

/** Every file below `folder` whose name ends in one of `endings`, sorted. */
function filesBelow(folder, endings) {
	return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
		.map((entry) =>
			relative(root, join(entry.parentPath ?? entry.path, entry.name))
				.split(sep)
				.join('/'),
		)
		.sort();
}

// Node 20 and newer take `--env-file` for their own flag wherever it stands, unless `--` stands before the script.
// So a program that is run by its name is a shell script of one line, and JavaScript behind it.
const start = (node) => `#!/bin/sh\n':' //; exec ${node} -- "$0" "$@"\n`;
// The master's: a small young generation and a heap that grows slowly keep it below 200 MB (docs/performance.md). What
// V8's compiler takes for SQLite, 31 MB in pieces of 32 kB, glibc gives back to the system only where it is told to.
const masterMalloc = 'MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=32768 MALLOC_TRIM_THRESHOLD_=131072';
const masterFlags = '--max-semi-space-size=2 --heap-growing-percent=15 --v8-pool-size=1';

// Behind it the bundle travels compressed (flash is dear, 10 ms at a start are not). It is all ASCII: one other
// character, and the JavaScript engine keeps the whole text with two bytes for each.
const unpack = (packed) =>
	`module._compile(require('node:zlib').brotliDecompressSync(Buffer.from('${packed}','base64')).toString('latin1'),__filename)\n`;

async function buildProgram(entry, outfile, node) {
	const plugins = [sqlWasm({ root, place: 'last line' }), dashboardPlugin({ root })];
	const result = await build({
		...common,
		plugins,
		charset: 'ascii',
		entryPoints: [entry],
		minify: true,
		write: false,
	});
	const code = result.outputFiles[0].contents;
	const params = { [constants.BROTLI_PARAM_SIZE_HINT]: code.length, [constants.BROTLI_PARAM_LGWIN]: 22 };
	mkdirSync(join(root, dirname(outfile)), { recursive: true });
	const packed = brotliCompressSync(code, { params }).toString('base64');
	writeFileSync(join(root, outfile), `${start(node)}${unpack(packed)}//${wasmText(root)}`);
	chmodSync(join(root, outfile), 0o755);
}

async function buildTests() {
	rmSync(join(root, 'build/test'), { recursive: true, force: true });
	await build({
		...common,
		plugins: [sqlWasm({ root }), dashboardPlugin({ root })],
		charset: 'utf8',
		// The ws of the fake core looks for native helpers beside it.
		define: { ...common.define, 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
		entryPoints: filesBelow('test', ['.test.ts', '.program.ts']),
		outdir: 'build/test',
		outbase: 'test',
		// Drives a browser from files of its own.
		external: ['playwright-core'],
		sourcemap: 'inline',
		sourcesContent: false,
	});
}

if (process.argv[2] === 'test') await buildTests();
else {
	await buildProgram('src/main.ts', 'dist/netmon.js', 'node');
	await buildProgram('src/mastermain.ts', 'dist/netmon-master.js', `env ${masterMalloc} node ${masterFlags}`);
}
