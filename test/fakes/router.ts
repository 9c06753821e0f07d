// A router in a box: a root folder with OpenWrt's layout, busybox ash, and recording fakes of procd, uci, netifd and
// logger (test/fakes/openwrt). Packages are unpacked into it as opkg does. Everything runs by chroot, which wants root.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	chmodSync,
	chownSync,
	cpSync,
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIpk } from './ipk.ts';

const busybox = '/bin/busybox';
const layout =
	'bin sbin dev proc usr/bin usr/sbin usr/lib/opkg/info etc/config etc/init.d etc/rc.d etc/uci-defaults lib tmp/run tmp/uci root';
/** Those of OpenWrt's own busybox that could be wanted: what it has not (stat, realpath, ...) is not here either. */
const applets =
	'ash awk basename cat chmod chown cmp cp cut date env find grep head ln ls mkdir mktemp mv printf readlink rm sed sh sleep sort tail tee touch tr wc';

export type UciValue = string | readonly string[];
export interface UciSectionText {
	readonly type: string;
	readonly name?: string;
	readonly options: Readonly<Record<string, UciValue>>;
}

export interface Run {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** Why there can be no box here, for `t.skip`; null when there can. */
export function whyNoRouter(): string | null {
	if (!existsSync(busybox)) return 'no busybox: the shell of the router in a box';
	return process.getuid?.() === 0 ? null : 'not root: chroot into the router in a box';
}

export class Router {
	readonly root = mkdtempSync(join(tmpdir(), 'netmon-router-'));

	constructor() {
		chmodSync(this.root, 0o755);
		for (const folder of layout.split(' ')) mkdirSync(this.path(folder), { recursive: true });
		cpSync('test/fakes/openwrt', this.root, { recursive: true });
		symlinkSync('tmp', this.path('var'));
		for (const file of [busybox, ...librariesOf(busybox)])
			cpSync(file, this.path(file), { recursive: true, dereference: true });
		for (const applet of applets.split(' ')) symlinkSync('/bin/busybox', this.path(`bin/${applet}`));
		if (spawnSync('mknod', ['-m', '666', this.path('dev/null'), 'c', '1', '3']).status !== 0)
			this.write('dev/null', '');
		this.write('proc/meminfo', 'MemTotal:         501760 kB\nMemFree:          100000 kB\n');
		this.write('proc/mounts', 'overlayfs:/overlay / overlay rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n');
		this.write('etc/passwd', 'root:x:0:0:root:/root:/bin/ash\n');
		this.write('etc/group', 'root:x:0:\n');
		this.write('tmp/networks', 'wan eth1\nwan6 eth1\nlan br-lan\n');
		this.node('v20.20.2');
		this.setUci('firewall', [{ type: 'defaults', options: {} }]);
		this.setUci('dhcp', []);
	}

	remove(): void {
		rmSync(this.root, { recursive: true, force: true });
	}

	path(inside: string): string {
		return join(this.root, inside);
	}

	read(inside: string): string {
		return readFileSync(this.path(inside), 'utf8');
	}

	write(inside: string, text: string | Buffer, mode = 0o644): void {
		writeFileSync(this.path(inside), text);
		chmodSync(this.path(inside), mode);
	}

	/** Another router's whole root becomes a folder of this one. */
	take(other: Router, inside: string): void {
		cpSync(other.root, this.path(inside), { recursive: true, verbatimSymlinks: true });
	}

	/** `0600 0:0`, or null where there is nothing. */
	rights(inside: string): string | null {
		if (!existsSync(this.path(inside))) return null;
		const { mode, uid, gid } = lstatSync(this.path(inside));
		return `${(mode & 0o7777).toString(8).padStart(4, '0')} ${uid}:${gid}`;
	}

	/** What the Node of the router answers to --version, to everything else, and how it ends. */
	node(version: string, says = '', code = 0): void {
		this.write('tmp/node-version', `${version}\n`);
		this.write('tmp/node-says', says);
		this.write('tmp/node-exit', String(code));
	}

	setUci(name: string, sections: readonly UciSectionText[]): void {
		this.setUciFile(name, uciText(sections), null);
	}

	/** A file in any form, and what `uci export` makes of it: null = itself; '' = it is refused. */
	setUciFile(name: string, text: string | Buffer, exported: string | null): void {
		const mode = lstatSync(this.path(`etc/config/${name}`), { throwIfNoEntry: false })?.mode;
		this.write(`etc/config/${name}`, text, mode);
		rmSync(this.path(`tmp/uci/${name}`), { force: true });
		if (exported !== null) this.write(`tmp/uci/${name}`, exported);
	}

	run(command: string, env: Readonly<Record<string, string>> = {}): Run {
		const result = spawnSync('chroot', [this.root, '/bin/sh', '-c', command], {
			env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env },
			cwd: '/',
			encoding: 'utf8',
			timeout: 20_000,
		});
		assert.equal(result.error, undefined);
		return { code: result.status ?? -1, stdout: result.stdout, stderr: result.stderr };
	}

	/** Runs a command of /etc/init.d/NAME. */
	service(action: string, name = 'netmon'): Run {
		return this.run(`/bin/sh /etc/rc.common /etc/init.d/${name} ${action}`);
	}

