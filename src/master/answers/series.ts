// Time series: what flowed between the edges of buckets, as lines of figures.

import { type DimensionName, geoipTags } from '../booking/dimension.ts';
import { type Flow, flows } from './flows.ts';
import type { Metric, Question } from './question.ts';
import type { Store } from './sums.ts';

export interface Line {
	readonly metric: Metric;
	/** null: not split. */
	readonly name: string | null;
	/** One for each bucket. */
	readonly values: readonly number[];
}

const measureOf: Readonly<Record<Metric, (flow: Flow) => number>> = {
	connections: ({ n }) => n,
	download: ({ d }) => d,
	upload: ({ u }) => u,
	total: ({ u, d }) => u + d,
};
/** More lines than that are one: the rest. */
const maxLines = 50;

export function series(store: Store, question: Question & { ask: 'series' }): Line[] {
	const { edges, metrics, splitBy } = question;
	const measures = metrics.map((metric) => measureOf[metric]);
	const empty = () => metrics.map(() => new Float64Array(edges.length - 1));
	/** By code, one for each metric. */
	const lines = new Map<number, readonly Float64Array[]>();
	for (const flow of flows(store, question, edges, splitBy)) {
		for (const code of codesOf(store, flow.code, splitBy)) {
			let line = lines.get(code);
			if (!line) {
				line = empty();
				lines.set(code, line);
			}
			for (const [which, measure] of measures.entries()) line[which]![flow.at]! += measure(flow);
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
function codesOf({ texts }: Store, code: number, splitBy: DimensionName | null): readonly number[] {
	if (splitBy !== 'geoip') return [code];
	return geoipTags(texts.text(code)).map((tag) => texts.find(tag) ?? code);
}
