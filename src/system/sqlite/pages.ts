// The checksum that every page of our files carries in its last 8 bytes, which SQLite leaves to whoever stores the
// page ("reserved space", byte 20 of the header). Written with each page, checked with each page read: a bit that
// flips on flash is found where SQLite alone would answer with a wrong number. Pages in SQLite's hands, and so those in
// its journal and WAL, have zeros there: what another program recovers from them is taken without a check.

export const pageBytes = 4096;
export const checksumBytes = 8;
export const headerBytes = 100;

const magic = 'SQLite format 3\0';

/** What the first bytes of a file say (https://sqlite.org/fileformat.html#the_database_header). */
export interface Header {
	readonly pageBytes: number;
	readonly reservedBytes: number;
	readonly applicationId: number;
}

/** null: not SQLite's header. */
export function parseHeader(bytes: Uint8Array): Header | null {
	if (bytes.byteLength < headerBytes || Buffer.from(bytes.subarray(0, 16)).toString('latin1') !== magic) return null;
	const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
	const size = view.getUint16(16);
	return {
		pageBytes: size === 1 ? 65_536 : size,
		reservedBytes: view.getUint8(20),
		applicationId: view.getUint32(68),
	};
}

/**
 * A database with nothing in it, as one page: made by hand because only so can room for the checksums be reserved
 * with what sql.js exports, and because a file that is made whole is never found empty after a power cut.
 */
export function emptyDatabase(applicationId: number): Uint8Array {
	const page = new Uint8Array(pageBytes);
	const view = new DataView(page.buffer);
	page.set(Buffer.from(magic, 'latin1'));
	view.setUint16(16, pageBytes);
	page.set([1, 1, checksumBytes, 64, 32, 32], 18);
	view.setUint32(24, 1); // change counter
	view.setUint32(28, 1); // pages
	view.setUint32(44, 4); // schema format
	view.setUint32(56, 1); // UTF-8
	view.setUint32(68, applicationId);
	view.setUint32(92, 1); // the change counter that the number of pages is valid for
	page[headerBytes] = 13; // a leaf of the schema table, without cells
	view.setUint16(headerBytes + 5, pageBytes - checksumBytes);
	sealPage(page, 1);
	return page;
}

/** Makes the start of a file that was last used with a WAL look like one that was not (bytes 18 and 19). */
export function declareNoWal(start: Uint8Array): void {
	if (start.byteLength >= headerBytes) start.fill(1, 18, 20);
}

/** Writes the checksum into the page's last 8 bytes. `number` counts from 1: a page at another's place is wrong too. */
export function sealPage(page: Uint8Array, number: number): void {
	const words = wordsOf(page);
	const end = words.length - 2;
	const [one, two] = sum(words, end, number);
	page.set(new Uint8Array(Int32Array.of(one, two).buffer), end * 4);
}

/** Whether the page is as it was written. Without a checksum it is SQLite's to judge. */
export function pageIsWhole(page: Uint8Array, number: number): boolean {
	const words = wordsOf(page);
	const end = words.length - 2;
	if (words[end] === 0 && words[end + 1] === 0) return true;
	const [one, two] = sum(words, end, number);
	return words[end] === one && words[end + 1] === two;
}

export function unsealPage(page: Uint8Array): void {
	page.fill(0, page.byteLength - checksumBytes);
}

function wordsOf(page: Uint8Array): Int32Array {
	const aligned = page.byteOffset % 4 === 0 ? page : page.slice();
	return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** Two running sums, each fed with the other: any flip of up to 64 neighbouring bits changes them. */
function sum(words: Int32Array, end: number, seed: number): [number, number] {
	let one = seed | 0;
	let two = ~seed;
	for (let at = 0; at < end; at += 2) {
		one = (one + words[at]! + two) | 0;
		two = (two + words[at + 1]! + one) | 0;
	}
	return [one, two];
}