	/** What the fakes were called with since the last time. */
	records(): readonly (readonly string[])[] {
		const file = this.path('tmp/record');
		if (!existsSync(file)) return [];
		const text = readFileSync(file, 'latin1');
		unlinkSync(file);
		return text
			.split('\x1e')
			.slice(0, -1)
			.map((one) => Buffer.from(one, 'latin1').toString('utf8').split('\x1f').slice(0, -1));
	}

	/** As `opkg install FILE`: the order of its steps, its treatment of conffiles and of folders that exist. */
	install(bytes: Buffer, { as }: { readonly as?: string } = {}): Run {
		const { control, conffiles, scripts, data } = readIpk(bytes);
		const name = control.get('Package')!;
		const version = as ?? control.get('Version')!;
		const info = `usr/lib/opkg/info/${name}`;
		const isUpgrade = existsSync(this.path(`${info}.control`));
		const env = { PKG_ROOT: '/', PKG_UPGRADE: isUpgrade ? '1' : '0' };
		const outputs = [isUpgrade ? this.run(`/${info}.prerm upgrade ${version}`, env) : null];
		const sums = this.#sums(name);
		const before = new Set(isUpgrade ? this.read(`${info}.list`).split('\n') : []);
		for (const { path, kind, mode, content } of data) {
			before.delete(path);
			if (kind === 'folder') {
				mkdirSync(this.path(path), { recursive: true });
				chmodSync(this.path(path), mode);
				chownSync(this.path(path), 0, 0);
				continue;
			}
			const isEdited =
				conffiles.includes(path) &&
				existsSync(this.path(path)) &&
				sums.get(path) !== sumOf(readFileSync(this.path(path)));
			this.write(isEdited ? `${path}-opkg` : path, content, mode);
		}
		for (const path of before) if (path !== '') unlinkSync(this.path(path));
		this.write(`${info}.list`, data.flatMap(({ path, kind }) => (kind === 'file' ? [`${path}\n`] : [])).join(''));
		this.write(`${info}.control`, [...control].map(([field, value]) => `${field}: ${value}\n`).join(''));
		const fresh = (path: string) => sumOf(data.find((entry) => entry.path === path)!.content);
		this.write(`${info}.conffiles`, conffiles.map((path) => `${path} ${fresh(path)}\n`).join(''));
		for (const [script, text] of scripts) this.write(`${info}.${script}`, text, 0o755);
		outputs.push(this.run(`/${info}.postinst configure`, env));
		return outputs.at(-1)!;
	}

	/** As `opkg remove NAME`. */
	uninstall(name: string): Run {
		const info = `usr/lib/opkg/info/${name}`;
		const ended = this.run(`/${info}.prerm remove`, { PKG_ROOT: '/', PKG_UPGRADE: '0' });
		const sums = this.#sums(name);
		for (const path of this.read(`${info}.list`).trimEnd().split('\n')) {
			const file = this.path(path);
			if (!existsSync(file)) continue;
			if (!sums.has(path) || sums.get(path) === sumOf(readFileSync(file))) unlinkSync(file);
		}
		for (const file of readdirSync(this.path('usr/lib/opkg/info'))) {
			if (file.startsWith(`${name}.`)) unlinkSync(this.path(`usr/lib/opkg/info/${file}`));
		}
		return ended;
	}

	/** The conffiles as they were when they were unpacked. */
	#sums(name: string): ReadonlyMap<string, string> {
		const file = `usr/lib/opkg/info/${name}.conffiles`;
		if (!existsSync(this.path(file))) return new Map();
		return new Map(
			this.read(file)
				.trimEnd()
				.split('\n')
				.map((line) => line.split(' ') as [string, string]),
		);
	}
}

function sumOf(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}

export function uciText(sections: readonly UciSectionText[]): string {
	const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
	return sections
		.map(({ type, name, options }) => {
			const lines = Object.entries(options).flatMap(([option, value]) =>
				typeof value === 'string'
					? [`\toption ${option} ${quoted(value)}`]
					: value.map((one) => `\tlist ${option} ${quoted(one)}`),
			);
			return `config ${type}${name ? ` ${quoted(name)}` : ''}\n${lines.map((line) => `${line}\n`).join('')}`;
		})
		.join('\n');
}

function librariesOf(program: string): readonly string[] {
	const printed = spawnSync('ldd', [program], { encoding: 'utf8' }).stdout ?? '';
	return [...printed.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1]!);
}

/** The packages as `make ipk` builds them, by name; `folder` is emptied by the caller. */
export function buildPackages(folder: string): ReadonlyMap<string, Buffer> {
	if (!existsSync('dist/netmon.js')) execFileSync(process.execPath, ['build.mjs']);
	execFileSync(process.execPath, ['openwrt/ipk.mjs', folder, 'feed'], { stdio: 'pipe' });
	return new Map(
		readdirSync(folder)
			.filter((file) => file.endsWith('.ipk'))
			.map((file) => [file.replace(/_.*$/, ''), readFileSync(join(folder, file))]),
	);
}
