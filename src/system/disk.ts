// The narrow face to the file system: everything that must survive is written through it, so that a test can put
// a disk under the real code that fails, tears and loses what was not synced. Every call blocks; every call throws
// Node's own error with its `code` ("ENOSPC").
import {
	closeSync,
	constants,
	fstatSync,
	fsyncSync,
	ftruncateSync,
	lstatSync,
	openSync,
	readdirSync,
	readSync,
	renameSync,
	type Stats,
	unlinkSync,
	writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * How to open: `create` makes the file where there is none, `create-new` fails with EEXIST where there is one. A link
 * in place of the file is refused (ELOOP). `folder` is for `sync` alone.
 */
export type OpenHow = 'read' | 'write' | 'create' | 'create-new' | 'folder';

export interface DiskStat {
	readonly size: number;
	/** What tells this file from every other on the same disk, as long as it lives. */
	readonly inode: bigint;
	readonly kind: 'file' | 'folder' | 'other';
	/** ms since the Unix epoch: the last change of content or name, which no program can set. Absent = not told. */
	readonly changedMs?: number;
}

export interface Disk {
	/** Made files have mode 0600. */
	open(path: string, how: OpenHow): number;
	close(file: number): void;
	/** Bytes read into `into`; fewer than its length only at the end of the file. */
	read(file: number, into: Uint8Array, position: number): number;
	/** Bytes written; may be fewer than `from` has. */
	write(file: number, from: Uint8Array, position: number): number;
	truncate(file: number, size: number): void;
	/** Returns when the bytes (of a folder: its names) would survive a power cut. */
	sync(file: number): void;
	statFile(file: number): DiskStat;
	/** Does not follow links. */
	stat(path: string): DiskStat;
	unlink(path: string): void;
	rename(from: string, to: string): void;
	/** Names in a folder, in no order. */
	list(folder: string): string[];
}

const fileMode = 0o600;
const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_DIRECTORY } = constants;
const openFlags: Record<OpenHow, number> = {
	read: O_RDONLY | O_NOFOLLOW,
	write: O_RDWR | O_NOFOLLOW,
	create: O_RDWR | O_CREAT | O_NOFOLLOW,
	'create-new': O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW,
	folder: O_RDONLY | O_DIRECTORY,
};

export const nodeDisk: Disk = {
	open: (path, how) => openSync(path, openFlags[how], fileMode),
	close: closeSync,
	read: (file, into, position) => readSync(file, into, 0, into.byteLength, position),
	write: (file, from, position) => writeSync(file, from, 0, from.byteLength, position),
	truncate: ftruncateSync,
	sync: fsyncSync,
	statFile: (file) => told(fstatSync(file), () => fstatSync(file, { bigint: true }).ino),
	stat: (path) => told(lstatSync(path), () => lstatSync(path, { bigint: true }).ino),
	unlink: unlinkSync,
	rename: renameSync,
	list: (folder) => readdirSync(folder),
};

function told(stats: Stats, exactInode: () => bigint): DiskStat {
	return {
		size: stats.size,
		inode: Number.isSafeInteger(stats.ino) ? BigInt(stats.ino) : exactInode(),
		kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other',
		changedMs: stats.ctimeMs,
	};
}

/** Node's code of a thrown disk error ("ENOSPC"); "EIO" for anything that has none. */
export function diskErrorCode(error: unknown): string {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : 'EIO';
}

/** Whether something has this name; a disk that cannot tell throws. */
export function exists(disk: Disk, path: string): boolean {
	try {
		disk.stat(path);
		return true;
	} catch (error) {
		if (diskErrorCode(error) === 'ENOENT') return false;
		throw error;
	}
}

/** Returns when the names in `folder` (made, renamed, removed) would survive a power cut. */
export function syncFolder(disk: Disk, folder: string): void {
	const file = disk.open(folder, 'folder');
	try {
		disk.sync(file);
	} finally {
		disk.close(file);
	}
}

/**
 * Puts `data` in place of the file at `path`: afterwards, and after a kill or a power cut at any moment, there is
 * either what was there before or all of `data`. Writes `PATH.new` first; one writer per path.
 */
export function writeFileAtomic(disk: Disk, path: string, data: Uint8Array): void {
	const temporary = `${path}.new`;
	const file = disk.open(temporary, 'create');
	try {
		try {
			disk.truncate(file, 0);
			writeAll(disk, file, data);
			disk.sync(file);
		} finally {
			disk.close(file);
		}
		disk.rename(temporary, path);
	} catch (error) {
		try {
			disk.unlink(temporary);
		} catch {
			// The first error tells more; the next write starts over the same file.
		}
		throw error;
	}
	syncFolder(disk, dirname(path));
}

function writeAll(disk: Disk, file: number, data: Uint8Array): void {
	for (let at = 0; at < data.byteLength; ) {
		const wrote = disk.write(file, data.subarray(at), at);
		if (wrote <= 0) throw Object.assign(new Error('the disk took no more bytes'), { code: 'ENOSPC' });
		at += wrote;
	}
}

/** The whole file, at most `maxBytes` of it. */
export function readFile(disk: Disk, path: string, maxBytes: number): Uint8Array {
	const file = disk.open(path, 'read');
	try {
		const data = new Uint8Array(Math.min(maxBytes, disk.statFile(file).size));
		let at = 0;
		while (at < data.byteLength) {
			const got = disk.read(file, data.subarray(at), at);
			if (got <= 0) break;
			at += got;
		}
		return data.subarray(0, at);
	} finally {
		disk.close(file);
	}
}
