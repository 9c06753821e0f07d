// Which sums a question is about: from its filters and times to conditions in SQL, and to the shortcut where one
// exists. Values go in as parameters only; names come from the table of dimensions.
import type { Database, SqlValue } from '../../system/database.ts';
import { type CellColumn, coreClasses, type dimensions, wayDimensions } from '../booking/dimension.ts';
import { bucketSeconds, cellLimit } from '../booking/schema.ts';
import type { Texts } from '../booking/texts.ts';
import { piecesOf } from './pieces.ts';
import type { Filter, Scope } from './question.ts';

const bucketMs = bucketSeconds * 1000;

export interface Condition {
	readonly sql: string;
	readonly params: readonly SqlValue[];
}

/** Half-open, in buckets of 5 minutes since the Unix epoch. */
export interface BucketRange {
	readonly from: number;
	readonly to: number;
}

/** Ends of time that fit the keys. */
const endOfTime = 2 ** 23;

export function bucketRange({ from, to }: Pick<Scope, 'from' | 'to'>): BucketRange | null {
	if (from === null && to === null) return null;
	const bucket = (ms: number, round: (x: number) => number) => Math.min(Math.max(0, round(ms / bucketMs)), endOfTime);
	return {
		from: from === null ? 0 : bucket(from, Math.floor),
		to: to === null ? endOfTime : bucket(to, Math.ceil),
	};
}

/** The one filter there is, where it is an equality. */
export function onlyEquality({ filters }: Pick<Scope, 'filters'>): Extract<Filter, { is: string }> | null {
	const [one, ...more] = filters;
	return one && 'is' in one && more.length === 0 ? one : null;
}

export function namesClass({ filters }: Pick<Scope, 'filters'>): boolean {
	return filters.some((filter) => 'is' in filter && filter.dimension === 'class');
}

/**
 * The numbers under which `total` has the sums of this scope, to be added up: 0 without filters, an agent's, or those of
 * the ways (network, rule type, class) that equalities pick. null: there are none ready.
 */
export function slotsOf(scope: Scope, database: Database, texts: Texts): readonly number[] | null {
	if (bucketRange(scope) !== null) return null;
	const { filters } = scope;
	if (filters.length === 0) return [0];
	const names = filters.map((filter) => ('is' in filter ? filter.dimension : null));
	const ways = names.every((name) => (wayDimensions as readonly (string | null)[]).includes(name));
	if (!ways && !(filters.length === 1 && names[0] === 'agent')) return null;
	const conditions = [...(ways ? ['agent = 0'] : []), ...names.map((name) => `${name} = ?`)];
	const find = database.prepare<SqlValue[], { id: number }>(`SELECT id FROM slot WHERE ${conditions.join(' AND ')}`);
	try {
		return find
			.all(...filters.map((filter) => ('is' in filter ? (texts.find(filter.is) ?? -1) : -1)))
			.map(({ id }) => id);
	} finally {
		find.free();
	}
}

/** Conditions on the table `cell` (as `cell`). `allClasses`: WAN, overhead and bypass too, though no filter names them. */
export function cellCondition(scope: Pick<Scope, 'filters'>, texts: Texts, { allClasses = false } = {}): Condition {
	const parts: string[] = [];
	const params: SqlValue[] = [];
	for (const filter of scope.filters) {
		if ('is' in filter) {
			parts.push(`cell.${columnOf(filter.dimension)} = ?`);
			params.push(texts.find(filter.is) ?? -1);
			continue;
		}
		if ('isOneOf' in filter) {
			parts.push(`cell.${columnOf(filter.dimension)} IN (${filter.isOneOf.map(() => '?').join(', ')})`);
			params.push(...filter.isOneOf.map((value) => texts.find(value) ?? -1));
			continue;
		}
		const matching = "(SELECT id FROM text WHERE value LIKE ? ESCAPE '\\')";
		parts.push(`(${filter.anyOf.map((name) => `cell.${columnOf(name)} IN ${matching}`).join(' OR ')})`);
		params.push(...filter.anyOf.map(() => likePattern(filter.contains)));
	}
	if (!allClasses && !namesClass(scope)) {
		const codes = coreClasses.map((name) => texts.find(name)).filter((code) => code !== undefined);
		parts.push(`cell.class IN (${codes.join(', ')})`);
	}
	return { sql: parts.length > 0 ? parts.join(' AND ') : '1', params };
}

/** Matches what holds the text anywhere; its own % and _ mean themselves. */
export function likePattern(text: string): string {
	return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

export function columnOf(dimension: keyof typeof dimensions): CellColumn {
	if (dimension === 'all') throw new Error('all is no column');
	return dimension;
}

/** Rows `cell, n, u, d` of what flowed in a range. `kept`: `keptFrom`. */
export function flowIn(range: BucketRange, kept: number): Condition {
	const pieces = piecesOf(range, kept).map(({ table, from, to }) => ({
		sql: `SELECT k & ${cellLimit - 1} AS cell, n, u, d FROM ${table} WHERE k >= ? AND k < ?`,
		params: [from * cellLimit, to * cellLimit],
	}));
	if (pieces.length === 0) return { sql: 'SELECT k & 1 AS cell, n, u, d FROM hour WHERE 0', params: [] };
	return { sql: pieces.map(({ sql }) => sql).join(' UNION ALL '), params: pieces.flatMap(({ params }) => params) };
}
