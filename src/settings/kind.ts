// What a setting's text may be, and what it becomes. A kind answers a typed value or undefined; what is allowed
// stands beside it in words, for the errors and the docs. Nothing here knows where the text came from.
import { isIP } from 'node:net';
import { type RetryProfile, retryProfiles } from '../engine/backoff.ts';

export interface Kind<T> {
	/** Ends the sentence "it takes ...". */
	readonly allowed: string;
	/** Stands for the value in the help: `PORT`. */
	readonly name: string;
	/** The text is never empty. undefined = refused. */
	readonly parse: (text: string) => T | undefined;
	/** The parts of a list are joined by commas, or come as a UCI list. */
	readonly list?: true;
	/** How the value may be shown in an error; without it, as it stands. */
	readonly show?: (text: string) => string;
}

/** Bytes that belong in no name, path or password, and that break a header or a terminal. */
const control = /[\u0000-\u001f\u007f]/;

export const text: Kind<string> = {
	name: 'TEXT',
	allowed: 'a text of one line',
	parse: (value) => (control.test(value) ? undefined : value),
};

/** A path as it was written; who knows the working directory resolves it. */
export const path: Kind<string> = { ...text, name: 'PATH', allowed: 'a path' };

/** Shown nowhere. */
export const secret: Kind<string> = {
	...text,
	name: 'SECRET',
	allowed: 'a text of one line without control characters',
	show: () => '***',
};

export function choice<const C extends string>(...choices: readonly C[]): Kind<C> {
	const known = new Map(choices.map((name) => [name as string, name]));
	return { name: choices.join('|'), allowed: choices.join(', '), parse: (value) => known.get(value) };
}

const on = new Set(['on', '1', 'yes', 'true', 'enabled']);
const off = new Set(['off', '0', 'no', 'false', 'disabled']);

/** `on` and `off`, and what UCI files say for them. */
export const onOff: Kind<boolean> = {
	name: 'on|off',
	allowed: 'on or off',
	parse: (value) => (on.has(value) ? true : off.has(value) ? false : undefined),
};

export interface Range {
	readonly min: number;
	readonly max: number;
	/** The name of one, and what the typed value is of it: `seconds` become ms with 1000. */
	readonly unit?: string;
	readonly times?: number;
	readonly name?: string;
}

function rangeText({ min, max, unit }: Range): string {
	return `from ${min} to ${max}${unit ? ` (${unit})` : ''}`;
}

export function integer(range: Range): Kind<number> {
	return {
		name: range.name ?? 'NUMBER',
		allowed: `a whole number ${rangeText(range)}`,
		parse: (value) => (/^\d{1,15}$/.test(value) ? within(Number(value), range) : undefined),
	};
}

export function decimal(range: Range): Kind<number> {
	return {
		name: range.name ?? 'NUMBER',
		allowed: `a number ${rangeText(range)}`,
		parse: (value) => (/^\d{1,15}(\.\d{1,9})?$/.test(value) ? within(Number(value), range) : undefined),
	};
}

function within(value: number, { min, max, times = 1 }: Range): number | undefined {
	return value >= min && value <= max ? Math.round(value * times) : undefined;
}

/** `word` itself, or what `kind` takes. */
export function orWord<const W extends string, T>(word: W, kind: Kind<T>): Kind<W | T> {
	return {
		...kind,
		name: `${kind.name}|${word}`,
		allowed: `${word}, or ${kind.allowed}`,
		parse: (value) => (value === word ? word : kind.parse(value)),
	};
}

/** Parts joined by commas; blanks around a part and empty parts do not count. `none` alone is the empty list. */
export function list<T>(item: Kind<T>): Kind<readonly T[]> {
	return {
		name: `${item.name},...`,
		allowed: `none, or a list joined by commas, each part ${item.allowed}`,
		list: true,
		parse(value) {
			const parts = value.split(',').map((part) => part.trim());
			const filled = parts.filter((part) => part !== '');
			if (filled.length === 1 && filled[0] === 'none') return [];
			const items = filled.map((part) => item.parse(part));
			return items.length > 0 && items.every((one): one is Exclude<typeof one, undefined> => one !== undefined)
				? items
				: undefined;
		},
	};
}

/** An address to bind, IPv4 or IPv6 (without brackets). */
export const address: Kind<string> = {
	name: 'ADDRESS',
	allowed: 'an IPv4 or IPv6 address',
	parse: (value) => (isIP(value) > 0 ? value : undefined),
};

export const agentId: Kind<string> = {
	name: 'ID',
	allowed: '1 to 64 letters, digits, "-", "_" and "."',
	parse: (value) => (/^[\w.-]{1,64}$/.test(value) ? value : undefined),
};

/** A network device, or the router's own word for one (`wan`, `@wan`) where LuCI or ubus is asked. */
export const device: Kind<string> = {
	name: 'DEVICE',
	allowed: 'the name of a network device',
	parse: (value) => (/^[^\s/,\u0000-\u001f\u007f]{1,64}$/.test(value) ? value : undefined),
};

const longestRetryMs = 24 * 60 * 60_000;

/** A profile's name, or `TRIES:MIN_MS:MAX_MS`. */
export const retry: Kind<RetryProfile> = {
	name: 'PROFILE',
	allowed: `${Object.keys(retryProfiles).join(', ')}, or TRIES:MIN_MS:MAX_MS (0 tries: for ever; at most a day)`,
	parse(value) {
		if (Object.hasOwn(retryProfiles, value)) return retryProfiles[value as keyof typeof retryProfiles];
		const parts = /^(\d{1,6}):(\d{1,9}):(\d{1,9})$/.exec(value)?.slice(1).map(Number);
		if (!parts) return undefined;
		const [tries, minMs, maxMs] = parts as [number, number, number];
		return minMs > 0 && maxMs >= minMs && maxMs <= longestRetryMs ? { tries, minMs, maxMs } : undefined;
	},
};
