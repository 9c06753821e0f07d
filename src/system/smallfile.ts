// Small files of settings and secrets, read whole: never more than fits, whatever the path names.
import { closeSync, openSync, readSync } from 'node:fs';

/** A settings file is some kB; what is larger is another file, or a device that never ends. */
const maxBytes = 4 * 1024 * 1024;
const chunkBytes = 64 * 1024;

/** Reads a whole file, pipes too (`--luci-password-file <(pass luci)`). Throws as `readFileSync`, or when it is too large. */
export function readSmallFile(path: string): Uint8Array {
	const file = openSync(path, 'r');
	try {
		const chunks: Buffer[] = [];
		for (let size = 0; size <= maxBytes; ) {
			const chunk = Buffer.allocUnsafe(chunkBytes);
			const read = readSync(file, chunk, 0, chunkBytes, null);
			if (read === 0) return Buffer.concat(chunks);
			chunks.push(chunk.subarray(0, read));
			size += read;
		}
	} finally {
		closeSync(file);
	}
	throw new Error(`it is larger than ${maxBytes / 1024 / 1024} MiB`);
}

/** What an error of reading a file says, without its path. */
export function whyUnreadable(error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	return code ?? message ?? 'it cannot be read';
}
