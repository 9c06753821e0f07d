// Reads packages as opkg does, and refuses what it would not take or what would harm a router: written from the
// format's description, apart from the code that builds them.
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';

export interface TarEntry {
	readonly path: string;
	readonly kind: 'file' | 'folder';
	readonly mode: number;
	readonly mtime: number;
	readonly content: Buffer;
}

export interface Ipk {
	readonly control: ReadonlyMap<string, string>;
	readonly conffiles: readonly string[];
	/** postinst, prerm, ... */
	readonly scripts: ReadonlyMap<string, string>;
	readonly data: readonly TarEntry[];
	/** Of the archive with the files, unpacked. */
	readonly dataBytes: number;
}

export function readTar(bytes: Buffer): readonly TarEntry[] {
	assert.equal(bytes.length % 512, 0);
	const entries: TarEntry[] = [];
	const text = (offset: number, length: number, block: Buffer) =>
		block.toString('latin1', offset, offset + length).split('\0')[0]!;
	const number = (offset: number, length: number, block: Buffer) => {
		const digits = text(offset, length, block).trim();
		assert.match(digits, /^[0-7]+$/);
		return Number.parseInt(digits, 8);
	};
	for (let offset = 0; offset < bytes.length; ) {
		const block = bytes.subarray(offset, offset + 512);
		if (block.every((byte) => byte === 0)) {
			assert.ok(bytes.subarray(offset).every((byte) => byte === 0));
			assert.ok(bytes.length - offset >= 1024, 'two empty blocks end an archive');
			return entries;
		}
		const name = text(0, 100, block);
		assert.equal(text(257, 5, block), 'ustar', name);
		const sum = [...block].reduce((all, byte, place) => all + (place >= 148 && place < 156 ? 32 : byte), 0);
		assert.equal(number(148, 8, block), sum, `checksum of ${name}`);
		const type = text(156, 1, block);
		// 1 to 4, L and K are read by opkg too, but a package of ours needs none; x and g (PAX) break its install.
		assert.ok(type === '0' || type === '5', `type ${type} of ${name}`);
		assert.equal(number(108, 8, block), 0, `owner of ${name}`);
		assert.equal(number(116, 8, block), 0, `group of ${name}`);
		assert.equal(text(345, 155, block), '', 'no prefix: old readers ignore it');
		assert.match(name, /^\.\//);
		assert.ok(!name.split('/').includes('..'));
		assert.equal(name.endsWith('/'), type === '5');
		const size = number(124, 12, block);
		const content = bytes.subarray(offset + 512, offset + 512 + size);
		assert.equal(content.length, size);
		const path = `/${name.slice(2).replace(/\/$/, '')}`;
		entries.push({
			path,
			kind: type === '5' ? 'folder' : 'file',
			mode: number(100, 8, block),
			mtime: number(136, 12, block),
			content,
		});
		offset += 512 * (1 + Math.ceil(size / 512));
	}
	assert.fail('the archive has no end');
}

/** As `gzip -n` leaves it: no name and no time. */
function gunzip(bytes: Buffer): Buffer {
	assert.equal(bytes.toString('hex', 0, 8), '1f8b080000000000');
	return gunzipSync(bytes);
}

export function readIpk(bytes: Buffer): Ipk {
	const members = new Map(readTar(gunzip(bytes)).map((entry) => [entry.path, entry.content]));
	assert.deepEqual([...members.keys()].sort(), ['/control.tar.gz', '/data.tar.gz', '/debian-binary']);
	assert.equal(String(members.get('/debian-binary')), '2.0\n');
	const about = readTar(gunzip(members.get('/control.tar.gz')!)).filter(({ kind }) => kind === 'file');
	const control = String(about.find(({ path }) => path === '/control')?.content);
	const conffiles = about.find(({ path }) => path === '/conffiles');
	const scripts = about.filter(({ path }) => path !== '/control' && path !== '/conffiles');
	for (const { path, mode } of scripts) assert.equal(mode, 0o755, path);
	const data = gunzip(members.get('/data.tar.gz')!);
	const entries = readTar(data);
	const seen = new Set<string>(['/']);
	for (const { path, kind, mode } of entries) {
		// opkg makes no folder by itself, and gives existing ones the mode that stands here.
		assert.ok(path === '/' || seen.has(path.replace(/\/[^/]*$/, '') || '/'), `${path} comes before its folder`);
		if (kind === 'folder') assert.equal(mode, 0o755, path);
		seen.add(path);
	}
	return {
		control: new Map(
			control
				.trimEnd()
				.split('\n')
				.map((line) => {
					const field = /^([A-Za-z-]+): (.+)$/.exec(line);
					assert.ok(field, line);
					return [field[1]!, field[2]!];
				}),
		),
		conffiles: conffiles ? String(conffiles.content).trimEnd().split('\n') : [],
		scripts: new Map(scripts.map(({ path, content }) => [path.slice(1), String(content)])),
		data: entries,
		dataBytes: data.length,
	};
}
