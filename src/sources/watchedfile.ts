// A small file that others write, read again only when it has changed: an unchanged one costs one stat.
import { closeSync, constants, openSync, readSync, type Stats, statSync } from 'node:fs';

/** 10,000 leases. */
export const watchedBytesMost = 1 << 20;
/** The size of a file of /proc is not known before it is read; the kernel keeps 1,024 neighbours of 80 bytes. */
const procBytesMost = 1 << 18;

export class WatchedFile<Value> {
	readonly path: string;
	readonly #parse: (text: string) => Value;
	readonly #none: Value;
	#stamp = '';
	#value: Value;
	#problem: string | null = null;

	/** @param none the value while there is no file, or none that can be read */
	constructor(path: string, parse: (text: string) => Value, none: Value) {
		this.path = path;
		this.#parse = parse;
		this.#none = none;
		this.#value = none;
	}

	/** A sentence about the last look; null: nothing is wrong. A file that is not there is no problem. */
	get problem(): string | null {
		return this.#problem;
	}

	/** What is in the file now. Blocks; throws nothing. */
	look(): Value {
		try {
			const stat = statSync(this.path);
			// /proc says 0 bytes and now.
			const stamp = stat.size === 0 ? '' : `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}`;
			if (stamp !== '' && stamp === this.#stamp) return this.#value;
			this.#problem = null;
			this.#value = this.#parse(this.#read(stat));
			this.#stamp = stamp;
		} catch (error) {
			this.#stamp = '';
			this.#value = this.#none;
			this.#problem = this.#sentence(error as NodeJS.ErrnoException);
		}
		return this.#value;
	}

	#read(stat: Stats): string {
		if (!stat.isFile()) throw new Error('it is no file');
		// Without waiting, should a pipe have taken its place.
		const file = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
		try {
			const most = stat.size === 0 ? procBytesMost : watchedBytesMost;
			const buffer = Buffer.allocUnsafe(stat.size === 0 ? most : Math.min(stat.size + 1, most));
			let length = 0;
			while (length < buffer.length) {
				const got = readSync(file, buffer, length, buffer.length - length, null);
				if (got === 0) break;
				length += got;
			}
			if (length === most) this.#problem = `${this.path} is larger than ${most / 1024} KiB: only its beginning is read`;
			return buffer.toString('utf8', 0, length);
		} finally {
			closeSync(file);
		}
	}

	#sentence({ code, message }: NodeJS.ErrnoException): string | null {
		if (code === 'ENOENT' || code === 'ENOTDIR') return null;
		const why = code === 'EACCES' || code === 'EPERM' ? 'this user may not' : (code ?? message);
		return `${this.path} cannot be read (${why}): devices may be without names`;
	}
}
