// The system calls of one SQLite instance, answered by a `Disk` for one database file, its journal, its WAL and its
// temporary files, and by nothing for any other path. Offsets are 64 bits wide and arrive as BigInt. A call never
// throws into the wasm: what the disk throws becomes an error number. Views of the memory are made anew in every
// call, because they die when it grows.
import { type Disk, diskErrorCode } from '../disk.ts';
import {
	errno,
	getLock,
	type Memory,
	openHow,
	openMayWrite,
	putNoLock,
	putOffset,
	putStat,
	readLock,
	setLock,
	setLockWait,
	textAt,
	vectorsAt,
} from './abi.ts';
import type { DiskFault } from './error.ts';
import { OpenFile, WrongPage } from './file.ts';
import type { Locks } from './locks.ts';
import { checksumBytes, type Header } from './pages.ts';

/** The folder that SQLite believes its file is in. */
const virtualFolder = '/d';
/** Where SQLite looks for a place for temporary files. */
const temporaryFolder = '/tmp';

/** Away from the descriptors of the C library itself. */
const firstDescriptor = 10_000;

type Call = (...args: never[]) => unknown;
type Imports = Record<string, Call>;

export interface SyscallOptions {
	readonly disk: Disk;
	/** The real folder and the name in it. */
	readonly folder: string;
	readonly name: string;
	/** Of the file as it is at open: says whether its pages carry checksums. */
	readonly header: Header;
	readonly readonly: boolean;
	/** Read-only, and there is no WAL: SQLite must not ask for one, which it could not make. */
	readonly withoutWal: boolean;
	readonly locks: Locks;
}

export class Syscalls {
	/** Set as soon as the instance exists. */
	memory!: Memory;
	/** The last refusal of the disk; whoever starts a call on the database sets it to null. */
	fault: DiskFault | null = null;
	/** The same, kept until somebody takes it. */
	lastFault: DiskFault | null = null;

	#options: SyscallOptions;
	#open = new Map<number, OpenFile>();
	#next = firstDescriptor;

	constructor(options: SyscallOptions) {
		this.#options = options;
	}

	/** The name under which SQLite has to open the database. */
	get virtualPath(): string {
		return `${virtualFolder}/${this.#options.name}`;
	}

