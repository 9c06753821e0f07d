// The esbuild plugin behind `import ... from 'sql-wasm'`: sql.js's glue as it is, its wasm compressed, and the names
// of the system calls that the optimised build has minified away. It stops the build when sql.js is not the one that
// those names were read from.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const version = '1.16.0';
const glueSha256 = '9b96118841c6edfdf53c6f388c1419d1f473cf469df6a6fc2864b386d60bdb5e';
const wasmSha256 = '43bbcdd44287e5a2db3b6b5af34b1a3485a7a441285d247976c1ebe3c61f8dbf';

// The import object of sql-wasm.js has its entries in the order of the alphabet of their real names, as that of
// sql-wasm-debug.js has; test/system/sqlite/names.test.ts runs both builds and compares what they call.
const importNames = {
	__assert_fail: 'a',
	__syscall_chmod: 'i',
	__syscall_faccessat: 'D',
	__syscall_fchmod: 'j',
	__syscall_fchown32: 'h',
	__syscall_fcntl64: 'b',
	__syscall_fstat64: 'g',
	__syscall_ftruncate64: 'J',
	__syscall_getcwd: 'I',
	__syscall_geteuid32: 'F',
	__syscall_lstat64: 'M',
	__syscall_mkdirat: 'C',
	__syscall_newfstatat: 'L',
	__syscall_openat: 'x',
	__syscall_readlinkat: 's',
	__syscall_rmdir: 'r',
	__syscall_stat64: 'N',
	__syscall_unlinkat: 'o',
	__syscall_utimensat: 'n',
	_mmap_js: 'y',
	_munmap_js: 'z',
	fd_close: 'e',
	fd_fdstat_get: 'm',
	fd_read: 't',
	fd_seek: 'E',
	fd_sync: 'K',
	fd_write: 'q',
};

const fromLastLine = `(file => file.slice(file.lastIndexOf('\\n//') + 3))(require('node:fs').readFileSync(__filename, 'latin1'))`;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The best compression takes two seconds, so it is kept below `cache`. */
function compressed(wasm, cache) {
	const kept = join(cache, `sql-wasm-${wasmSha256.slice(0, 16)}-${process.versions.brotli}.br`);
	if (existsSync(kept)) return readFileSync(kept);
	const bytes = brotliCompressSync(wasm, {
		params: {
			[constants.BROTLI_PARAM_LGWIN]: 20,
			[constants.BROTLI_PARAM_SIZE_HINT]: wasm.length,
		},
	});
	mkdirSync(cache, { recursive: true });
	writeFileSync(kept, bytes);
	return bytes;
}

/** The wasm as it travels: brotli, in base64. @param {string} root the folder of package.json */
export function wasmText(root) {
	return compressed(
		readFileSync(join(root, 'node_modules/sql.js/dist/sql-wasm.wasm')),
		join(root, 'build/cache'),
	).toString('base64');
}

/**
 * @param {{ root: string, place?: 'inside' | 'last line' }} options the folder of package.json, and where the wasm's text
 * stands: as a string in the code, or behind `//` in the last line of the program's file, where it is no part of what
 * the JavaScript engine keeps in memory.
 */
export function sqlWasm({ root, place = 'inside' }) {
	const dist = join(root, 'node_modules/sql.js/dist');
	function contents() {
		const found = JSON.parse(readFileSync(join(dirname(dist), 'package.json'), 'utf8')).version;
		const glue = readFileSync(join(dist, 'sql-wasm.js'), 'utf8');
		const wasm = readFileSync(join(dist, 'sql-wasm.wasm'));
		if (found !== version || sha256(glue) !== glueSha256 || sha256(wasm) !== wasmSha256) {
			throw new Error(
				`sql.js ${found} is not the build of ${version} whose import names stand in src/system/sqlite/plugin.mjs: ` +
					'read them anew (docs/database.md says how), or install the pinned version',
			);
		}
		return [
			`export function createGlue() {\nlet module; const exports = undefined;\n${glue}\nreturn initSqlJs;\n}`,
			`export const wasmText = () => ${place === 'inside' ? JSON.stringify(wasmText(root)) : fromLastLine};`,
			`export const importNames = ${JSON.stringify(importNames)};`,
		].join('\n');
	}
	return {
		name: 'sql-wasm',
		setup(build) {
			build.onResolve({ filter: /^sql-wasm$/ }, () => ({ path: 'sql-wasm', namespace: 'sql-wasm' }));
			build.onLoad({ filter: /.*/, namespace: 'sql-wasm' }, () => ({
				contents: contents(),
				loader: 'js',
				resolveDir: root,
			}));
		},
	};
}
