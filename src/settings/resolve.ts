// Texts of all layers -> typed values of a table, or one sentence that says which text is wrong, where it stands and
// what is allowed.
import type { Found, Layer } from './layer.ts';
import type { Setting, Table, Values } from './setting.ts';

/** Longer values are cut in an error. */
const shownLength = 80;

export interface Resolved<T extends Table> {
	readonly values: Values<T>;
	/** Which layer decided; absent = the default. */
	readonly from: ReadonlyMap<Setting<unknown>, Layer['name']>;
}

/** The first of `layers` that has a text for a setting decides. */
export function resolve<T extends Table>(table: T, layers: readonly Layer[]): Resolved<T> | { readonly error: string } {
	const values: Record<string, unknown> = {};
	const from = new Map<Setting<unknown>, Layer['name']>();
	for (const [key, setting] of Object.entries(table)) {
		const found = firstFound(setting, layers);
		if (!found) {
			values[key] = setting.fallback === null ? null : setting.kind.parse(setting.fallback);
			continue;
		}
		from.set(setting, found.layer);
		const parsed = parse(setting, found);
		if ('error' in parsed) return parsed;
		values[key] = parsed.value;
	}
	return { values: values as Values<T>, from };
}

function firstFound(
	setting: Setting<unknown>,
	layers: readonly Layer[],
): (Found & { layer: Layer['name'] }) | undefined {
	for (const { name, find } of layers) {
		const found = find(setting);
		if (found) return { ...found, layer: name };
	}
	return undefined;
}

function parse(
	setting: Setting<unknown>,
	{ texts, where }: Found,
): { readonly value: unknown } | { readonly error: string } {
	const { flag, kind } = setting;
	if (texts.length > 1 && !kind.list) return { error: `--${flag} (${where}) is given ${texts.length} times` };
	const text = texts.join(',');
	const value = kind.parse(text);
	if (value !== undefined) return { value };
	const whole = kind.show ? kind.show(text) : text;
	const shown = whole.length > shownLength ? `${whole.slice(0, shownLength)}...` : whole;
	return { error: `--${flag} (${where}) is ${JSON.stringify(shown)}; it takes ${kind.allowed}` };
}
