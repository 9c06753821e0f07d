// Time series: what flowed between the edges of buckets. Whole hours come from the hour rows, edges within an hour
// (zones with half hours, a range that begins at ten past) from the 5-minute rows.

import { type DimensionName, dimensions, geoipTags, hasHourly } from '../booking/dimension.ts';
import { bucketSeconds, bucketsAnHour, cellLimit, hourlyKey } from '../booking/schema.ts';
import { agentClasses, classSpans } from './agenthours.ts';
import { keptFrom, type Piece, piecesOf } from './pieces.ts';
import type { Metric, Question, Scope } from './question.ts';
import { cellCondition, columnOf, namesClass, onlyEquality } from './scope.ts';
import { rows, type Store } from './sums.ts';

export interface Line {
	readonly metric: Metric;
	/** null: not split. */
	readonly name: string | null;
	/** One for each bucket. */
	readonly values: readonly number[];
}

/** Of a row in buckets of 5 minutes. */
interface Flow {
	readonly bucket: number;
	readonly code: number;
	readonly n: number;
	readonly u: number;
	readonly d: number;
}

const bucketMs = bucketSeconds * 1000;
const measureOf: Readonly<Record<Metric, (flow: Flow) => number>> = {
	connections: ({ n }) => n,
	download: ({ d }) => d,
	upload: ({ u }) => u,
	total: ({ u, d }) => u + d,
};
/** More lines than that are one: the rest. */
const maxLines = 50;
/** One look-up per hour is better than reading all of a dimension, up to here (2 years). */
const maxLookUps = 17_544;

export function series(store: Store, question: Question & { ask: 'series' }): Line[] {
	const { edges, metrics, splitBy } = question;
	const measures = metrics.map((metric) => measureOf[metric]);
	const empty = () => metrics.map(() => new Float64Array(edges.length - 1));
	/** By code, one for each metric. */
	const lines = new Map<number, readonly Float64Array[]>();
	for (const flow of flows(store, question, splitBy)) {
		const at = indexOf(edges, flow.bucket * bucketMs);
		if (at < 0) continue;
		for (const code of splitBy === 'geoip' ? tagCodes(store, flow.code) : [flow.code]) {
			let line = lines.get(code);
			if (!line) {
				line = empty();
				lines.set(code, line);
			}
			for (const [which, measure] of measures.entries()) line[which]![at]! += measure(flow);
		}
	}
	if (splitBy === null) {
		const line = lines.get(0) ?? empty();
		return metrics.map((metric, which) => ({ metric, name: null, values: [...line[which]!] }));
	}
	return metrics.flatMap((metric, which) =>
		largestFirst(
			[...lines].map(([code, line]) => ({ metric, name: store.texts.text(code), values: [...line[which]!] })),
		),
	);
}

function largestFirst(lines: readonly Line[]): Line[] {
	const sum = ({ values }: Line) => values.reduce((a, b) => a + b, 0);
	const sorted = [...lines].sort((a, b) => sum(b) - sum(a));
	const rest = sorted.slice(maxLines);
	if (rest.length === 0) return sorted;
	const other = rest[0]!.values.map((_, at) => rest.reduce((total, { values }) => total + values[at]!, 0));
	return [...sorted.slice(0, maxLines), { metric: rest[0]!.metric, name: '(other)', values: other }];
}

/** A cell has a list of tags; the ready sums have single ones. */
function tagCodes({ texts }: Store, code: number): number[] {
	return geoipTags(texts.text(code)).map((tag) => texts.find(tag) ?? code);
}

/** The last edge at or before `time`; -1 when it is outside. */
function indexOf(edges: readonly number[], time: number): number {
	if (time < edges[0]! || time >= edges.at(-1)!) return -1;
	let [low, high] = [0, edges.length - 1];
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if (edges[middle]! <= time) low = middle;
		else high = middle;
	}
	return low;
}

