// The memory that bodies are read into. It is used again and again, and the pieces that they came in are collected
// before they are many (scavenge.ts).
import { scavenge } from '../../system/scavenge.ts';

/** What a body fits into unless its agent was away for long. */
const usualBytes = 1024 * 1024;
/** So much of one stays in the pieces that it came in, where they are few: there may be thousands of peers that drip. */
const smallBytes = 64 * 1024;
const fewPieces = 64;
/** Kept for the next ones. */
const idleBuffers = 2;
/** Of pieces that came, dead ones among them. */
const piecesBytes = 4 * 1024 * 1024;

export class BodyMemory {
	readonly #mostBytes: number;
	readonly #usual: Buffer[] = [];
	/** The last one for a large body, if V8 still has it. */
	#large: WeakRef<Buffer> | null = null;
	#pieces = 0;

	/** No body is longer than `mostBytes`. */
	constructor(mostBytes: number) {
		this.#mostBytes = mostBytes;
	}

	/** At least so many. Pages of it that nobody writes to cost nothing. */
	take(bytes: number): Buffer {
		if (bytes <= usualBytes) return this.#usual.pop() ?? Buffer.allocUnsafeSlow(usualBytes);
		const again = this.#large?.deref();
		this.#large = null;
		return again ?? Buffer.allocUnsafeSlow(this.#mostBytes);
	}

	/** A piece came, whatever becomes of it. */
	count(bytes: number): void {
		this.#pieces += bytes;
		if (this.#pieces < piecesBytes) return;
		this.#pieces = 0;
		scavenge();
	}

	/** Nobody looks at it any more. */
	give(buffer: Buffer): void {
		if (buffer.byteLength > usualBytes) this.#large = new WeakRef(buffer);
		else if (this.#usual.length < idleBuffers) this.#usual.push(buffer);
	}
}

/** One body while it comes. */
export class GrowingBody {
	readonly #memory: BodyMemory;
	#pieces: Buffer[] = [];
	#into: Buffer | null = null;
	#bytes = 0;

	constructor(memory: BodyMemory) {
		this.#memory = memory;
	}

	add(piece: Buffer): void {
		const end = this.#bytes + piece.byteLength;
		const few = !this.#into && this.#pieces.length < fewPieces && end <= smallBytes;
		if (this.#bytes === 0 || few) this.#pieces.push(piece);
		else piece.copy(this.#roomFor(end), this.#bytes);
		this.#bytes = end;
	}

	/** What came so far; not to be looked at after `letGo`. */
	get whole(): Buffer {
		if (this.#into) return this.#into.subarray(0, this.#bytes);
		return this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
	}

	letGo(): void {
		if (this.#into) this.#memory.give(this.#into);
		this.#into = null;
		this.#pieces = [];
		this.#bytes = 0;
	}

	#roomFor(bytes: number): Buffer {
		if (this.#into && bytes <= this.#into.byteLength) return this.#into;
		const into = this.#memory.take(bytes);
		this.whole.copy(into);
		if (this.#into) this.#memory.give(this.#into);
		this.#into = into;
		this.#pieces = [];
		return into;
	}
}
