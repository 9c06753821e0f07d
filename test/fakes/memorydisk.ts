// A disk in memory for long runs: no faults and no power cuts (that is `FakeDisk`), but quick, and it counts the bytes
// that were written below each folder.
import { dirname } from 'node:path';
import type { Disk, DiskStat, OpenHow } from '../../src/system/disk.ts';

interface Content {
	bytes: Uint8Array;
	size: number;
	readonly inode: number;
}

export class MemoryDisk implements Disk {
	/** Folder -> bytes written to files in it. */
	readonly written = new Map<string, number>();
	readonly #files = new Map<string, Content>();
	readonly #open = new Map<number, { readonly path: string; readonly file: Content | null }>();
	#next = 3;
	#inode = 1;

	get openFiles(): number {
		return this.#open.size;
	}

	size(path: string): number {
		return this.#files.get(path)?.size ?? 0;
	}

	/** Everything below a folder goes, as tmpfs does at a reboot. */
	wipe(folder: string): void {
		for (const path of [...this.#files.keys()]) if (path.startsWith(`${folder}/`)) this.#files.delete(path);
	}

	/** The same files below a folder (with the same inodes, unless they were `copied`), and nothing else. */
	taken(folder: string, { copied = false } = {}): MemoryDisk {
		const disk = new MemoryDisk();
		disk.#inode = 1_000_000 + this.#inode;
		for (const [path, { bytes, size, inode }] of this.#files) {
			if (!path.startsWith(folder)) continue;
			disk.#files.set(path, { bytes: bytes.slice(0, size), size, inode: copied ? disk.#inode++ : inode });
		}
		return disk;
	}

	open(path: string, how: OpenHow): number {
		let file = this.#files.get(path) ?? null;
		if (how === 'folder') file = null;
		else if (file && how === 'create-new') throw failure('EEXIST', path);
		else if (!file) {
			if (how === 'read' || how === 'write') throw failure('ENOENT', path);
			file = { bytes: new Uint8Array(0), size: 0, inode: this.#inode++ };
			this.#files.set(path, file);
		}
		this.#open.set(this.#next, { path, file });
		return this.#next++;
	}

	close(file: number): void {
		this.#open.delete(file);
	}

	read(file: number, into: Uint8Array, position: number): number {
		const { bytes, size } = this.#file(file);
		const part = bytes.subarray(Math.min(position, size), Math.min(size, position + into.byteLength));
		into.set(part);
		return part.byteLength;
	}

	write(file: number, from: Uint8Array, position: number): number {
		const content = this.#file(file);
		this.#grow(content, Math.max(content.size, position + from.byteLength));
		content.bytes.set(from, position);
		const folder = dirname(this.#open.get(file)!.path);
		this.written.set(folder, (this.written.get(folder) ?? 0) + from.byteLength);
		return from.byteLength;
	}

	truncate(file: number, size: number): void {
		const content = this.#file(file);
		if (size < content.size) content.bytes.fill(0, size, content.size);
		this.#grow(content, size);
		content.size = size;
	}

	sync(): void {}

	statFile(file: number): DiskStat {
		const { size, inode } = this.#file(file);
		return { size, inode: BigInt(inode), kind: 'file' };
	}

	stat(path: string): DiskStat {
		const file = this.#files.get(path);
		if (file) return { size: file.size, inode: BigInt(file.inode), kind: 'file' };
		if (![...this.#files.keys()].some((name) => dirname(name) === path)) throw failure('ENOENT', path);
		return { size: 0, inode: 1n, kind: 'folder' };
	}

	unlink(path: string): void {
		if (!this.#files.delete(path)) throw failure('ENOENT', path);
	}

	rename(from: string, to: string): void {
		const file = this.#files.get(from);
		if (!file) throw failure('ENOENT', from);
		this.#files.delete(from);
		this.#files.set(to, file);
	}

	list(folder: string): string[] {
		return [...this.#files.keys()]
			.filter((path) => dirname(path) === folder)
			.map((path) => path.slice(folder.length + 1));
	}

	#file(file: number): Content {
		const content = this.#open.get(file)?.file;
		if (!content) throw failure('EBADF', String(file));
		return content;
	}

	#grow(content: Content, size: number): void {
		if (size > content.bytes.byteLength) {
			const grown = new Uint8Array(Math.max(size, content.bytes.byteLength * 2));
			grown.set(content.bytes.subarray(0, content.size));
			content.bytes = grown;
		}
		content.size = Math.max(content.size, size);
	}
}

function failure(code: string, path: string): Error {
	return Object.assign(new Error(`${code}: ${path}`), { code });
}
