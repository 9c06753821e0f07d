// What flowed in each bucket of a series, from the cheapest sums that know it: those of an agent and class, those of one
// dimension by the hour, or the rows of cells. Edges within an hour (zones with half hours, a range that begins at ten
// past) come from the 5-minute rows. Sums are added up where they lie: of a year of hours come a few rows a day.

import type { SqlValue } from '../../system/database.ts';
import { type DimensionName, dimensions, hasHourly } from '../booking/dimension.ts';
import { bucketMs, cellLimit, hourlyKey, hourlyWidth } from '../booking/schema.ts';
import { agentClasses, classSpans, type HourRange } from './agenthours.ts';
import { keptFrom, type Span, spansOf } from './pieces.ts';
import type { Scope } from './question.ts';
import { cellCondition, columnOf, namesClass, onlyEquality } from './scope.ts';
import { rows, type Store } from './sums.ts';

export interface Flow {
	/** The bucket, from 0 on. One may come in several pieces. */
	readonly at: number;
	/** Number of the text that it is split by; 0 = it is not. */
	readonly code: number;
	readonly n: number;
	readonly u: number;
	readonly d: number;
}

interface SpanSums extends Omit<Flow, 'at'> {
	/** Its place in the list. */
	readonly span: number;
}

/** `edges`: where buckets begin, ms since the Unix epoch, and the last one's end. */
export function* flows(
	store: Store,
	scope: Scope,
	edges: readonly number[],
	splitBy: DimensionName | null,
): Generator<Flow> {
	const [first = 0, ...others] = edges;
	const buckets = [Math.floor(first / bucketMs), ...others.map((edge) => Math.ceil(edge / bucketMs))];
	const spans = spansOf(buckets, keptFrom(store.database));
	for (const table of ['hour', 'usage'] as const) {
		const own = spans.filter((span) => span.table === table);
		if (own.length === 0) continue;
		const sums = table === 'hour' ? hourSums(store, scope, splitBy, own) : cellSums(store, scope, splitBy, own);
		for (const { span, code, n, u, d } of sums) yield { at: own[span]!.at, code: splitBy === null ? 0 : code, n, u, d };
	}
}

/** The hours in which anything flowed lie in this range; an empty one: nothing did. */
export function knownHours(store: Store): HourRange {
	const [known] = rows<{ first: number | null; last: number | null }>(
		store,
		`SELECT (SELECT min(k) FROM hour) / ${cellLimit} AS first, (SELECT max(k) FROM hour) / ${cellLimit} AS last`,
		[],
	);
	const { first, last } = known!;
	return first === null || last === null ? { from: 0, to: 0 } : { from: first, to: last + 1 };
}

/** Sums of whole hours are kept ready for these filters. */
export function areReady(store: Store, scope: Scope): boolean {
	const only = onlyEquality(scope);
	return (
		scope.filters.length === 0 || agentClasses(store, scope, null) !== null || (!!only && hasHourly(only.dimension))
	);
}

function hourSums(
	store: Store,
	scope: Scope,
	splitBy: DimensionName | null,
	spans: readonly Span[],
): Iterable<SpanSums> {
	const own = agentClasses(store, scope, splitBy);
	if (own) return classSpans(store, own, spans);
	const only = onlyEquality(scope);
	const name = splitBy ?? only?.dimension ?? 'all';
	if (hasHourly(name)) {
		if (scope.filters.length === 0) return readySums(store, dimensions[name].code, spans);
		if (only && splitBy === null) return lookedUp(store, dimensions[name].code, only.is, spans);
	}
	return cellSums(store, scope, splitBy, spans);
}

/** All of one dimension. */
function readySums(store: Store, dimension: number, spans: readonly Span[]): Iterable<SpanSums> {
	const [base, width] = [hourlyKey(dimension, 0, 0), hourlyWidth];
	return iterated(
		store,
		`SELECT span.key AS span, k & ${width - 1} AS code, total(n) AS n, total(u) AS u, total(d) AS d
		FROM json_each(?) AS span CROSS JOIN hourly
		ON k >= ${base} + (span.value ->> 0) * ${width} AND k < ${base} + (span.value ->> 1) * ${width} GROUP BY 1, 2`,
		[listOf(spans)],
	);
}

/** One text of a dimension, hour by hour. */
function lookedUp(store: Store, dimension: number, text: string, spans: readonly Span[]): Iterable<SpanSums> {
	const code = store.texts.find(text);
	if (code === undefined) return [];
	const known = knownHours(store);
	const hours = spans.map(({ from, to }) => {
		const begin = Math.max(from, known.from);
		return Array.from({ length: Math.max(0, Math.min(to, known.to) - begin) }, (_, at) => begin + at);
	});
	return iterated(
		store,
		`SELECT span.key AS span, 0 AS code, total(n) AS n, total(u) AS u, total(d) AS d
		FROM json_each(?) AS span CROSS JOIN json_each(span.value) AS hour
		CROSS JOIN hourly ON k = hour.value * ${hourlyWidth} + ? GROUP BY 1`,
		[JSON.stringify(hours), hourlyKey(dimension, 0, code)],
	);
}

function cellSums(
	store: Store,
	scope: Scope,
	splitBy: DimensionName | null,
	spans: readonly Span[],
): Iterable<SpanSums> {
	const where = cellCondition(scope, store.texts, { allClasses: splitBy === 'class' && !namesClass(scope) });
	const code = splitBy === null ? '0' : `cell.${columnOf(splitBy)}`;
	// Few cells are meant where there is a filter: to look for one of them costs less than to look at the cell of each
	// row, unless rows are few against the cells that are picked from.
	const meant = scope.filters.length > 0 && !hasFew(store, spans) ? 'MATERIALIZED' : 'NOT MATERIALIZED';
	return iterated(
		store,
		`WITH meant AS ${meant} (SELECT id, ${code} AS code FROM cell WHERE ${where.sql})
		SELECT span.key AS span, meant.code AS code, total(flow.n) AS n, total(flow.u) AS u, total(flow.d) AS d
		FROM json_each(?) AS span CROSS JOIN ${spans[0]!.table} AS flow
		ON flow.k >= (span.value ->> 0) * ${cellLimit} AND flow.k < (span.value ->> 1) * ${cellLimit}
		CROSS JOIN meant ON meant.id = (flow.k & ${cellLimit - 1}) GROUP BY 1, 2`,
		[...where.params, listOf(spans)],
	);
}

/** Rows of these spans: less than an eighth of the cells. */
function hasFew(store: Store, spans: readonly Span[]): boolean {
	const cells = Number(store.database.value('SELECT coalesce(max(id), 0) FROM cell'));
	const found = rows(
		store,
		`SELECT 1 FROM json_each(?) AS span CROSS JOIN ${spans[0]!.table} AS flow
		ON flow.k >= (span.value ->> 0) * ${cellLimit} AND flow.k < (span.value ->> 1) * ${cellLimit} LIMIT 1 OFFSET ?`,
		[listOf(spans), Math.floor(cells / 8)],
	);
	return found.length === 0;
}

function listOf(spans: readonly Span[]): string {
	return JSON.stringify(spans.map(({ from, to }) => [from, to]));
}

function* iterated({ database }: Store, sql: string, params: readonly SqlValue[]): Generator<SpanSums> {
	const statement = database.prepare<SqlValue[], SpanSums>(sql);
	try {
		yield* statement.iterate(...params);
	} finally {
		statement.free();
	}
}
