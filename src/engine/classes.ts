// The leaf of a chain -> the class of its connection, by the types that the core's `/proxies` tells.
import type { Class } from '../record.ts';

/** Types that dial without a proxy; Compatible is what an empty group dials with: the same code as Direct. */
const directTypes = new Set(['direct', 'compatible']);
/** Block is sing-box's word. */
const rejectTypes = new Set(['reject', 'rejectdrop', 'block']);
/** Nodes come and go with each subscription; a table beyond this is begun anew. */
const maxNames = 20_000;

export class Classes {
	readonly #byName = new Map<string, Class>();
	readonly #unknown = new Set<string>();

	/** null: not known yet; the name is then one of `unknown` until `learn` was called. */
	of(leaf: string): Class | null {
		const known = this.#byName.get(leaf);
		if (known) return known;
		if (this.#unknown.size < maxNames) this.#unknown.add(leaf);
		return null;
	}

	/** Names that were asked for and are to be looked up. */
	get unknown(): ReadonlySet<string> {
		return this.#unknown;
	}

	/**
	 * Takes the core's answer, name -> type. A name that was asked for and is not in it is judged by itself (old
	 * cores, nodes that a reload took away), so that it is asked for once only.
	 */
	learn(types: ReadonlyMap<string, string>): void {
		if (this.#byName.size + types.size > maxNames) this.#byName.clear();
		for (const [name, type] of types) this.#byName.set(name, byType(type));
		for (const name of this.#unknown) if (!this.#byName.has(name)) this.#byName.set(name, classByName(name));
		this.#unknown.clear();
	}
}

function byType(type: string): Class {
	const plain = type.toLowerCase();
	if (directTypes.has(plain)) return 'direct';
	return rejectTypes.has(plain) ? 'reject' : 'proxy';
}

/** What a leaf is when the core does not tell its type: the built-in names are the same in every core. */
export function classByName(name: string): Class {
	return byType(name.replaceAll('-', ''));
}