	/** Closes what SQLite has left open (it failed beyond repair). */
	closeAll(): void {
		for (const open of this.#open.values()) this.#quietly(() => open.close());
		this.#open.clear();
	}

	/** The imports of the wasm with every call about files replaced by ours. */
	answer(imports: Imports): Imports {
		const ours: Record<string, Call> = {
			__syscall_openat: (_at: number, path: number, flags: number) => this.#openAt(textAt(this.memory, path), flags),
			__syscall_faccessat: (_at: number, path: number) => this.#access(textAt(this.memory, path)),
			__syscall_stat64: (path: number, into: number) => this.#statPath(path, into),
			__syscall_lstat64: (path: number, into: number) => this.#statPath(path, into),
			__syscall_newfstatat: (_at: number, path: number, into: number) => this.#statPath(path, into),
			__syscall_unlinkat: (_at: number, path: number) => this.#unlink(textAt(this.memory, path)),
			__syscall_fstat64: (fd: number, into: number) =>
				this.#file('measure', fd, (open) => putStat(this.memory, into, open.stat())),
			__syscall_ftruncate64: (fd: number, size: bigint) =>
				this.#file('truncate', fd, (open) => open.truncate(Number(size))),
			__syscall_fcntl64: (fd: number, command: number, args: number) => this.#control(fd, command, args),
			// Files are made 0600 and owned by whoever made them; SQLite only wants a journal to be like its file.
			__syscall_fchmod: () => 0,
			__syscall_fchown32: () => 0,
			__syscall_chmod: () => -errno('EPERM'),
			__syscall_mkdirat: () => -errno('EPERM'),
			__syscall_rmdir: () => -errno('EPERM'),
			__syscall_readlinkat: () => -errno('EINVAL'),
			__syscall_utimensat: () => 0,
			_mmap_js: () => -errno('ENODEV'),
			_munmap_js: () => -errno('EINVAL'),
		};
		// The WASI calls answer the error number itself, not its negative; the C library's own few descriptors stay its own.
		const wasi: Record<string, (fd: number, ...rest: never[]) => number> = {
			fd_read: (fd: number, vectors: number, count: number, done: number) =>
				-this.#file('read', fd, (open) =>
					vectorsAt(this.memory, { vectors, count, done }, (bytes) => open.read(bytes)),
				),
			fd_write: (fd: number, vectors: number, count: number, done: number) =>
				-this.#file('write to', fd, (open) =>
					vectorsAt(this.memory, { vectors, count, done }, (bytes) => open.write(bytes)),
				),
			fd_seek: (fd: number, offset: bigint, whence: number, position: number) =>
				-this.#file('seek in', fd, (open) => {
					if (!open.seek(Number(offset), whence)) return -errno('EINVAL');
					putOffset(this.memory, position, open.position);
					return 0;
				}),
			fd_sync: (fd: number) => -this.#file('sync', fd, (open) => open.sync()),
			fd_close: (fd: number) =>
				-this.#file('close', fd, (open) => {
					this.#open.delete(fd);
					return open.close();
				}),
		};
		const all: Imports = { ...imports };
		for (const [name, call] of Object.entries(ours)) all[name] = call;
		for (const [name, call] of Object.entries(wasi)) {
			const original = imports[name] as (fd: number, ...rest: never[]) => unknown;
			all[name] = (fd: number, ...rest: never[]) => (fd < firstDescriptor ? original(fd, ...rest) : call(fd, ...rest));
		}
		return all;
	}

	/** The real path behind one that SQLite uses; null for everything that is none of its business. */
	#real(path: string): string | null {
		const { folder, name } = this.#options;
		if (path === virtualFolder) return folder;
		if (path.startsWith(`${virtualFolder}/`)) {
			const rest = path.slice(virtualFolder.length + 1);
			return rest === name || rest === `${name}-journal` || rest === `${name}-wal` ? `${folder}/${rest}` : null;
		}
		const temporary = /^\/tmp\/(etilqs_[0-9a-zA-Z]+)$/.exec(path);
		return temporary ? `${folder}/${name}-temp-${temporary[1]}` : null;
	}

	/** Runs `call`, making an error number (negative) of what it throws. */
	#try(what: string, path: string, call: () => number): number {
		try {
			return call();
		} catch (error) {
			const code = diskErrorCode(error);
			if (error instanceof WrongPage) this.fault = { code: 'checksum', what: `page ${error.page} of ${path}` };
			else if (code !== 'ENOENT') this.fault = { code, what: `${what} ${path}` };
			if (this.fault) this.lastFault = this.fault;
			return -errno(code);
		}
	}

	#file(what: string, fd: number, call: (open: OpenFile) => number): number {
		const open = this.#open.get(fd);
		return open ? this.#try(what, open.path, () => call(open)) : -errno('EBADF');
	}

	#access(path: string): number {
		if (path === temporaryFolder) return 0;
		const real = this.#real(path);
		if (real === null) return -errno('ENOENT');
		return this.#try('look for', real, () => {
			this.#options.disk.stat(real);
			return 0;
		});
	}

	#unlink(path: string): number {
		const real = this.#real(path);
		if (real === null) return -errno('ENOENT');
		return this.#try('remove', real, () => {
			this.#options.disk.unlink(real);
			return 0;
		});
	}

	#statPath(pointer: number, into: number): number {
		const path = textAt(this.memory, pointer);
		if (path === temporaryFolder) return putStat(this.memory, into, { size: 0, inode: 1n, kind: 'folder' });
		const real = this.#real(path);
		if (real === null) return -errno('ENOENT');
		const result = this.#try('measure', real, () => putStat(this.memory, into, this.#options.disk.stat(real)));
		// SQLite takes any failure for "there is no journal", and would go on without the transactions in it. Told that
		// there is one, it opens it, and either learns the truth or fails.
		const journal = path.endsWith('-journal') || path.endsWith('-wal');
		if (result < 0 && result !== -errno('ENOENT') && journal) {
			return putStat(this.memory, into, { size: 1, inode: 1n, kind: 'file' });
		}
		return result;
	}

	#openAt(path: string, flags: number): number {
		const real = this.#real(path);
		if (real === null) return -errno('EACCES');
		const { disk, folder, name, header, readonly, withoutWal } = this.#options;
		if (readonly && openMayWrite(flags) && !path.startsWith(temporaryFolder)) return -errno('EACCES');
		return this.#try('open', real, () => {
			const file = disk.open(real, real === folder ? 'folder' : openHow(flags));
			const main = real === `${folder}/${name}`;
			const sums = main && header.reservedBytes === checksumBytes;
			const fd = this.#next++;
			this.#open.set(fd, new OpenFile({ disk, file, path: real, sums, withoutWal: main && withoutWal }));
			return fd;
		});
	}

	#control(fd: number, command: number, args: number): number {
		if (!this.#open.has(fd)) return -errno('EBADF');
		const { locks } = this.#options;
		if (command === getLock) {
			if (!locks.reservedByOther()) putNoLock(this.memory, args);
		} else if (command === setLock || command === setLockWait) {
			const { kind, start, length } = readLock(this.memory, args);
			if (!locks.set(kind, start, length)) return -errno('EAGAIN');
		}
		return 0;
	}

	#quietly(call: () => void): void {
		try {
			call();
		} catch {
			// Nobody is left to tell.
		}
	}
}
