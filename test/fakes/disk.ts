// A disk in memory that keeps apart what was synced and what was not. It fails when told, remembers which paths were
// touched, and after a power cut has lost, torn or kept every unsynced 512 bytes and the latest names at random.
import { dirname } from 'node:path';
import type { Disk, DiskStat, OpenHow } from '../../src/system/disk.ts';

const sectorBytes = 512;

type Change = { readonly at: number; readonly bytes: Uint8Array } | { readonly size: number };
type Naming = { readonly name: string; readonly node: Node | null };

class Node {
	content = new Uint8Array(0);
	size = 0;
	/** What a power cut leaves for sure, and what came since. */
	durable = new Uint8Array(0);
	changes: Change[] = [];
	constructor(readonly inode: number) {}

	apply(change: Change): void {
		if ('size' in change) this.#resize(change.size);
		else {
			this.#resize(Math.max(this.size, change.at + change.bytes.byteLength));
			this.content.set(change.bytes, change.at);
		}
	}

	#resize(size: number): void {
		if (size > this.content.byteLength) {
			const grown = new Uint8Array(Math.max(size, this.content.byteLength * 2));
			grown.set(this.content.subarray(0, this.size));
			this.content = grown;
		}
		if (size < this.size) this.content.fill(0, size, this.size);
		this.size = size;
	}

	sync(): void {
		this.durable = this.content.slice(0, this.size);
		this.changes = [];
	}
}

export interface Fault {
	/** The call that fails, counted from 1. */
	readonly call: number;
	readonly code: string;
	/** Every later call fails too. */
	readonly forever: boolean;
}

export class FakeDisk implements Disk {
	calls = 0;
	fault: Fault | null = null;
	readonly paths = new Set<string>();
	/** Bytes written and syncs, for figures. */
	written = 0;
	syncs = 0;
	/** Writes beyond this many bytes in all files fail with ENOSPC, after taking what fits. */
	roomBytes = Number.POSITIVE_INFINITY;

	#names = new Map<string, Node>();
	#durableNames = new Map<string, Node>();
	#namings: Naming[] = [];
	#open = new Map<number, { node: Node | null; path: string; how: OpenHow }>();
	#nextFile = 3;
	#nextInode = 1;

	get openFiles(): number {
		return this.#open.size;
	}

