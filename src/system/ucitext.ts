// The words of a UCI file: quotes, escapes, comments and continued lines taken off, as libuci does it. It unquotes in
// place: what was read stands before what is being read, in one buffer that ends in NUL, and what becomes of odd
// lines (`option a 1;option b 2`) follows from that.

export class UciRefusal extends Error {}

const tab = 9;
const newline = 10;
const carriageReturn = 13;
const space = 32;
const doubleQuote = 34;
const hash = 35;
const singleQuote = 39;
const semicolon = 59;
const backslash = 92;

/** isspace() of the C locale. */
function isSpace(byte: number): boolean {
	return byte === space || (byte >= tab && byte <= carriageReturn);
}

export class UciText {
	/** Lines read so far, and the place in the buffer: what the errors tell. */
	line = 0;
	position = 0;
	readonly #bytes: Uint8Array;
	#next = 0;
	#buffer = new Uint8Array(256);
	#filled = 0;

	/** @param bytes without NUL */
	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	/** Steps to the next line; false at the end of the file. */
	nextLine(): boolean {
		if (this.#next >= this.#bytes.length) return false;
		this.position = 0;
		this.#readLine();
		this.#skipSpace();
		return true;
	}

	/** The command at `position`, or null where only blanks are left; `enter` steps over it. */
	command(): { readonly word: string; readonly end: number } | null {
		let start = this.position;
		while (this.#at(start) === space || this.#at(start) === tab) start += 1;
		if (this.#at(start) === 0) return null;
		let end = start;
		while (this.#at(end) !== 0 && this.#at(end) !== space && this.#at(end) !== tab) end += 1;
		this.#buffer[end] = 0;
		return { word: this.binary(start), end };
	}

	/** Steps over the command that ends at `end`; `refusal` when the file ends there. */
	enter(end: number, refusal: string): void {
		if (end + 1 > this.#filled) throw new UciRefusal(refusal);
		this.position = end + 1;
	}

	/** Unquotes the next argument; answers where it starts. An absent one is an empty one. */
	argument(need: 'required' | 'optional'): number {
		this.#skipSpace();
		const start = this.position;
		if (this.#at(start) === semicolon) {
			this.#buffer[start] = 0;
			this.position += 1;
		} else this.#unquote(start);
		if (need === 'required' && this.#at(start) === 0) throw new UciRefusal('insufficient arguments');
		return start;
	}

	/** The argument at `start`, one char a byte. */
	binary(start: number): string {
		return this.#slice(start).toString('latin1');
	}

	/** The argument at `start` as UTF-8, or as latin1 where it is none. */
	text(start: number): string {
		const bytes = this.#slice(start);
		const text = bytes.toString('utf8');
		return Buffer.from(text).equals(bytes) ? text : bytes.toString('latin1');
	}

	#slice(start: number): Buffer {
		return Buffer.from(this.#buffer.subarray(start, this.#buffer.indexOf(0, start)));
	}

	/** Puts the next line of the file at `position`, or only the closing NUL when there is none. */
	#readLine(): void {
		const end = this.#bytes.indexOf(newline, this.#next);
		const line = this.#bytes.subarray(this.#next, end < 0 ? this.#bytes.length : end + 1);
		const filled = this.position + line.length;
		if (filled >= this.#buffer.length) {
			const larger = new Uint8Array(2 * filled + 2);
			larger.set(this.#buffer);
			this.#buffer = larger;
		}
		this.#buffer.set(line, this.position);
		this.#buffer[filled] = 0;
		if (line.length === 0) return;
		this.#filled = filled;
		this.#next += line.length;
		if (end >= 0) this.line += 1;
	}

	/** The byte at `index`; 0 at and beyond the end. */
	#at(index: number): number {
		return this.#buffer[index] ?? 0;
	}

	#skipSpace(): void {
		while (isSpace(this.#at(this.position))) this.position += 1;
	}

	#unquote(start: number): void {
		let target = start;
		let closed = false;
		do {
			const byte = this.#at(this.position);
			if (byte === singleQuote) target = this.#singleQuoted(target);
			else if (byte === doubleQuote) target = this.#doubleQuoted(target);
			else if (byte === hash || byte === 0) {
				this.#buffer[this.position] = 0;
				break;
			} else if (byte === semicolon) {
				closed = true;
				break;
			} else if (byte !== backslash || this.#escaped()) target = this.#keep(target);
		} while (this.#at(this.position) !== 0 && !isSpace(this.#at(this.position)));
		// The space behind the argument gives way to the closing NUL.
		if (this.#at(this.position) !== 0 && !closed) this.position += 1;
		this.#buffer[target] = 0;
	}

	#singleQuoted(target: number): number {
		this.position += 1;
		let to = target;
		while (this.#at(this.position) !== singleQuote) {
			if (this.#at(this.position) !== 0) to = this.#keep(to);
			else this.#continueQuoted("'");
		}
		this.position += 1;
		return to;
	}

	#doubleQuoted(target: number): number {
		this.position += 1;
		let to = target;
		while (this.#at(this.position) !== doubleQuote) {
			const byte = this.#at(this.position);
			if (byte === 0) this.#continueQuoted('"');
			else if (byte !== backslash || this.#escaped()) to = this.#keep(to);
		}
		this.position += 1;
		return to;
	}

	#continueQuoted(quote: string): void {
		this.#readLine();
		if (this.#at(this.position) === 0) throw new UciRefusal(`EOF with unterminated ${quote}`);
	}

	/** At a backslash: steps to what it escapes, or joins the next line and answers false. */
	#escaped(): boolean {
		this.position += 1;
		const [byte, next, last] = [this.#at(this.position), this.#at(this.position + 1), this.#at(this.position + 2)];
		if (byte !== 0 && byte !== newline && !(byte === carriageReturn && next === newline && last === 0)) return true;
		this.#readLine();
		return false;
	}

	#keep(target: number): number {
		this.#buffer[target] = this.#at(this.position);
		this.position += 1;
		return target + 1;
	}
}
