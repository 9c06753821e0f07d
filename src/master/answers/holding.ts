// Sums of all times of the texts that hold another, from those that are kept ready of single texts: a question like
// `host=example`, where all that match stand in one dimension.
import { type DimensionName, dimensions } from '../booking/dimension.ts';
import { totalKey } from '../booking/schema.ts';
import type { Scope } from './question.ts';
import { bucketRange, likePattern } from './scope.ts';
import { type CodeSums, rows, type Store, something } from './sums.ts';

/**
 * By the texts of a dimension; for `all` they are to be added up. null: the scope is another one, or they stand in
 * another dimension, or in several, where what is of two of them would count twice.
 */
export function holdingSums(store: Store, scope: Scope, by: DimensionName): readonly CodeSums[] | null {
	const [filter, ...more] = scope.filters;
	if (bucketRange(scope) || !filter || more.length > 0 || !('anyOf' in filter)) return null;
	// A list of tags has its sums by the single tag.
	if (filter.anyOf.includes('geoip') || !(by === 'all' || filter.anyOf.includes(by))) return null;
	const keys = filter.anyOf.map((name) => totalKey(0, dimensions[name].code, 0));
	const found = rows<CodeSums & { at: number }>(
		store,
		`SELECT dimension.key AS at, text.id AS code, n, u * 1.0 AS u, d * 1.0 AS d FROM text CROSS JOIN json_each(?) AS dimension
		CROSS JOIN total ON total.k = dimension.value + text.id WHERE text.value LIKE ? ESCAPE '\\' AND ${something}`,
		[JSON.stringify(keys), likePattern(filter.contains)],
	);
	const [place, ...others] = new Set(found.map(({ at }) => at));
	if (others.length > 0) return null;
	return place === undefined || by === 'all' || filter.anyOf[place] === by ? found : null;
}
