// Where texts of settings come from, besides the command line: the environment, a `.env` file, a UCI file. Each is a
// layer, and the first layer that has a text for a setting decides.
import { parseDotEnv } from '../system/dotenv.ts';
import { parseUci, type UciSection } from '../system/uci.ts';
import { type RouterFacts, routerFacts } from './router.ts';
import { type Setting, type Table, uciOptionOf, variableOf } from './setting.ts';

/** A text and where it stood, in words for an error: `(LISTEN_PORT, environment)`. */
export interface Found {
	readonly texts: readonly string[];
	readonly where: string;
}

export interface Layer {
	readonly name: 'flag' | 'environment' | '.env' | 'UCI';
	readonly find: (setting: Setting<unknown>) => Found | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a whole file; throws as `readFileSync` does. */
export type ReadFile = (path: string) => Uint8Array;

export function flagLayer(given: ReadonlyMap<string, readonly string[]>): Layer {
	return {
		name: 'flag',
		find(setting) {
			const texts = given.get(setting.flag);
			return texts && { texts, where: 'flag' };
		},
	};
}

/** @param where what stands behind the variable's name in an error: `environment` */
export function variableLayer(
	name: Layer['name'],
	where: string,
	look: (variable: string) => string | undefined,
): Layer {
	return {
		name,
		find(setting) {
			const variable = variableOf(setting);
			const text = look(variable);
			if (text) return { texts: [text], where: `${variable}, ${where}` };
			const { otherVariable: other } = setting;
			if (!other) return undefined;
			const translated = other.translate(look(other.name) ?? '');
			return translated ? { texts: [translated], where: `${other.name}, ${where}` } : undefined;
		},
	};
}

export function environmentLayer(environment: Environment): Layer {
	return variableLayer('environment', 'environment', (name) =>
		Object.hasOwn(environment, name) ? environment[name] : undefined,
	);
}

export function dotEnvLayer(
	path: string,
	bytes: Uint8Array,
	environment: Environment,
): { readonly layer: Layer } | { readonly error: string } {
	const file = parseDotEnv(bytes, environment);
	if ('error' in file) {
		return { error: `${path} cannot be read as a .env file: ${file.error}; --env-file none leaves it out` };
	}
	return { layer: variableLayer('.env', `.env ${path}`, (name) => file.values.get(name)) };
}

export interface UciLayer {
	readonly layer: Layer;
	/** null: not a file of the router's init script. */
	readonly router: RouterFacts | null;
	readonly warnings: readonly string[];
}

/** Sections that hold no settings but facts. */
const factTypes: readonly string[] = ['router', 'host'];

/**
 * The section `config TYPE 'main'` of a UCI file, else its first section of that type. Warns about sections and
 * options that nobody reads.
 */
export function uciLayer(
	path: string,
	bytes: Uint8Array,
	{
		table,
		section: type,
		uciOnly,
	}: { readonly table: Table; readonly section: string; readonly uciOnly: readonly string[] },
): UciLayer | { readonly error: string } {
	const file = parseUci(bytes);
	if ('error' in file) return { error: `${path} is no UCI file: ${file.error}` };
	const router = routerFacts(file.sections);
	const ofType = file.sections.filter((section) => section.type === type);
	const main = ofType.find(({ name }) => name === 'main') ?? ofType[0];
	const known = new Set([
		...Object.values(table)
			.filter(({ early }) => !early)
			.map(uciOptionOf),
		...uciOnly,
	]);
	const warnings = [
		...(main ? [] : [`${path} has no section config ${type} 'main': nothing of it is read`]),
		...file.sections
			.filter((section) => section !== main && !(router && factTypes.includes(section.type)))
			.map((section) => `${path}: the section config ${section.type} '${section.name}' is not read`),
		...unknownOptions(main, known).map((name) => `${path}: the option ${name} is not known and not read`),
	];
	const find = (setting: Setting<unknown>): Found | undefined => {
		const option = uciOptionOf(setting);
		const value = main?.options.get(option);
		const texts = (typeof value === 'string' ? [value] : (value ?? [])).filter((text) => text !== '');
		return texts.length === 0 ? undefined : { texts, where: `${option}, UCI file ${path}` };
	};
	return { layer: { name: 'UCI', find }, router, warnings: first(warnings) };
}

/** More are one mistake many times: another program's file. */
const maxWarnings = 20;

function first(warnings: readonly string[]): readonly string[] {
	const more = warnings.length - maxWarnings;
	return more > 0 ? [...warnings.slice(0, maxWarnings), `and ${more} more of this kind`] : warnings;
}

function unknownOptions(section: UciSection | undefined, known: ReadonlySet<string>): string[] {
	return [...(section?.options.keys() ?? [])].filter((name) => !known.has(name));
}
