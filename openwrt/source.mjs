// `node openwrt/source.mjs FOLDER` writes FOLDER/netmon-VERSION.tar.gz: the release's archive, from which the feed's
// recipes build where there is no npm.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { tar } from './tar.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [folder] = process.argv.slice(2);
if (!folder) throw new Error('say where to: node openwrt/source.mjs FOLDER');

const files = [
	'LICENSE',
	'dist/netmon.js',
	'dist/netmon-master.js',
	'init.d/netmon',
	'init.d/netmon-master',
	'openwrt/service.sh',
];
const folders = ['', ...new Set(files.map(dirname).filter((name) => name !== '.'))];
const inside = (name) => `/netmon-${version}${name && `/${name}`}`;
const entries = [
	...folders.map((name) => ({ path: inside(name), mode: 0o755 })),
	...files.map((name) => ({
		path: inside(name),
		mode: name.startsWith('init.d/') ? 0o755 : 0o644,
		content: readFileSync(join(root, name)),
	})),
];
mkdirSync(folder, { recursive: true });
const file = join(folder, `netmon-${version}.tar.gz`);
writeFileSync(file, gzipSync(tar(entries, Number(process.env.SOURCE_DATE_EPOCH ?? 0)), { level: 9 }));
console.log(file);
