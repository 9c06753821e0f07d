// The sums that are kept by agent, class and hour: what one agent moved through which path in a year is a few ranges of
// rows, whatever the number of connections.
import { classNames, coreClasses, type DimensionName } from '../booking/dimension.ts';
import { agentHourKey } from '../booking/schema.ts';
import type { Scope } from './question.ts';
import { namesClass } from './scope.ts';
import type { Store } from './sums.ts';

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

export interface ClassHour {
	readonly hour: number;
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

/** Sums between each two of these hours, class after class; `hour` is where one begins. */
export function* classSpans(
	{ database, texts }: Store,
	{ agent, classes }: AgentClasses,
	hours: readonly number[],
): Generator<ClassHour> {
	// In one statement: a year of days is 365 of them for each class.
	const statement = database.prepare<[string, number, number], Omit<ClassHour, 'code'>>(
		`SELECT span.value ->> 0 AS hour, total(n) AS n, total(u) AS u, total(d) AS d FROM json_each(?) AS span
		CROSS JOIN agenthour ON k >= ? + (span.value ->> 0) AND k < ? + (span.value ->> 1) GROUP BY span.key`,
	);
	const spans = JSON.stringify(hours.slice(1).map((to, at) => [hours[at], to]));
	try {
		for (const name of classes) {
			const at = classNames.indexOf(name);
			if (agent < 0 || at < 0) continue;
			const code = texts.find(name)!;
			const base = agentHourKey(agent, at, 0);
			for (const row of statement.iterate(spans, base, base)) yield { ...row, code };
		}
	} finally {
		statement.free();
	}
}

/** Sums of a range by class. */
export function classSums(
	{ database, texts }: Store,
	{ agent, classes }: AgentClasses,
	{ from, to }: HourRange,
): Omit<ClassHour, 'hour'>[] {
	const statement = database.prepare<[number, number], Omit<ClassHour, 'code' | 'hour'> & { many: number }>(
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
