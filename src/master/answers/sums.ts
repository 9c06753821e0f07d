// Answers in sums: summary and groups. Plain questions (no filter, or one equality) read the sums that the ledger
// keeps ready; all others add up cells. Sums come as reals: one beyond 2^53 is rounded, and breaks no answer.
import type { Database, SqlValue } from '../../system/database.ts';
import { type DimensionName, dimensions, geoipTags, hasHourly } from '../booking/dimension.ts';
import { bucketMs, bucketsAnHour, hourlyKey, totalKey } from '../booking/schema.ts';
import type { Texts } from '../booking/texts.ts';
import { agentClasses, classSums } from './agenthours.ts';
import { deviceNames, ofDevice } from './devicelist.ts';
import { flows, knownHours } from './flows.ts';
import { holdingSums } from './holding.ts';
import { keptFrom } from './pieces.ts';
import type { GroupPage, Question, Scope, SortKey, SumsRow } from './question.ts';
import {
	bucketRange,
	type Condition,
	cellCondition,
	columnOf,
	flowIn,
	likePattern,
	namesClass,
	onlyEquality,
	slotsOf,
} from './scope.ts';
import { compiled } from './statements.ts';

export interface Store {
	readonly database: Database;
	readonly texts: Texts;
}

export interface CodeSums {
	/** Number of the text. */
	readonly code: number;
	readonly n: number;
	readonly u: number;
	readonly d: number;
}

interface Page {
	readonly sort: SortKey;
	readonly descending: boolean;
	/** -1 = all. */
	readonly limit: number;
	readonly offset: number;
	/** Only values that hold it; null = all. */
	readonly contains: string | null;
}

/** `found`: how many there are on all pages; absent where this page has them all. */
interface CodePage {
	readonly sums: readonly CodeSums[];
	readonly found?: number;
}

const everything: Page = { sort: 'count', descending: true, limit: -1, offset: 0, contains: null };
const orders: Readonly<Record<SortKey, string>> = { count: 'n', download: 'd', upload: 'u', total: 'u + d' };
const sortValues: Readonly<Record<SortKey, (sums: CodeSums) => number>> = {
	count: ({ n }) => n,
	download: ({ d }) => d,
	upload: ({ u }) => u,
	total: ({ u, d }) => u + d,
};
/** What moved on to another device, or another class, leaves nothing behind. */
export const something = '(n <> 0 OR u <> 0 OR d <> 0)';

/** All rows of a statement. */
export function rows<Row>({ database }: Store, sql: string, params: readonly SqlValue[]): Row[] {
	return compiled<Row>(database, sql).all(...params);
}

export function summary(store: Store, scope: Scope): Omit<SumsRow, 'value'> {
	let [n, u, d] = [0, 0, 0];
	for (const sums of summands(store, scope)) {
		n += sums.n;
		u += sums.u;
		d += sums.d;
	}
	return { n, u, d };
}

/** A range in which everything flowed is none: sums of all times are ready where those of hours are not. */
function withoutIdleRange(store: Store, scope: Scope): Scope {
	const range = bucketRange(scope);
	if (!range) return scope;
	const known = knownHours(store);
	const all = range.from <= known.from * bucketsAnHour && range.to >= known.to * bucketsAnHour;
	return all ? { ...scope, from: null, to: null } : scope;
}

function summands(store: Store, asked: Scope): Iterable<Omit<CodeSums, 'code'>> {
	const scope = withoutIdleRange(store, asked);
	const range = bucketRange(scope);
	if (range) return flows(store, scope, [range.from * bucketMs, range.to * bucketMs], null);
	const only = onlyEquality(scope);
	if (only && only.dimension !== 'class' && only.dimension !== 'agent') return readyOf(store, only);
	return sumsBy(store, scope, namesClass(scope) ? 'class' : 'all', everything).sums;
}

/** Of all times, of one text. */
function readyOf(
	store: Store,
	{ dimension, is }: { readonly dimension: DimensionName; readonly is: string },
): CodeSums[] {
	const code = store.texts.find(is) ?? -1;
	return rows(store, 'SELECT ? AS code, n, u * 1.0 AS u, d * 1.0 AS d FROM total WHERE k = ?', [
		code,
		totalKey(0, dimensions[dimension].code, code),
	]);
}

export function group(store: Store, question: Question & { ask: 'group' }): GroupPage {
	const { by, limit, offset } = question;
	const page = sumsBy(store, question, by, question);
	const found = page.found ?? offset + page.sums.length;
	if (page.sums.length === 0 && offset > 0) {
		return { rows: [], found: group(store, { ...question, offset: 0, limit: Math.max(1, limit) }).found };
	}
	const values = page.sums.map(({ code, ...sums }) => ({ value: store.texts.text(code), ...sums }));
	if (by !== 'device') return { rows: values.map((row) => ({ ...row, name: null })), found };
	const names = deviceNames(
		store,
		values.map(({ value }) => value),
	);
	return { rows: values.map((row) => ({ ...row, name: names.get(row.value) ?? null })), found };
}

