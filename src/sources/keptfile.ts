// A file of /proc or /sys that stays open and is read again from its start: two system calls instead of four.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const firstBytes = 16_384;
/** 8,000 devices. What is longer is cut. */
const longestBytes = 1 << 20;

export class KeptFile {
	readonly path: string;
	#file: number | null = null;
	#buffer = Buffer.allocUnsafe(firstBytes);

	constructor(path: string) {
		this.path = path;
	}

	/** The whole text, synchronously. Opens the file where it is not open; throws the system's error. */
	read(): string {
		const kept = this.#file !== null;
		try {
			this.#file ??= openSync(this.path, 'r');
			return this.#readAll(this.#file);
		} catch (error) {
			this.close();
			// The kernel removed what the open file showed (ENODEV); there may be another under the same name.
			if (kept) return this.read();
			throw error;
		}
	}

	close(): void {
		if (this.#file !== null) closeSync(this.#file);
		this.#file = null;
	}

	#readAll(file: number): string {
		let length = 0;
		for (;;) {
			if (length === this.#buffer.length) {
				if (length >= longestBytes) break;
				this.#buffer = Buffer.concat([this.#buffer], length * 2);
			}
			// The kernel answers at most a page at a time; only an empty read is the end.
			const got = readSync(file, this.#buffer, length, this.#buffer.length - length, length);
			if (got === 0) break;
			length += got;
		}
		return this.#buffer.toString('utf8', 0, length);
	}
}

/** The text of a small file, or null where it cannot be read (absent, gone, not told for this device). */
export function textOrNull(path: string): string | null {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return null;
	}
}
