// Files that settings name: the whole of a small one, and a secret's first line.
import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Layer, ReadFile } from './layer.ts';
import type { Resolved } from './resolve.ts';
import type { Setting, Table } from './setting.ts';

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

export interface Surroundings {
	readonly cwd: string;
	readonly readFile: ReadFile;
}

const order: readonly Layer['name'][] = ['flag', 'environment', '.env', 'UCI'];

/** The secret itself or the first line of its file, whichever stands in the earlier layer. */
export function secretOf(
	{ values, from }: Resolved<Table>,
	[secret, file]: readonly [secret: string, file: string],
	table: Table,
	{ cwd, readFile }: Surroundings,
): { readonly value: string | null } | { readonly error: string } {
	const [own, other] = [table[secret]!, table[file]!] as [Setting<unknown>, Setting<unknown>];
	const direct = values[secret] as string | null;
	const path = values[file] as string | null;
	if (path === null) return { value: direct };
	const [ownPlace, filePlace] = [own, other].map((setting) => order.indexOf(from.get(setting) ?? 'UCI'));
	if (direct !== null && ownPlace! < filePlace!) return { value: direct };
	if (direct !== null && ownPlace === filePlace)
		return { error: `--${own.flag} and --${other.flag} are both set: give one of them` };
	try {
		const text = Buffer.from(readFile(resolve(cwd, path))).toString('utf8');
		const line = text.slice(0, (text.indexOf('\n') + 1 || text.length + 1) - 1).replace(/\r$/, '');
		if (line === '') return { error: `--${other.flag}: the first line of ${path} is empty` };
		const value = own.kind.parse(line);
		if (value === undefined) return { error: `--${other.flag}: the first line of ${path} is not ${own.kind.allowed}` };
		return { value: value as string };
	} catch (error) {
		return { error: `--${other.flag}: ${path} cannot be read: ${whyUnreadable(error)}` };
	}
}