function sumsBy(store: Store, asked: Scope, by: DimensionName, page: Page): CodePage {
	const scope = withoutIdleRange(store, asked);
	const slots = slotsOf(scope, store.database, store.texts);
	if (slots?.length === 0) return { sums: [] };
	if (slots) return readySums(store, slots, by, page);
	const holding = holdingSums(store, scope, by);
	if (holding) return paged(store, holding, by, page);
	const range = bucketRange(scope);
	if (range && range.from % bucketsAnHour === 0 && range.to % bucketsAnHour === 0) {
		const [from, to] = [range.from / bucketsAnHour, range.to / bucketsAnHour];
		const own = agentClasses(store, scope, by);
		if (own) return paged(store, classSums(store, own, { from, to }), by, page);
		if (scope.filters.length === 0 && hasHourly(by)) {
			const { code } = dimensions[by];
			return grouped(store, by, page, {
				sql: 'SELECT k & 268435455 AS code, n, u, d FROM hourly WHERE k >= ? AND k < ?',
				params: [hourlyKey(code, from, 0), hourlyKey(code, to, 0)],
			});
		}
	}
	return addUp(store, scope, by, page);
}

/** Of all times, with no filter or one that has sums of its own. */
function readySums(store: Store, slots: readonly number[], by: DimensionName, page: Page): CodePage {
	const { code } = dimensions[by];
	if (slots.length > 1) {
		return grouped(store, by, page, {
			sql: `SELECT total.k & 4294967295 AS code, n, u, d FROM json_each(?) AS slot
			CROSS JOIN total ON total.k >= (slot.value * 16 + ?) * 4294967296 AND total.k < (slot.value * 16 + ?) * 4294967296`,
			params: [JSON.stringify(slots), code, code + 1],
		});
	}
	const [slot = 0] = slots;
	const match = matching('(k & 4294967295)', by, page.contains);
	const from = `FROM total WHERE k >= ? AND k < ? AND ${something} AND ${match.sql}`;
	const params = [totalKey(slot, code, 0), totalKey(slot, code + 1, 0), ...match.params];
	const sums = rows<CodeSums>(
		store,
		`SELECT k & 4294967295 AS code, n, u * 1.0 AS u, d * 1.0 AS d ${from} ${tailOf(page)}`,
		params,
	);
	if (page.limit < 0 || (page.offset === 0 && sums.length < page.limit)) return { sums };
	return { sums, found: rows<{ found: number }>(store, `SELECT count(*) AS found ${from}`, params)[0]!.found };
}

/** Over all cells that match: any filter, any time. */
function addUp(store: Store, scope: Scope, by: DimensionName, page: Page): CodePage {
	const where = cellCondition(scope, store.texts, { allClasses: by === 'class' });
	const column = by === 'all' ? '0' : `cell.${columnOf(by)}`;
	const range = bucketRange(scope);
	const flow = range ? flowIn(range, keptFrom(store.database)) : null;
	const from = flow ? `(${flow.sql}) AS flow JOIN cell ON cell.id = flow.cell` : 'cell';
	const side = flow ? 'flow' : 'cell';
	const flows = {
		sql: `SELECT ${column} AS code, ${side}.n AS n, ${side}.u AS u, ${side}.d AS d FROM ${from} WHERE ${where.sql}`,
		params: [...(flow?.params ?? []), ...where.params],
	};
	if (by !== 'geoip') return grouped(store, by, page, flows);
	return paged(store, byTag(store, grouped(store, by, everything, flows).sums), by, page);
}

function grouped(store: Store, by: DimensionName, page: Page, { sql, params }: Condition): CodePage {
	const match = matching('code', by, page.contains);
	const sums = rows<CodeSums & { found: number }>(
		store,
		`WITH found AS MATERIALIZED (
			SELECT * FROM (SELECT code, total(n) AS n, total(u) AS u, total(d) AS d FROM (${sql}) GROUP BY 1)
			WHERE ${something} AND ${match.sql})
		SELECT *, (SELECT count(*) FROM found) AS found FROM found ${tailOf(page)}`,
		[...params, ...match.params],
	);
	return { sums: sums.map(({ found: _, ...row }) => row), ...(sums[0] ? { found: sums[0].found } : {}) };
}

function tailOf({ sort, descending, limit, offset }: Page): string {
	return `ORDER BY ${orders[sort]} ${descending ? 'DESC' : 'ASC'}, code LIMIT ${limit} OFFSET ${offset}`;
}

/** Of what is few enough to be sorted here. */
function paged(store: Store, all: readonly CodeSums[], by: DimensionName, page: Page): CodePage {
	const { sort, descending, limit, offset, contains } = page;
	const value = sortValues[sort];
	const wanted = contains?.toLowerCase();
	const holds = ({ code }: CodeSums) => by === 'all' || store.texts.text(code).toLowerCase().includes(wanted!);
	const found = wanted === undefined ? [...all] : all.filter(holds);
	found.sort((a, b) => (descending ? value(b) - value(a) : value(a) - value(b)) || a.code - b.code);
	return { sums: limit < 0 ? found : found.slice(offset, offset + limit), found: found.length };
}

/** A text that holds another, in either case; a device also by its name and addresses. */
function matching(code: string, by: DimensionName, contains: string | null): Condition {
	if (contains === null || by === 'all') return { sql: '1', params: [] };
	const pattern = likePattern(contains);
	const device = by === 'device' ? ofDevice(pattern) : { sql: '', params: [] };
	const more = device.sql === '' ? '' : ` OR value IN (${device.sql})`;
	return {
		sql: `${code} IN (SELECT id FROM text WHERE value LIKE ? ESCAPE '\\'${more})`,
		params: [pattern, ...device.params],
	};
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
