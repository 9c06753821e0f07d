// The esbuild plugin behind `import { files } from 'dashboard-files'`: the page of this folder, bundled and compressed.
// Output depends on the sources alone.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

const types = {
	'page.js': 'text/javascript; charset=utf-8',
	'page.css': 'text/css; charset=utf-8',
	'index.html': 'text/html; charset=utf-8',
};

/** @param {{ root: string }} options the folder of package.json */
export async function dashboardFiles({ root }) {
	const folder = join(root, 'src/dashboard');
	const { outputFiles } = await build({
		absWorkingDir: root,
		entryPoints: [join(folder, 'page.ts'), join(folder, 'page.css')],
		outdir: join(root, 'dist'),
		bundle: true,
		minify: true,
		write: false,
		platform: 'browser',
		target: ['chrome109', 'firefox115', 'safari16.4'],
		format: 'iife',
		logLevel: 'warning',
		legalComments: 'none',
		charset: 'utf8',
		tsconfig: join(folder, 'tsconfig.json'),
	});
	const bodies = new Map(outputFiles.map(({ path, contents }) => [path.split(/[\\/]/).at(-1), contents]));
	bodies.set('index.html', readFileSync(join(folder, 'index.html')));
	return Object.entries(types).map(([name, type]) => ({ name, type, body: bodies.get(name) }));
}

/** @param {{ root: string }} options the folder of package.json */
export function dashboardPlugin({ root }) {
	const packed = ({ name, type, body }) => ({
		name,
		type,
		etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`,
		brotli: brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }).toString(
			'base64',
		),
	});
	return {
		name: 'dashboard-files',
		setup({ onResolve, onLoad }) {
			onResolve({ filter: /^dashboard-files$/ }, () => ({ path: 'dashboard-files', namespace: 'dashboard-files' }));
			onLoad({ filter: /.*/, namespace: 'dashboard-files' }, async () => ({
				contents: `export const files = ${JSON.stringify((await dashboardFiles({ root })).map(packed))};`,
				loader: 'js',
			}));
		},
	};
}
