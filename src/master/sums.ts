// Answers in sums: summary, groups, time series. Plain questions (no filter, or one equality) read the sums that the
// ledger keeps ready; all others add up cells. Sums come as reals: one beyond 2^53 is rounded, and breaks no answer.
import type { Database, SqlValue } from '../system/database.ts';
import { agentClasses, classSums } from './agenthours.ts';
import { type DimensionName, dimensions, geoipTags, hasHourly } from './dimension.ts';
import type { Question, Scope, SortKey, SumsRow } from './question.ts';
import { bucketsAnHour, hourlyKey, totalKey } from './schema.ts';
import { bucketRange, cellCondition, columnOf, flowIn, namesClass, slotOf } from './scope.ts';
import type { Texts } from './texts.ts';

export interface Store {
	readonly database: Database;
	readonly texts: Texts;
}

interface CodeSums {
	readonly code: number;
	readonly n: number;
	readonly u: number;
	readonly d: number;
}

const orders: Readonly<Record<SortKey, string>> = { count: 'n', download: 'd', upload: 'u', total: 'u + d' };

/** Rows of a statement that is used once. */
export function rows<Row>({ database }: Store, sql: string, params: readonly SqlValue[]): Row[] {
	const statement = database.prepare<SqlValue[], Row>(sql);
	try {
		return statement.all(...params);
	} finally {
		statement.free();
	}
}

export function summary(store: Store, scope: Scope): Omit<SumsRow, 'value'> {
	const byClass = namesClass(scope) ? 'class' : 'all';
	const codes = sumsBy(store, scope, byClass, { limit: -1, order: 'n', descending: true });
	return codes.reduce((sum, { n, u, d }) => ({ n: sum.n + n, u: sum.u + u, d: sum.d + d }), { n: 0, u: 0, d: 0 });
}

export function group(store: Store, question: Question & { ask: 'group' }): SumsRow[] {
	const { by, sort, descending, limit } = question;
	const codes = sumsBy(store, question, by, { limit, order: orders[sort], descending });
	return codes.map(({ code, n, u, d }) => ({ value: store.texts.text(code), n, u, d }));
}

interface Order {
	/** -1 = all. */
	readonly limit: number;
	/** An expression of n, u and d. */
	readonly order: string;
	readonly descending: boolean;
}

function sumsBy(store: Store, scope: Scope, by: DimensionName, how: Order): CodeSums[] {
	const slot = slotOf(scope, store.database, store.texts);
	if (slot === null) return [];
	const tail = `ORDER BY ${how.order} ${how.descending ? 'DESC' : 'ASC'}, code LIMIT ${how.limit}`;
	const { code } = dimensions[by];
	if (slot !== undefined) {
		return rows(
			store,
			`SELECT k & 4294967295 AS code, n, u * 1.0 AS u, d * 1.0 AS d FROM total WHERE k >= ? AND k < ? AND (n <> 0 OR u <> 0 OR d <> 0) ${tail}`,
			[totalKey(slot, code, 0), totalKey(slot, code + 1, 0)],
		);
	}
	const range = bucketRange(scope);
	if (range && range.from % bucketsAnHour === 0 && range.to % bucketsAnHour === 0) {
		const [from, to] = [range.from / bucketsAnHour, range.to / bucketsAnHour];
		const own = agentClasses(store, scope, by);
		if (own) return ordered(classSums(store, own, { from, to }), how.order, how.descending, how.limit);
		if (scope.filters.length === 0 && hasHourly(by)) {
			return rows(
				store,
				`SELECT k & 268435455 AS code, total(n) AS n, total(u) AS u, total(d) AS d FROM hourly WHERE k >= ? AND k < ? GROUP BY 1 ${tail}`,
				[hourlyKey(code, from, 0), hourlyKey(code, to, 0)],
			);
		}
	}
	return addUp(store, scope, by, { ...how, tail });
}

/** Over all cells that match: any filter, any time. */
function addUp(
	store: Store,
	scope: Scope,
	by: DimensionName,
	{ tail, limit, order, descending }: Order & { tail: string },
): CodeSums[] {
	const where = cellCondition(scope, store.texts, { allClasses: by === 'class' });
	const column = by === 'all' ? '0' : `cell.${columnOf(by)}`;
	const range = bucketRange(scope);
	const flow = range ? flowIn(range) : null;
	const from = flow ? `(${flow.sql}) AS flow JOIN cell ON cell.id = flow.cell` : 'cell';
	const side = flow ? 'flow' : 'cell';
	const merged = by === 'geoip';
	const found = rows<CodeSums>(
		store,
		`SELECT ${column} AS code, total(${side}.n) AS n, total(${side}.u) AS u, total(${side}.d) AS d
		FROM ${from} WHERE ${where.sql} GROUP BY 1 ${merged ? '' : tail}`,
		[...(flow?.params ?? []), ...where.params],
	);
	return merged ? ordered(byTag(store, found), order, descending, limit) : found;
}

/** One row per tag of the lists that the texts are. */
function byTag({ texts }: Store, sums: readonly CodeSums[]): CodeSums[] {
	const tags = new Map<number, { code: number; n: number; u: number; d: number }>();
	for (const { code, n, u, d } of sums) {
		for (const tag of geoipTags(texts.text(code))) {
			const number = texts.find(tag) ?? 1;
			const sum = tags.get(number) ?? { code: number, n: 0, u: 0, d: 0 };
			tags.set(number, { code: number, n: sum.n + n, u: sum.u + u, d: sum.d + d });
		}
	}
	return [...tags.values()];
}

function ordered(sums: CodeSums[], order: string, descending: boolean, limit: number): CodeSums[] {
	const keys: Readonly<Record<string, (sum: CodeSums) => number>> = {
		n: ({ n }) => n,
		d: ({ d }) => d,
		u: ({ u }) => u,
		'u + d': ({ u, d }) => u + d,
	};
	const key = keys[order]!;
	sums.sort((a, b) => (descending ? key(b) - key(a) : key(a) - key(b)) || a.code - b.code);
	return limit < 0 ? sums : sums.slice(0, limit);
}
