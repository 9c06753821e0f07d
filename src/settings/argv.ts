// The command line against a table: flags become texts, words stay. mri does the reading; what mri would guess at
// (`-p17890`, `--x=`, a value that begins with a dash, unknown names) is respelled or refused before it.
import mri from 'mri';
import type { Table } from './setting.ts';

export interface Switch {
	readonly flag: string;
	readonly short?: string;
}

export interface CommandLine {
	readonly words: readonly string[];
	/** By flag. Empty values are not set. */
	readonly given: ReadonlyMap<string, readonly string[]>;
	readonly switches: ReadonlySet<string>;
}

interface Option extends Switch {
	readonly takesValue: boolean;
}

/** Answers what was given, or a sentence. No value stands in the sentence: it may be a secret. */
export function readArgv(
	argv: readonly string[],
	table: Table,
	switches: readonly Switch[],
): CommandLine | { readonly error: string } {
	const options: Option[] = [
		...Object.values(table).map((setting) => ({ ...setting, takesValue: true })),
		...switches.map((one) => ({ ...one, takesValue: false })),
	];
	const flags: string[] = [];
	const words: string[] = [];
	for (let index = 0; index < argv.length; index += 1) {
		const argument = argv[index]!;
		if (argument === '--') {
			words.push(...argv.slice(index + 1));
			break;
		}
		if (!argument.startsWith('-') || argument === '-') {
			words.push(argument);
			continue;
		}
		const found = recognise(argument, options);
		if ('error' in found) return found;
		const { option, value } = found;
		if (!option.takesValue) {
			if (value !== null) return { error: `--${option.flag} takes no value` };
			flags.push(`--${option.flag}`);
			continue;
		}
		const next = argv[index + 1];
		if (value === null && (next === undefined || /^-./s.test(next))) {
			return { error: `--${option.flag} has no value; one that begins with a dash is written --${option.flag}=VALUE` };
		}
		if (value === null) index += 1;
		const text = value ?? next ?? '';
		if (text !== '') flags.push(`--${option.flag}=${text}`);
	}
	return gather(flags, words, options);
}

/** Which option an argument is, and the value that is attached to it. */
function recognise(
	argument: string,
	options: readonly Option[],
): { readonly option: Option; readonly value: string | null } | { readonly error: string } {
	if (argument.startsWith('--')) {
		const equals = argument.indexOf('=');
		const name = equals < 0 ? argument.slice(2) : argument.slice(2, equals);
		const option = options.find(({ flag }) => flag === name);
		if (!option) return { error: `--${name} is no flag of netmon; netmon --help lists them` };
		return { option, value: equals < 0 ? null : argument.slice(equals + 1) };
	}
	const letter = argument[1]!;
	const option = options.find(({ short }) => short === letter);
	if (!option) return { error: `-${letter} is no flag of netmon; netmon --help lists them` };
	return { option, value: argument.length === 2 ? null : argument.slice(2).replace(/^=/, '') };
}

function gather(flags: readonly string[], words: readonly string[], options: readonly Option[]): CommandLine {
	const names = (takesValue: boolean) => options.filter((one) => one.takesValue === takesValue).map(({ flag }) => flag);
	// The words wait behind `--`, or a switch would take the next one for its value.
	const read = mri([...flags, '--', ...words], { string: names(true), boolean: names(false) });
	const given = new Map<string, readonly string[]>();
	for (const flag of names(true)) {
		const value: unknown = Object.hasOwn(read, flag) ? read[flag] : undefined;
		if (value !== undefined) given.set(flag, (Array.isArray(value) ? value : [value]).map(String));
	}
	// mri takes --no-token for the negation of --token.
	return { words: read._, given, switches: new Set(names(false).filter((flag) => flags.includes(`--${flag}`))) };
}