function* flows(store: Store, question: Question & { ask: 'series' }, splitBy: DimensionName | null): Generator<Flow> {
	const buckets = question.edges.map((edge) => Math.ceil(edge / bucketMs));
	const range = { from: Math.floor(question.edges[0]! / bucketMs), to: buckets.at(-1)! };
	for (const piece of piecesOf(range, keptFrom(store.database), buckets.slice(1, -1))) {
		if (piece.table === 'usage') yield* cellFlows(store, question, splitBy, piece);
		else yield* hourFlows(store, question, splitBy, [piece.from, piece.to]);
	}
}

function* hourFlows(
	store: Store,
	scope: Question & { ask: 'series' },
	splitBy: DimensionName | null,
	[from, to]: readonly [from: number, to: number],
): Generator<Flow> {
	const own = agentClasses(store, scope, splitBy);
	if (own) {
		const inner = scope.edges
			.map((edge) => edge / (bucketMs * bucketsAnHour))
			.filter((hour) => hour > from && hour < to);
		for (const { hour, code, ...flow } of classSpans(store, own, [from, ...inner, to])) {
			yield { ...flow, bucket: hour * bucketsAnHour, code: splitBy === null ? 0 : code };
		}
		return;
	}
	const only = onlyEquality(scope);
	const single = only !== null && splitBy === null && to - from <= maxLookUps;
	const name = splitBy ?? only?.dimension ?? 'all';
	const plain = (scope.filters.length === 0 || single) && hasHourly(name);
	if (!plain) return yield* cellFlows(store, scope, splitBy, { table: 'hour', from, to });
	const { database, texts } = store;
	const dimension = dimensions[name].code;
	if (!only) {
		const statement = database.prepare<[number, number], Flow & { k: number }>(
			'SELECT (k >> 28) & 1048575 AS bucket, k & 268435455 AS code, n, u * 1.0 AS u, d * 1.0 AS d FROM hourly WHERE k >= ? AND k < ?',
		);
		try {
			for (const row of statement.iterate(hourlyKey(dimension, from, 0), hourlyKey(dimension, to, 0))) {
				yield { ...row, bucket: row.bucket * bucketsAnHour };
			}
		} finally {
			statement.free();
		}
		return;
	}
	const code = texts.find(only.is);
	if (code === undefined) return;
	const statement = database.prepare<[number], Omit<Flow, 'bucket' | 'code'>>(
		'SELECT n, u * 1.0 AS u, d * 1.0 AS d FROM hourly WHERE k = ?',
	);
	try {
		for (let hour = from; hour < to; hour += 1) {
			const row = statement.get(hourlyKey(dimension, hour, code));
			if (row) yield { ...row, code: 0, bucket: hour * bucketsAnHour };
		}
	} finally {
		statement.free();
	}
}

function cellFlows(store: Store, scope: Scope, splitBy: DimensionName | null, { table, from, to }: Piece): Flow[] {
	const where = cellCondition(scope, store.texts, { allClasses: splitBy === 'class' && !namesClass(scope) });
	const code = splitBy === null ? '0' : `cell.${columnOf(splitBy)}`;
	const scale = table === 'hour' ? bucketsAnHour : 1;
	// Few cells are meant where there is a filter: to look for one of them costs less than to look at the cell of each row.
	const meant = scope.filters.length > 0 ? 'MATERIALIZED' : 'NOT MATERIALIZED';
	return rows<Flow>(
		store,
		`WITH meant AS ${meant} (SELECT id, ${code} AS code FROM cell WHERE ${where.sql})
		SELECT (k / ${cellLimit}) * ${scale} AS bucket, meant.code AS code, total(flow.n) AS n, total(flow.u) AS u, total(flow.d) AS d
		FROM ${table} AS flow CROSS JOIN meant ON meant.id = (flow.k & ${cellLimit - 1})
		WHERE flow.k >= ? AND flow.k < ? GROUP BY 1, 2`,
		[...where.params, from * cellLimit, to * cellLimit],
	);
}
