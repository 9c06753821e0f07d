// One file that SQLite has open: where it stands in it, and the checksums of its pages if it is the database.
import type { Disk, DiskStat } from '../disk.ts';
import { declareNoWal, headerBytes, pageBytes, pageIsWhole, sealPage, unsealPage } from './pages.ts';

/** A page that is not as it was written; to SQLite an I/O error. */
export class WrongPage extends Error {
	constructor(readonly page: number) {
		super();
	}
}

interface OpenFileOptions {
	readonly disk: Disk;
	/** The disk's number of it. */
	readonly file: number;
	readonly path: string;
	/** Only the database's own pages carry checksums. */
	readonly sums: boolean;
	readonly withoutWal: boolean;
}

/** Calls answer 0 for success, or a number of bytes; they throw what the disk throws. */
export class OpenFile {
	readonly path: string;
	position = 0;
	#options: OpenFileOptions;
	#page = new Uint8Array(0);

	constructor(options: OpenFileOptions) {
		this.#options = options;
		this.path = options.path;
	}

	read(bytes: Uint8Array): number {
		const { sums, withoutWal } = this.#options;
		const got = sums ? this.#readChecked(bytes) : this.#readAt(bytes, this.position);
		if (withoutWal && this.position === 0) declareNoWal(bytes.subarray(0, got));
		this.position += got;
		return got;
	}

	write(bytes: Uint8Array): number {
		const { disk, file, sums } = this.#options;
		const whole = sums && bytes.byteLength === pageBytes && this.position % pageBytes === 0;
		const wrote = disk.write(file, whole ? this.#sealed(bytes) : bytes, this.position);
		this.position += wrote;
		return wrote;
	}

	/** `whence` as lseek has it; false: not a place in a file. */
	seek(offset: number, whence: number): boolean {
		const from = [0, this.position, whence === 2 ? this.stat().size : 0][whence] ?? 0;
		const position = from + offset;
		if (!(position >= 0) || !Number.isSafeInteger(position)) return false;
		this.position = position;
		return true;
	}

	stat(): DiskStat {
		return this.#options.disk.statFile(this.#options.file);
	}

	truncate(size: number): number {
		this.#options.disk.truncate(this.#options.file, size);
		return 0;
	}

	sync(): number {
		this.#options.disk.sync(this.#options.file);
		return 0;
	}

	close(): number {
		this.#options.disk.close(this.#options.file);
		return 0;
	}

	#readAt(bytes: Uint8Array, position: number): number {
		return this.#options.disk.read(this.#options.file, bytes, position);
	}

	/** SQLite reads whole pages, parts of them (of a long value), and the file's header before it holds a lock. */
	#readChecked(bytes: Uint8Array): number {
		const { position } = this;
		if (position < headerBytes && bytes.byteLength <= headerBytes) return this.#readAt(bytes, position);
		const within = position % pageBytes;
		if (within === 0 && bytes.byteLength === pageBytes) return this.#readPage(bytes, position);
		const page = this.#own();
		const got = this.#readPage(page, position - within);
		const part = page.subarray(within, Math.max(within, Math.min(got, within + bytes.byteLength)));
		bytes.set(part);
		return part.byteLength;
	}

	#readPage(page: Uint8Array, start: number): number {
		const got = this.#readAt(page, start);
		const number = start / pageBytes + 1;
		// Nothing at all is a page behind the end, which SQLite takes for zeros.
		if (got > 0 && (got < pageBytes || !pageIsWhole(page, number))) throw new WrongPage(number);
		if (got > 0) unsealPage(page);
		return got;
	}

	/** A copy: SQLite's own page stays without a checksum. */
	#sealed(bytes: Uint8Array): Uint8Array {
		const page = this.#own();
		page.set(bytes);
		sealPage(page, this.position / pageBytes + 1);
		return page;
	}

	#own(): Uint8Array {
		if (this.#page.byteLength === 0) this.#page = new Uint8Array(pageBytes);
		return this.#page;
	}
}
