// A row of a table of settings and what follows from it: the names it goes by and the type of its value.
import type { Kind } from './kind.ts';

export interface Setting<T> {
	/** Without the dashes. */
	readonly flag: string;
	readonly short?: string;
	/** The environment variable where it is not `NETMON_` + the flag: a name of the old programs. */
	readonly variable?: string;
	/** Read where the variable is not set: its text becomes one that `kind` takes, or undefined. */
	readonly otherVariable?: { readonly name: string; readonly translate: (text: string) => string | undefined };
	readonly kind: Kind<NonNullable<T>>;
	/** As a user would write it; null = none. */
	readonly fallback: string | null;
	/** In place of `fallback` for readers, where it is found or depends on others. */
	readonly shownDefault?: string;
	/** Says where settings are read from, so it is a flag or in the environment and nowhere else. */
	readonly early?: true;
	/** Its value must not be seen by others: warned about when it is a flag. */
	readonly secret?: true;
	readonly group: string;
	/** One line. */
	readonly help: string;
}

export type Table = Readonly<Record<string, Setting<unknown>>>;

/** What a table's settings become, by the names of its rows. */
export type Values<T extends Table> = { readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never };

type Row<T> = Omit<Setting<T>, 'kind' | 'group' | 'fallback'>;

/** Rows of one group of the help: one that always has a value, and one that may have none. */
export function group(name: string) {
	return {
		setting: <T>(kind: Kind<T & {}>, fallback: string, row: Row<T & {}>): Setting<T & {}> => ({
			...row,
			kind,
			fallback,
			group: name,
		}),
		optional: <T>(kind: Kind<T & {}>, row: Row<(T & {}) | null>): Setting<(T & {}) | null> => ({
			...row,
			kind,
			fallback: null,
			group: name,
		}),
	};
}

export function variableOf(setting: Setting<unknown>): string {
	return setting.variable ?? `NETMON_${setting.flag.replaceAll('-', '_').toUpperCase()}`;
}

export function uciOptionOf(setting: Setting<unknown>): string {
	return setting.flag.replaceAll('-', '_');
}
