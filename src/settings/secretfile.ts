// A secret: given itself, or as the first line of a file.
import { resolve } from 'node:path';
import { whyUnreadable } from '../system/smallfile.ts';
import type { Layer, ReadFile } from './layer.ts';
import type { Resolved } from './resolve.ts';
import type { Setting, Table } from './setting.ts';

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
		const [first = ''] = Buffer.from(readFile(resolve(cwd, path)))
			.toString('utf8')
			.split('\n', 1);
		const line = first.replace(/\r$/, '');
		if (line === '') return { error: `--${other.flag}: the first line of ${path} is empty` };
		const value = own.kind.parse(line);
		if (value === undefined) return { error: `--${other.flag}: the first line of ${path} is not ${own.kind.allowed}` };
		return { value: value as string };
	} catch (error) {
		return { error: `--${other.flag}: ${path} cannot be read: ${whyUnreadable(error)}` };
	}
}
