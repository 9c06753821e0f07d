// `node openwrt/ipk.mjs FOLDER` writes FOLDER/NAME_VERSION_all.ipk for every package; a second word `feed` writes the
// list that opkg reads beside them (Packages, Packages.gz; Packages.sig when USIGN_KEY names a key). No SDK; the same
// bytes from the same sources.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { packages } from './packages.mjs';
import { tar } from './tar.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mtime = Number(process.env.SOURCE_DATE_EPOCH ?? 0);

/** As `gzip -n` does: no name, no time, and the same system in every header. */
function gzip(bytes) {
	const packed = gzipSync(bytes, { level: 9 });
	packed[9] = 3;
	return packed;
}

function stanza(fields) {
	return Object.entries(fields)
		.map(([name, value]) => `${name}: ${value}\n`)
		.join('');
}

function ipk({ control, description, scripts, conffiles, contents }) {
	const data = tar([{ path: '/', mode: 0o755 }, ...contents], mtime);
	const fields = { ...control, 'Installed-Size': data.length };
	const about = [
		{ path: '/control', mode: 0o644, content: stanza({ ...fields, Description: description }) },
		{ path: '/conffiles', mode: 0o644, content: conffiles.map((path) => `${path}\n`).join('') },
		...Object.entries(scripts).map(([name, content]) => ({ path: `/${name}`, mode: 0o755, content })),
	]
		.filter(({ content }) => content !== '')
		.map((entry) => ({ ...entry, content: Buffer.from(entry.content) }));
	const members = [
		{ path: '/debian-binary', mode: 0o644, content: Buffer.from('2.0\n') },
		{ path: '/data.tar.gz', mode: 0o644, content: gzip(data) },
		{ path: '/control.tar.gz', mode: 0o644, content: gzip(tar([{ path: '/', mode: 0o755 }, ...about], mtime)) },
	];
	return { bytes: gzip(tar(members, mtime)), fields };
}

/** The list of a feed. Old usign fails on some lengths (its SHA-512's last block), which blank lines avoid. */
function feedList(built) {
	const text = built
		.map(({ file, bytes, fields, description }) => {
			const { 'Require-User': _, ...listed } = fields;
			const SHA256sum = createHash('sha256').update(bytes).digest('hex');
			return stanza({ ...listed, Filename: file, Size: bytes.length, SHA256sum, Description: description });
		})
		.join('\n');
	return [46, 47].includes(Buffer.byteLength(text) % 64) ? `${text}\n\n` : text;
}

const [folder, feed] = process.argv.slice(2);
if (!folder) throw new Error('say where to: node openwrt/ipk.mjs FOLDER [feed]');
mkdirSync(folder, { recursive: true });
const built = packages(root).map((one) => {
	const file = `${one.name}_${one.version}_all.ipk`;
	const { bytes, fields } = ipk(one);
	writeFileSync(join(folder, file), bytes);
	console.log(`${join(folder, file)}: ${bytes.length} bytes`);
	return { file, bytes, fields, description: one.description };
});

if (feed === 'feed') {
	const list = join(folder, 'Packages');
	writeFileSync(list, feedList(built));
	writeFileSync(`${list}.gz`, gzip(Buffer.from(feedList(built))));
	const key = process.env.USIGN_KEY;
	if (key) execFileSync('usign', ['-S', '-m', list, '-s', key, '-x', `${list}.sig`], { stdio: 'inherit' });
	console.log(`${list}: ${built.length} packages${key ? ', signed' : ', not signed: USIGN_KEY names no key'}`);
}
