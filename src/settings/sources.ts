// Which files a program reads its settings from, in which order, and what a missing one means.
import { resolve as resolvePath } from 'node:path';
import { whyUnreadable } from '../system/smallfile.ts';
import { dotEnvLayer, type Environment, environmentLayer, flagLayer, type Layer, uciLayer } from './layer.ts';
import { resolve } from './resolve.ts';
import type { RouterFacts } from './router.ts';
import type { Surroundings } from './secretfile.ts';
import type { Setting, Table } from './setting.ts';

/** A table with the two rows that name the files, and its section in UCI. */
export interface Program {
	readonly table: Table & { readonly config: Setting<string>; readonly envFile: Setting<string> };
	readonly section: string;
	/** Options of that section which others read. */
	readonly uciOnly: readonly string[];
}

export interface Sources {
	/** The first that has a text for a setting decides: flags, environment, `.env`, UCI. */
	readonly layers: readonly Layer[];
	/** What the router's init script told; null anywhere else. */
	readonly router: RouterFacts | null;
	readonly warnings: readonly string[];
}

export function readSources(
	program: Program,
	given: ReadonlyMap<string, readonly string[]>,
	env: Environment,
	around: Surroundings,
): Sources | { readonly error: string } {
	const { config, envFile } = program.table;
	const layers: Layer[] = [flagLayer(given), environmentLayer(env)];
	const named = resolve({ config, envFile }, layers);
	if ('error' in named) return named;
	const isDefault = (setting: Setting<string>) => !named.from.has(setting);

	const dotEnv = readNamed(named.values.envFile, envFile, isDefault(envFile), around);
	if ('error' in dotEnv) return dotEnv;
	if (dotEnv.bytes) {
		const read = dotEnvLayer(dotEnv.path, dotEnv.bytes, env);
		if ('error' in read) return read;
		layers.push(read.layer);
	}

	const uci = readNamed(named.values.config, config, isDefault(config), around);
	if ('error' in uci) return uci;
	if (!uci.bytes) return { layers, router: null, warnings: [] };
	const read = uciLayer(uci.path, uci.bytes, program);
	if ('error' in read) return read;
	return { layers: [...layers, read.layer], router: read.router, warnings: read.warnings };
}

/** A default file may be missing (a `.env` folder is somebody else's); one that was named may not. */
const missing = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

function readNamed(
	name: string,
	setting: Setting<string>,
	isDefault: boolean,
	{ cwd, readFile }: Surroundings,
): { readonly path: string; readonly bytes: Uint8Array | null } | { readonly error: string } {
	const path = resolvePath(cwd, name);
	if (name === 'none') return { path, bytes: null };
	try {
		return { path, bytes: readFile(path) };
	} catch (error) {
		const why = whyUnreadable(error);
		if (isDefault && missing.has(why)) return { path, bytes: null };
		return { error: `${path} cannot be read: ${why}; --${setting.flag} none leaves it out` };
	}
}
