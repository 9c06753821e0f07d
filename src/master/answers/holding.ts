// Sums of all times of the texts that hold another, from those that are kept ready of single texts: a question like
// `host=example`, where all that match stand in one dimension.
import { type DimensionName, dimensions } from '../booking/dimension.ts';
import { totalKey } from '../booking/schema.ts';
import type { Scope } from './question.ts';
import { bucketRange, likePattern } from './scope.ts';
import { rows, type Store } from './sums.ts';

interface TextSums {
	/** Number of the text. */
	readonly code: number;
	readonly n: number;
	readonly u: number;
	readonly d: number;
}

export interface Holding {
	/** In which all of them stand; null: there are none. */
	readonly dimension: DimensionName | null;
	readonly sums: readonly TextSums[];
}

/** null: the scope is another one, or they stand in several dimensions, where what is of two of them would count twice. */
export function holdingSums(store: Store, scope: Scope): Holding | null {
	const [filter, ...more] = scope.filters;
	if (bucketRange(scope) || !filter || more.length > 0 || !('anyOf' in filter)) return null;
	// A list of tags has its sums by the single tag.
	if (filter.anyOf.includes('geoip')) return null;
	const keys = filter.anyOf.map((name) => totalKey(0, dimensions[name].code, 0));
	const found = rows<TextSums & { at: number }>(
		store,
		`SELECT dimension.key AS at, text.id AS code, n, u * 1.0 AS u, d * 1.0 AS d FROM text CROSS JOIN json_each(?) AS dimension
		CROSS JOIN total ON total.k = dimension.value + text.id WHERE text.value LIKE ? ESCAPE '\\'
		AND (n <> 0 OR u <> 0 OR d <> 0)`,
		[JSON.stringify(keys), likePattern(filter.contains)],
	);
	const [place, ...others] = new Set(found.map(({ at }) => at));
	if (others.length > 0) return null;
	return { dimension: place === undefined ? null : filter.anyOf[place]!, sums: found };
}
