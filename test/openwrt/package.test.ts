import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { agentProgram } from '../../src/settings/agent.ts';
import { masterProgram } from '../../src/settings/master.ts';
import { type Setting, uciOptionOf } from '../../src/settings/setting.ts';
import { type Ipk, readIpk, readTar } from '../fakes/ipk.ts';
import { buildPackages } from '../fakes/router.ts';

const folder = mkdtempSync(join(tmpdir(), 'netmon-ipk-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const built = buildPackages(folder);
const netmon = readIpk(built.get('netmon')!);
const master = readIpk(built.get('netmon-master')!);
const services = [
	{ name: 'netmon', ipk: netmon, program: agentProgram, shown: 18 },
	{ name: 'netmon-master', ipk: master, program: masterProgram, shown: 13 },
];
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const filesOf = (ipk: Ipk) =>
	ipk.data
		.filter(({ kind }) => kind === 'file')
		.map(({ path, mode }) => `${mode.toString(8).padStart(4, '0')} ${path}`);

test('it brings the agent these files, root their owner', () => {
	assert.deepEqual(filesOf(netmon), [
		'0600 /etc/config/netmon',
		'0755 /etc/init.d/netmon',
		'0755 /etc/uci-defaults/80-netmon',
		'0644 /lib/upgrade/keep.d/netmon',
		'0755 /usr/bin/netmon',
		'0644 /usr/lib/netmon/netmon.js',
		'0644 /usr/lib/netmon/render.sh',
		'0644 /usr/lib/netmon/service.sh',
		'0755 /usr/libexec/rpcd/netmon',
		'0644 /usr/share/acl.d/netmon.json',
		// Not netmon.json: that is the file for routers that a netmon elsewhere asks (docs/examples).
		'0644 /usr/share/rpcd/acl.d/netmon-agent.json',
	]);
});

test('it brings the master these files, root their owner', () => {
	assert.deepEqual(filesOf(master), [
		'0600 /etc/config/netmon-master',
		'0755 /etc/init.d/netmon-master',
		'0755 /etc/uci-defaults/80-netmon-master',
		'0755 /usr/bin/netmon-master',
		'0644 /usr/lib/netmon-master/netmon-master.js',
		'0644 /usr/lib/netmon-master/service.sh',
	]);
	assert.deepEqual(master.conffiles, ['/etc/config/netmon-master']);
	assert.equal(master.control.get('Require-User'), 'netmon:netmon');
	assert.equal(master.control.get('Depends'), 'node');
});

test('it brings LuCI these files, and asks for the agent', () => {
	const luci = readIpk(built.get('luci-app-netmon')!);
	assert.deepEqual(filesOf(luci), [
		'0644 /usr/lib/lua/luci/i18n/netmon.zh-cn.lmo',
		'0644 /usr/share/luci/menu.d/luci-app-netmon.json',
		'0644 /usr/share/rpcd/acl.d/luci-app-netmon.json',
		'0644 /www/luci-static/resources/netmon/bars.js',
		'0644 /www/luci-static/resources/netmon/chart.js',
		'0644 /www/luci-static/resources/netmon/check.js',
		'0644 /www/luci-static/resources/netmon/classes.js',
		'0644 /www/luci-static/resources/netmon/figures.js',
		'0644 /www/luci-static/resources/netmon/looking.js',
		'0644 /www/luci-static/resources/netmon/periods.js',
		'0644 /www/luci-static/resources/netmon/table.js',
		'0644 /www/luci-static/resources/view/netmon/devices.js',
		'0644 /www/luci-static/resources/view/netmon/history.js',
		'0644 /www/luci-static/resources/view/netmon/log.js',
		'0644 /www/luci-static/resources/view/netmon/overview.js',
		'0644 /www/luci-static/resources/view/netmon/settings.js',
		'0644 /www/luci-static/resources/view/netmon/top.js',
	]);
	assert.equal(luci.control.get('Depends'), 'luci-base, netmon');
	const json = (path: string) => JSON.parse(String(luci.data.find((one) => one.path === path)!.content));
	const views = Object.values<{ action: { type: string; path: string } }>(
		json('/usr/share/luci/menu.d/luci-app-netmon.json'),
	)
		.filter(({ action }) => action.type === 'view')
		.map(({ action }) => action.path);
	for (const view of views) {
		assert.ok(
			luci.data.some(({ path }) => path === `/www/luci-static/resources/view/${view}.js`),
			view,
		);
	}
	assert.ok(json('/usr/share/rpcd/acl.d/luci-app-netmon.json')['luci-app-netmon']);
});

test('it says in the control file what opkg must know', () => {
	const { control } = netmon;
	assert.equal(control.get('Package'), 'netmon');
	assert.equal(control.get('Version'), `${version}-r1`);
	assert.equal(control.get('Depends'), 'node');
	assert.equal(control.get('Architecture'), 'all');
	assert.equal(control.get('Require-User'), 'netmon:netmon');
	assert.equal(control.get('Installed-Size'), String(netmon.dataBytes));
	assert.equal([...control.keys()].at(-1), 'Description');
	assert.deepEqual(netmon.conffiles, ['/etc/config/netmon']);
	for (const name of ['postinst', 'prerm']) {
		assert.match(netmon.scripts.get(name)!, new RegExp(`default_${name} "\\$0" "\\$@"`));
	}
	assert.match(netmon.scripts.get('postinst-pkg')!, /killall -HUP ubusd\n\t\/etc\/init\.d\/rpcd reload/);
});

test('it carries the programs as they were built', () => {
	for (const { name, ipk } of services) {
		const inside = ipk.data.find(({ path }) => path === `/usr/lib/${name}/${name}.js`)!.content;
		assert.deepEqual(inside, readFileSync(`dist/${name}.js`));
	}
});

test('it stays within 620 kB, and all packages within 1.2 MB', () => {
	assert.ok(built.get('netmon')!.length <= 620_000);
	assert.ok([...built.values()].reduce((sum, { length }) => sum + length, 0) <= 1_200_000);
});

test('it is the same in another folder, and carries the time it is told', () => {
	const elsewhere = mkdtempSync(join(tmpdir(), 'netmon-tree-'));
	try {
		for (const one of ['openwrt', 'init.d', 'dist', 'package.json'])
			cpSync(one, join(elsewhere, one), { recursive: true });
		const build = (env: Readonly<Record<string, string>>) => {
			execFileSync(process.execPath, ['openwrt/ipk.mjs', 'out'], {
				cwd: elsewhere,
				env: { ...process.env, ...env },
				stdio: 'pipe',
			});
			return readFileSync(join(elsewhere, `out/netmon_${version}-r1_all.ipk`));
		};
		assert.ok(build({ SOURCE_DATE_EPOCH: process.env.SOURCE_DATE_EPOCH ?? '0' }).equals(built.get('netmon')!));
		const later = readIpk(build({ SOURCE_DATE_EPOCH: '1700000000' }));
		assert.deepEqual([...new Set(later.data.map(({ mtime }) => mtime))], [1_700_000_000]);
	} finally {
		rmSync(elsewhere, { recursive: true, force: true });
	}
});

test('it lists a feed with sizes and sums that are true', () => {
	const text = readFileSync(join(folder, 'Packages'), 'utf8');
	assert.equal(String(gunzipSync(readFileSync(join(folder, 'Packages.gz')))), text);
	const stanzas = text.trimEnd().split('\n\n');
	const names = stanzas.map((stanza) => /^Package: (.*)/.exec(stanza)?.[1]);
	assert.deepEqual([...names].sort(), [...built.keys()].sort());
	for (const stanza of stanzas) {
		const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1];
		const bytes = readFileSync(join(folder, field('Filename')!));
		assert.equal(field('Size'), String(bytes.length));
		assert.equal(field('SHA256sum'), createHash('sha256').update(bytes).digest('hex'));
		assert.equal(field('Require-User'), undefined);
	}
});

test('it has rights files that are JSON and grant no more than is used', () => {
	const json = (path: string) => JSON.parse(String(netmon.data.find((one) => one.path === path)!.content));
	assert.deepEqual(json('/usr/share/acl.d/netmon.json'), {
		user: 'netmon',
		access: { 'network.device': { methods: ['status'] }, 'network.interface': { methods: ['dump'] } },
		listen: ['network.interface'],
		subscribe: ['network.interface'],
	});
	assert.deepEqual(json('/usr/share/rpcd/acl.d/netmon-agent.json')['netmon-agent'].read, {
		ubus: { netmon: ['status', 'history', 'devices', 'top'] },
	});
});

for (const { name: service, ipk, program, shown } of services) {
	test(`it has default settings that ${service} takes, each with a line that says what it is for`, () => {
		const lines = String(ipk.data.find(({ path }) => path === `/etc/config/${service}`)!.content).split('\n');
		const kinds = new Map(Object.values<Setting<unknown>>(program.table).map((one) => [uciOptionOf(one), one.kind]));
		let options = 0;
		for (const [index, line] of lines.entries()) {
			const [, name, value] = /^\t#?(?:option|list) (\w+) '(.*)'$/.exec(line) ?? [];
			if (name === undefined) continue;
			options += 1;
			assert.match(lines[index - 1]!, /^\t# ./, `${name} has no line before it`);
			if (program.uciOnly.includes(name)) continue;
			assert.ok(kinds.has(name), `${name} is no option`);
			if (value !== '') assert.notEqual(kinds.get(name)!.parse(value!), undefined, `${name} ${value}`);
		}
		assert.equal(options, shown);
	});

	test(`it is what the feed recipe installs: ${service}`, () => {
		const recipe = readFileSync(`openwrt/${service}/Makefile`, 'utf8');
		assert.match(recipe, new RegExp(`^PKG_NAME:=${service}$`, 'm'));
		assert.match(recipe, new RegExp(`^PKG_VERSION:=${version.replaceAll('.', '\\.')}$`, 'm'));
		assert.match(recipe, /^PKG_RELEASE:=1$/m);
		assert.match(recipe, /^ {2}USERID:=netmon:netmon$/m);
		assert.match(recipe, /^ {2}DEPENDS:=\+node$/m);
		assert.ok(recipe.includes(`define Package/${service}/conffiles\n${ipk.conffiles.join('\n')}\nendef`));
		// Every file has a line that names it, or its tree does.
		const root = `openwrt/${service}/root`;
		const trees = readdirSync(root, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length));
		const named = [...recipe.matchAll(/\$\(1\)(\/\S+)/g)].map((match) => match[1]!);
		for (const { path } of ipk.data.filter(({ kind }) => kind === 'file')) {
			assert.ok(trees.includes(path) ? recipe.includes('$(CP) ./root/* $(1)/') : named.includes(path), path);
		}
	});
}

test('it lays the tree that apk makes a package of, without apk too', () => {
	const out = join(folder, 'laid');
	const { stderr } = spawnSync(process.execPath, ['openwrt/apk.mjs', out], {
		encoding: 'utf8',
		env: { PATH: '/nowhere' },
	});
	assert.match(stderr, /^apk 'mkpkg' '--info' 'name:netmon' /m);
	assert.ok(!stderr.includes('depends:node'), '25.12 has no package node');
	const packageFolder = join(out, 'apk/netmon/files/lib/apk/packages');
	const lines = (ending: string) =>
		readFileSync(join(packageFolder, `netmon.${ending}`), 'utf8')
			.trimEnd()
			.split('\n');
	assert.deepEqual(
		lines('list'),
		filesOf(netmon).map((line) => line.slice(5)),
	);
	assert.deepEqual(lines('conffiles'), netmon.conffiles);
	const sum = createHash('sha256').update(readFileSync('openwrt/netmon/root/etc/config/netmon')).digest('hex');
	assert.deepEqual(lines('conffiles_static'), [`/etc/config/netmon ${sum}`]);
	assert.deepEqual(lines('rusers'), ['netmon:netmon']);
	for (const [path, mode] of Object.entries({ 'etc/config/netmon': 0o600, 'usr/bin/netmon': 0o755, etc: 0o755 })) {
		assert.equal(statSync(join(out, 'apk/netmon/files', path)).mode & 0o777, mode, path);
	}
});

test('it writes the archive that the recipe builds from', () => {
	execFileSync(process.execPath, ['openwrt/source.mjs', folder], { stdio: 'pipe' });
	const entries = readTar(gunzipSync(readFileSync(join(folder, `netmon-${version}.tar.gz`))));
	const recipes = services.map(({ name }) => readFileSync(`openwrt/${name}/Makefile`, 'utf8')).join('\n');
	for (const [, path] of recipes.matchAll(/\$\(PKG_BUILD_DIR\)\/(\S+)/g)) {
		assert.ok(
			entries.some((entry) => entry.path === `/netmon-${version}/${path}`),
			path,
		);
	}
});