	open(path: string, how: OpenHow): number {
		this.#call(path);
		let node = this.#names.get(path);
		if (how === 'folder') return this.#opened(null, path, how);
		if (node && how === 'create-new') throw failure('EEXIST', path);
		if (!node) {
			if (how === 'read' || how === 'write') throw failure('ENOENT', path);
			node = new Node(this.#nextInode++);
			this.#name(path, node);
		}
		return this.#opened(node, path, how);
	}

	close(file: number): void {
		const open = this.#open.get(file);
		// Linux frees the descriptor, whatever close answers.
		this.#open.delete(file);
		this.#call(open?.path);
		if (!open) throw failure('EBADF', String(file));
	}

	read(file: number, into: Uint8Array, position: number): number {
		const node = this.#node(file);
		const bytes = node.content.subarray(Math.min(position, node.size), Math.min(node.size, position + into.length));
		into.set(bytes);
		return bytes.byteLength;
	}

	write(file: number, from: Uint8Array, position: number): number {
		const node = this.#node(file);
		if (this.#open.get(file)!.how === 'read') throw failure('EBADF', 'read only');
		const used = [...this.#names.values()].reduce((sum, other) => sum + other.size, 0);
		const room = this.roomBytes - (used - node.size) - position;
		if (room <= 0) throw failure('ENOSPC', this.#open.get(file)!.path);
		const bytes = from.slice(0, Math.min(from.byteLength, room));
		this.#change(node, { at: position, bytes });
		this.written += bytes.byteLength;
		return bytes.byteLength;
	}

	truncate(file: number, size: number): void {
		this.#change(this.#node(file), { size });
	}

	sync(file: number): void {
		const open = this.#open.get(file);
		this.#call(open?.path);
		if (!open) throw failure('EBADF', String(file));
		this.syncs += 1;
		if (open.node) open.node.sync();
		else {
			this.#durableNames = new Map(this.#names);
			this.#namings = [];
		}
	}

	statFile(file: number): DiskStat {
		return told(this.#node(file));
	}

	stat(path: string): DiskStat {
		this.#call(path);
		const node = this.#names.get(path);
		if (node) return told(node);
		for (const name of this.#names.keys()) if (dirname(name) === path) return { size: 0, inode: 1n, kind: 'folder' };
		throw failure('ENOENT', path);
	}

	unlink(path: string): void {
		this.#call(path);
		if (!this.#names.has(path)) throw failure('ENOENT', path);
		this.#name(path, null);
	}

	rename(from: string, to: string): void {
		this.#call(from);
		this.#call(to);
		const node = this.#names.get(from);
		if (!node) throw failure('ENOENT', from);
		this.#name(to, node);
		this.#name(from, null);
	}

	list(folder: string): string[] {
		this.#call(folder);
		return [...this.#names.keys()]
			.filter((name) => dirname(name) === folder)
			.map((name) => name.slice(folder.length + 1));
	}

	/** The content of a file, for tests to look at and to damage. */
	content(path: string): Uint8Array {
		const node = this.#names.get(path);
		if (!node) throw failure('ENOENT', path);
		return node.content.slice(0, node.size);
	}

	put(path: string, content: Uint8Array): void {
		const node = new Node(this.#nextInode++);
		node.apply({ at: 0, bytes: content });
		node.sync();
		this.#names.set(path, node);
		this.#durableNames.set(path, node);
	}

	/** What a new process finds after a kill: everything that was written. */
	afterKill(): FakeDisk {
		const disk = new FakeDisk();
		for (const [path, node] of this.#names) disk.put(path, node.content.slice(0, node.size));
		return disk;
	}

	/** What is found after a power cut. `random`: numbers in [0, 1). */
	afterPowerCut(random: () => number): FakeDisk {
		const names = new Map(this.#durableNames);
		// A file system keeps the order of its names: some first part of them survives.
		for (const { name, node } of this.#namings.slice(0, Math.floor(random() * (this.#namings.length + 1)))) {
			if (node) names.set(name, node);
			else names.delete(name);
		}
		const disk = new FakeDisk();
		const survived = new Map<Node, Uint8Array>();
		for (const [path, node] of names) {
			const content = survived.get(node) ?? remains(node, random);
			survived.set(node, content);
			disk.put(path, content);
		}
		return disk;
	}

	#call(path: string | undefined): void {
		if (path !== undefined) this.paths.add(path);
		this.calls += 1;
		const { fault } = this;
		if (fault && (this.calls === fault.call || (fault.forever && this.calls > fault.call))) {
			throw failure(fault.code, path ?? '');
		}
	}

	#opened(node: Node | null, path: string, how: OpenHow): number {
		this.#open.set(this.#nextFile, { node, path, how });
		return this.#nextFile++;
	}

	#node(file: number): Node {
		const open = this.#open.get(file);
		this.#call(open?.path);
		if (!open?.node) throw failure('EBADF', String(file));
		return open.node;
	}

	#change(node: Node, change: Change): void {
		node.apply(change);
		node.changes.push(change);
	}

	#name(name: string, node: Node | null): void {
		if (node) this.#names.set(name, node);
		else this.#names.delete(name);
		this.#namings.push({ name, node });
	}
}

/** Of everything unsynced each 512 bytes are there or not; now and then all of it, or nothing. */
function remains(node: Node, random: () => number): Uint8Array {
	const mood = random();
	const keep = mood < 0.2 ? () => false : mood < 0.4 ? () => true : () => random() < mood;
	const after = new Node(0);
	after.apply({ at: 0, bytes: node.durable });
	for (const change of node.changes) {
		if ('size' in change) {
			if (keep()) after.apply(change);
			continue;
		}
		for (let at = 0; at < change.bytes.byteLength; at += sectorBytes) {
			const bytes = change.bytes.subarray(at, at + sectorBytes);
			if (keep()) after.apply({ at: change.at + at, bytes });
		}
	}
	return after.content.slice(0, after.size);
}

function told(node: Node): DiskStat {
	return { size: node.size, inode: BigInt(node.inode), kind: 'file' };
}

function failure(code: string, path: string): Error {
	return Object.assign(new Error(`${code}: ${path}`), { code });
}
