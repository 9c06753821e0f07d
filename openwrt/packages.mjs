// What goes into each package, and what its control file says. The feed recipes (openwrt/*/Makefile) say the same to
// OpenWrt's own build; test/openwrt/packages.test.ts compares them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { lmo } from './lmo.mjs';

export const release = 'r1';

const rpcdAndUbusd = `[ -n "$IPKG_INSTROOT" ] || {
	# Neither looks for new rights and objects by itself.
	killall -HUP ubusd
	/etc/init.d/rpcd reload
} 2>/dev/null
exit 0
`;

/** Scripts that opkg runs are wrappers round OpenWrt's own, which find `NAME-pkg` beside them. */
const wrapper = (name) => `#!/bin/sh
[ "\${IPKG_NO_SCRIPT}" = "1" ] && exit 0
[ -s "\${IPKG_INSTROOT}/lib/functions.sh" ] || exit 0
. "\${IPKG_INSTROOT}/lib/functions.sh"
default_${name} "$0" "$@"
`;

const luciCaches = `[ -n "$IPKG_INSTROOT" ] || {
	rm -f /tmp/luci-indexcache.*
	rm -rf /tmp/luci-modulecache/
	/etc/init.d/rpcd reload
} 2>/dev/null
exit 0
`;

const table = [
	{
		name: 'netmon',
		depends: 'node',
		section: 'net',
		user: 'netmon:netmon',
		conffiles: ['/etc/config/netmon'],
		description: 'Who used how much through which path: the traffic of a mihomo router, in figures that add up',
		postinst: rpcdAndUbusd,
		/** In the repository -> on the router. */
		trees: { 'openwrt/netmon/root': '/' },
		files: {
			'init.d/netmon': '/etc/init.d/netmon',
			'openwrt/service.sh': '/usr/lib/netmon/service.sh',
			'dist/netmon.js': '/usr/lib/netmon/netmon.js',
		},
	},
	{
		name: 'netmon-master',
		depends: 'node',
		section: 'net',
		user: 'netmon:netmon',
		conffiles: ['/etc/config/netmon-master'],
		description: 'Keeps what routers with netmon send, for years, and answers questions about it',
		postinst: 'exit 0\n',
		trees: { 'openwrt/netmon-master/root': '/' },
		files: {
			'init.d/netmon-master': '/etc/init.d/netmon-master',
			'openwrt/service.sh': '/usr/lib/netmon-master/service.sh',
			'dist/netmon-master.js': '/usr/lib/netmon-master/netmon-master.js',
		},
	},
	{
		name: 'luci-app-netmon',
		depends: 'luci-base, netmon',
		section: 'luci',
		conffiles: [],
		description: 'LuCI pages of netmon',
		postinst: luciCaches,
		trees: { 'openwrt/luci-app-netmon/root': '/', 'openwrt/luci-app-netmon/htdocs': '/www' },
		files: {},
		translations: { 'openwrt/luci-app-netmon/po/zh_Hans/netmon.po': '/usr/lib/lua/luci/i18n/netmon.zh-cn.lmo' },
	},
];

function modeOf(path) {
	if (path.startsWith('/etc/config/')) return 0o600;
	return /^\/(etc\/(init\.d|uci-defaults)|usr\/(bin|libexec\/rpcd))\//.test(path) ? 0o755 : 0o644;
}

/** Folders and files of a package, sorted so that a folder comes before what is in it: {path, mode, content?}. */
function contents(root, { trees, files, translations = {} }) {
	const found = new Map(Object.entries(files).map(([from, to]) => [to, join(root, from)]));
	const made = new Map(
		Object.entries(translations).map(([from, to]) => [to, lmo(readFileSync(join(root, from), 'utf8'))]),
	);
	for (const [from, to] of Object.entries(trees)) {
		for (const entry of readdirSync(join(root, from), { recursive: true, withFileTypes: true })) {
			const source = join(entry.parentPath ?? entry.path, entry.name);
			const inside = source.slice(join(root, from).length).split(sep).join('/');
			if (entry.isFile()) found.set(`${to === '/' ? '' : to}${inside}`, source);
		}
	}
	const folders = new Set();
	for (const path of [...found.keys(), ...made.keys()]) {
		for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
			folders.add(path.slice(0, end));
	}
	return [
		...[...folders].map((path) => ({ path, mode: 0o755 })),
		...[...found].map(([path, source]) => ({ path, mode: modeOf(path), content: readFileSync(source) })),
		...[...made].map(([path, content]) => ({ path, mode: modeOf(path), content })),
	].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** The packages whose files are there: {name, version, control, scripts, conffiles, contents}. */
export function packages(root) {
	const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	return table
		.filter(({ trees }) => Object.keys(trees).every((folder) => existsSync(join(root, folder))))
		.map((one) => ({
			name: one.name,
			version: `${version}-${release}`,
			depends: one.depends,
			conffiles: one.conffiles,
			user: one.user,
			description: one.description,
			control: {
				Package: one.name,
				Version: `${version}-${release}`,
				Depends: one.depends,
				License: license,
				Section: one.section,
				...(one.user ? { 'Require-User': one.user } : {}),
				Architecture: 'all',
			},
			scripts: {
				postinst: wrapper('postinst'),
				prerm: wrapper('prerm'),
				'postinst-pkg': one.postinst,
			},
			contents: contents(root, one),
		}));
}
