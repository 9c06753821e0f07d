// The locks that SQLite asks of fcntl, kept by ourselves, since Node has none: four bits for each of eight
// connections in one word of memory, which may be shared between worker threads. Other processes do not see them.

/** The bytes of the file that SQLite locks (os.h): pending, reserved, and 510 for readers. */
const pendingByte = 0x4000_0000;
const reservedByte = pendingByte + 1;
const sharedFirst = pendingByte + 2;

const reserved = 1;
const pending = 2;
const shared = 4;
const exclusive = 8;

const slots = 8;
const states = 0;
const taken = 1;

export type LockKind = 'read' | 'write' | 'unlock';

/** Memory for the locks of one file, to be handed to every thread that opens it. */
export function newLocks(): SharedArrayBuffer {
	return new SharedArrayBuffer(8);
}

/** Frees what a connection held whose thread was ended before it could close. `slot`: `Database.lockSlot`. */
export function releaseLocks(memory: SharedArrayBuffer, slot: number): void {
	new Locks(new Int32Array(memory), slot).release();
}

/** One connection's part of a file's locks. */
export class Locks {
	readonly slot: number;
	#words: Int32Array;

	constructor(words: Int32Array, slot: number) {
		this.#words = words;
		this.slot = slot;
	}

	/** Takes a free place; null when eight connections have the file open. */
	static claim(memory: ArrayBufferLike): Locks | null {
		const words = new Int32Array(memory);
		for (;;) {
			const now = Atomics.load(words, taken);
			let slot = 0;
			while (slot < slots && now & (1 << slot)) slot += 1;
			if (slot === slots) return null;
			if (Atomics.compareExchange(words, taken, now, now | (1 << slot)) === now) return new Locks(words, slot);
		}
	}

	/** Answers fcntl(F_SETLK) on `length` bytes from `start` (0 = to the end): false when another one is in the way. */
	set(kind: LockKind, start: number, length: number): boolean {
		const end = length === 0 ? Number.POSITIVE_INFINITY : start + length;
		const covers = (byte: number) => start <= byte && byte < end;
		const cells =
			(covers(reservedByte) ? reserved : 0) |
			(covers(pendingByte) ? pending : 0) |
			(covers(sharedFirst) ? shared | exclusive : 0);
		for (;;) {
			const now = Atomics.load(this.#words, states);
			const others = this.#others(now);
			let own = this.#own(now) & ~cells;
			if (kind === 'read') {
				if (others & cells & ~shared) return false;
				own |= cells & shared;
			} else if (kind === 'write') {
				if (others & cells) return false;
				own |= cells & ~shared;
			}
			if (this.#swap(now, own)) return true;
		}
	}

	/** Answers fcntl(F_GETLK) for the reserved byte, the only one that SQLite asks about. */
	reservedByOther(): boolean {
		return (this.#others(Atomics.load(this.#words, states)) & reserved) !== 0;
	}

	/** Gives back all locks and the place. */
	release(): void {
		for (let now = this.#now(); !this.#swap(now, 0); now = this.#now());
		Atomics.and(this.#words, taken, ~(1 << this.slot));
	}

	#now = () => Atomics.load(this.#words, states);

	#own(word: number): number {
		return (word >>> (this.slot * 4)) & 15;
	}

	/** Every bit that any other connection has set, as one connection's four. */
	#others(word: number): number {
		let bits = 0;
		for (let slot = 0; slot < slots; slot += 1) if (slot !== this.slot) bits |= (word >>> (slot * 4)) & 15;
		return bits;
	}

	#swap(now: number, own: number): boolean {
		const next = (now & ~(15 << (this.slot * 4))) | (own << (this.slot * 4));
		return Atomics.compareExchange(this.#words, states, now, next) === now;
	}
}

const ofThisThread = new WeakMap<object, Map<string, SharedArrayBuffer>>();

/** The locks of a file that no other thread opens: one memory for all who open `path` on `disk`. */
export function localLocks(disk: object, path: string): SharedArrayBuffer {
	const files = ofThisThread.get(disk) ?? new Map<string, SharedArrayBuffer>();
	ofThisThread.set(disk, files);
	const locks = files.get(path) ?? newLocks();
	files.set(path, locks);
	return locks;
}
