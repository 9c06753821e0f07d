// `node openwrt/apk.mjs FOLDER` lays FOLDER/apk/NAME (the tree and scripts as OpenWrt 25.12 wants them) and has apk make
// FOLDER/NAME-VERSION.apk of it. Where there is no apk 3, it prints the command for a machine that has one.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packages } from './packages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [folder] = process.argv.slice(2);
if (!folder) throw new Error('say where to: node openwrt/apk.mjs FOLDER');

/** What apk runs hands over to OpenWrt's own functions, as ipk's wrappers do. */
const script = (name, calls, own = 'exit 0\n') => `#!/bin/sh
[ "\${IPKG_NO_SCRIPT}" = "1" ] && exit 0
[ -s "\${IPKG_INSTROOT}/lib/functions.sh" ] || exit 0
. "\${IPKG_INSTROOT}/lib/functions.sh"
export root="\${IPKG_INSTROOT}"
export pkgname="${name}"
${calls}
${own}`;

/** OpenWrt's functions look here for a package's files, settings and users, since apk itself tells them nothing. */
function records({ name, conffiles, user, contents }) {
	const files = contents.filter(({ content }) => content);
	const sum = (path) =>
		createHash('sha256')
			.update(files.find((one) => one.path === path).content)
			.digest('hex');
	return Object.entries({
		list: files.map(({ path }) => path),
		conffiles,
		conffiles_static: conffiles.map((path) => `${path} ${sum(path)}`),
		rusers: user ? [user] : [],
	})
		.filter(([, lines]) => lines.length > 0)
		.map(([ending, lines]) => ({
			path: `/lib/apk/packages/${name}.${ending}`,
			mode: 0o644,
			content: `${lines.join('\n')}\n`,
		}));
}

function lay(one) {
	const place = join(folder, 'apk', one.name);
	rmSync(place, { recursive: true, force: true });
	for (const { path, mode, content } of [...one.contents, ...records(one)]) {
		const target = join(place, 'files', path);
		mkdirSync(content ? dirname(target) : target, { recursive: true });
		if (content) writeFileSync(target, content);
		chmodSync(target, mode);
	}
	const installed = 'add_group_and_user\ndefault_postinst';
	const scripts = {
		'post-install': script(one.name, installed, one.scripts['postinst-pkg']),
		'post-upgrade': script(one.name, `export PKG_UPGRADE=1\n${installed}`, one.scripts['postinst-pkg']),
		'pre-deinstall': script(one.name, 'default_prerm'),
	};
	for (const [name, text] of Object.entries(scripts)) writeFileSync(join(place, name), text, { mode: 0o755 });
	// 25.12 has no package node: the init script says what is missing.
	const depends = one.depends.split(', ').filter((name) => name !== 'node');
	const info = {
		name: one.name,
		version: one.version,
		description: one.description,
		arch: 'noarch',
		license: one.control.License,
		origin: one.name,
		...(depends.length > 0 ? { depends: depends.join(' ') } : {}),
	};
	return [
		'mkpkg',
		...Object.entries(info).flatMap(([name, value]) => ['--info', `${name}:${value}`]),
		...Object.keys(scripts).flatMap((name) => ['--script', `${name}:${join(place, name)}`]),
		...['--files', join(place, 'files'), '--output', join(folder, `${one.name}-${one.version}.apk`)],
	];
}

const commands = packages(root).map(lay);
// The owners in the package are the files' own: root's, or as if.
const fake = process.getuid() === 0 ? [] : ['fakeroot', '--'];
for (const command of commands) {
	const [program, ...words] = [...fake, 'apk', ...command];
	if (spawnSync(program, words, { stdio: 'inherit' }).status === 0) continue;
	console.error('No apk 3 here, or it failed. As root, where it is:\n');
	for (const one of commands) console.error(`apk ${one.map((word) => `'${word}'`).join(' ')}`);
	process.exit(1);
}
