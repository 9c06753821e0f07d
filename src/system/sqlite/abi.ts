// How the C library inside the wasm (musl, Emscripten's numbering) puts things into memory: errors, open flags, stat,
// locks, texts, vectors. Views of the memory are made anew in every call, because they die when it grows.
import type { DiskStat, OpenHow } from '../disk.ts';
import type { LockKind } from './locks.ts';

export interface Memory {
	readonly buffer: ArrayBuffer;
}

/** The disk's errors in WASI's numbering, which is not Linux's. */
const numbers: Readonly<Record<string, number>> = {
	E2BIG: 1,
	EACCES: 2,
	EAGAIN: 6,
	EBADF: 8,
	EBUSY: 10,
	EDQUOT: 19,
	EEXIST: 20,
	EFBIG: 22,
	EINTR: 27,
	EINVAL: 28,
	EIO: 29,
	EISDIR: 31,
	ELOOP: 32,
	EMFILE: 33,
	ENAMETOOLONG: 37,
	ENFILE: 41,
	ENODEV: 43,
	ENOENT: 44,
	ENOMEM: 48,
	ENOSPC: 51,
	ENOTDIR: 54,
	ENXIO: 60,
	EPERM: 63,
	EROFS: 69,
	ESTALE: 72,
	ETIMEDOUT: 73,
	ETXTBSY: 74,
};

/** The number of an error of the disk. What SQLite takes for a full disk is ENOSPC alone; a quota is one too. An unknown error is an I/O error. */
export function errno(code: string): number {
	return numbers[code === 'EDQUOT' || code === 'EFBIG' ? 'ENOSPC' : code] ?? numbers.EIO!;
}

const openWrite = 0o2;
const openCreate = 0o100;
const openExclusive = 0o200;

export function openMayWrite(flags: number): boolean {
	return (flags & (openWrite | openCreate)) !== 0;
}

export function openHow(flags: number): OpenHow {
	if (flags & openCreate) return flags & openExclusive ? 'create-new' : 'create';
	return flags & openWrite ? 'write' : 'read';
}

const statBytes = 96;
const modes = { file: 0o100_600, folder: 0o040_700, other: 0 } as const;
const blockBytes = 4096;

/** Writes a `struct stat`; answers 0, as the call does. */
export function putStat(memory: Memory, at: number, stat: DiskStat): number {
	const view = new DataView(memory.buffer, at, statBytes);
	for (let offset = 0; offset < statBytes; offset += 4) view.setUint32(offset, 0);
	view.setUint32(0, 1, true); // device
	view.setUint32(4, modes[stat.kind], true);
	view.setUint32(8, 1, true); // links
	view.setBigInt64(24, BigInt(stat.size), true);
	view.setUint32(32, blockBytes, true);
	view.setBigUint64(88, BigInt.asUintN(64, stat.inode), true);
	return 0;
}

export const getLock = 12;
export const setLock = 13;
export const setLockWait = 14;
const lockKinds: readonly LockKind[] = ['read', 'write', 'unlock'];
const unlocked = 2;
const lockBytes = 32;

/** `args` points to the variable arguments of fcntl, the first of which points to a `struct flock`. */
function lockView(memory: Memory, args: number): DataView {
	return new DataView(memory.buffer, new DataView(memory.buffer).getUint32(args, true), lockBytes);
}

export function readLock(memory: Memory, args: number): { kind: LockKind; start: number; length: number } {
	const view = lockView(memory, args);
	return {
		kind: lockKinds[view.getInt16(0, true)] ?? 'unlock',
		start: Number(view.getBigInt64(8, true)),
		length: Number(view.getBigInt64(16, true)),
	};
}

export function putNoLock(memory: Memory, args: number): void {
	lockView(memory, args).setInt16(0, unlocked, true);
}

export function putOffset(memory: Memory, at: number, offset: number): void {
	new DataView(memory.buffer).setBigInt64(at, BigInt(offset), true);
}

/** The text that ends at the first zero byte. */
export function textAt(memory: Memory, pointer: number): string {
	const bytes = Buffer.from(memory.buffer);
	return bytes.toString('utf8', pointer, bytes.indexOf(0, pointer));
}

/** Runs `serve` over the pieces of memory that a vector names until one is not served whole; writes the sum. */
export function vectorsAt(
	memory: Memory,
	{ vectors, count, done }: { vectors: number; count: number; done: number },
	serve: (bytes: Uint8Array) => number,
): number {
	const view = new DataView(memory.buffer);
	let total = 0;
	for (let at = vectors; at < vectors + count * 8; at += 8) {
		const length = view.getUint32(at + 4, true);
		if (length === 0) continue;
		const served = serve(new Uint8Array(memory.buffer, view.getUint32(at, true), length));
		total += served;
		if (served < length) break;
	}
	view.setUint32(done, total, true);
	return 0;
}
