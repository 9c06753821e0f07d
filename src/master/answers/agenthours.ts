// The sums that are kept by agent, class and hour: what one agent moved through which path in a year is a few ranges of
// rows, whatever the number of connections.
import { classNames, coreClasses, type DimensionName } from '../booking/dimension.ts';
import { agentHourKey } from '../booking/schema.ts';
import type { Scope } from './question.ts';
import { namesClass } from './scope.ts';
import { rows, type Store } from './sums.ts';

export interface AgentClasses {
	/** Number of the agent's name. */
	readonly agent: number;
	readonly classes: readonly string[];
}

/** Half-open, in hours since the Unix epoch. */
export interface HourRange {
	readonly from: number;
	readonly to: number;
}

export interface ClassSpan {
	readonly span: number;
	/** Number of the class's name. */
	readonly code: number;
	readonly n: number;
	readonly u: number;
	readonly d: number;
}

/** What of these sums answers a question: one agent, by class or not. null: they do not. */
export function agentClasses({ texts }: Store, scope: Scope, by: DimensionName | null): AgentClasses | null {
	let [agent, className]: [string | null, string | null] = [null, null];
	for (const filter of scope.filters) {
		if (!('is' in filter)) return null;
		if (filter.dimension === 'agent' && agent === null) agent = filter.is;
		else if (filter.dimension === 'class' && className === null) className = filter.is;
		else return null;
	}
	if (agent === null || (by !== null && by !== 'all' && by !== 'class')) return null;
	const all = by === 'class' && !namesClass(scope) ? classNames : coreClasses;
	return { agent: texts.find(agent) ?? -1, classes: className === null ? all : [className] };
}

/** Sums of each range (`span` is its place in the list), class after class. */
export function classSpans(store: Store, { agent, classes }: AgentClasses, ranges: readonly HourRange[]): ClassSpan[] {
	const spans = JSON.stringify(ranges.map(({ from, to }) => [from, to]));
	return classes.flatMap((name) => {
		const at = classNames.indexOf(name);
		if (agent < 0 || at < 0) return [];
		const base = agentHourKey(agent, at, 0);
		// All in one statement: a year of days is 365 of them for each class.
		return rows<ClassSpan>(
			store,
			`SELECT span.key AS span, ? AS code, total(n) AS n, total(u) AS u, total(d) AS d FROM json_each(?) AS span
			CROSS JOIN agenthour ON k >= ? + (span.value ->> 0) AND k < ? + (span.value ->> 1) GROUP BY span.key`,
			[store.texts.find(name)!, spans, base, base],
		);
	});
}

/** Sums of a range by class. */
export function classSums(
	{ database, texts }: Store,
	{ agent, classes }: AgentClasses,
	{ from, to }: HourRange,
): Omit<ClassSpan, 'span'>[] {
	const statement = database.prepare<[number, number], Omit<ClassSpan, 'code' | 'span'> & { many: number }>(
		'SELECT count(*) AS many, total(n) AS n, total(u) AS u, total(d) AS d FROM agenthour WHERE k >= ? AND k < ?',
	);
	try {
		return classes.flatMap((name) => {
			const at = classNames.indexOf(name);
			if (agent < 0 || at < 0) return [];
			const { many, ...sums } = statement.get(agentHourKey(agent, at, from), agentHourKey(agent, at, to))!;
			return many > 0 ? [{ code: texts.find(name)!, ...sums }] : [];
		});
	} finally {
		statement.free();
	}
}
