// Whether it adds up, in one answer: what each class moved, and what the WAN did beside the core.

import { classNames, coreClasses } from '../booking/dimension.ts';
import { cellLimit } from '../booking/schema.ts';
import { classSums } from './agenthours.ts';
import { agentClassSums } from './agentlist.ts';
import { keptFrom, piecesOf } from './pieces.ts';
import type { Scope, SumsRow } from './question.ts';
import { type BucketRange, bucketRange } from './scope.ts';
import { group, rows, type Store } from './sums.ts';

interface Bytes {
	readonly u: number;
	readonly d: number;
}

/**
 * In each direction, exactly: core = attributed + unattributed, attributed = direct + proxy + reject, and
 * wan = core - unmeasured + overhead + bypass - local + wan_only.
 */
export interface Balance {
	/** By name. The WAN's are absent where no agent tells of one, or where the filters name what the WAN knows not. */
	readonly classes: Readonly<Record<string, SumsRow>>;
	/** What cores moved and no WAN: LAN to LAN, or before its counters were known. */
	readonly local: Bytes | null;
	/** What WANs moved while their core was not heard. */
	readonly wanOnly: Bytes | null;
	/** What the cores moved of agents that told of no WAN in that time. */
	readonly unmeasured: Bytes | null;
}

const nothing: Bytes = { u: 0, d: 0 };

export function balance(store: Store, scope: Scope): Balance {
	const agent = onlyAgent(scope);
	if (agent === undefined) {
		const page = { sort: 'count', descending: true, limit: -1, offset: 0, contains: null } as const;
		const { rows: found } = group(store, { ...scope, ...page, ask: 'group', by: 'class' });
		return { classes: byName(found), local: null, wanOnly: null, unmeasured: null };
	}
	const perAgent = classesOfAgents(store, bucketRange(scope), agent);
	let [local, wanOnly, unmeasured] = [nothing, nothing, nothing];
	for (const sums of perAgent) {
		const of = (name: string) => sums.find(({ value }) => value === name) ?? nothing;
		const core = coreClasses.map(of).reduce(plus, nothing);
		if (!sums.some(({ value }) => value === 'wan')) {
			unmeasured = plus(unmeasured, core);
			continue;
		}
		const rest = minus([core, of('overhead'), of('bypass')].reduce(plus, nothing), of('wan'));
		local = plus(local, { u: Math.max(0, rest.u), d: Math.max(0, rest.d) });
		wanOnly = plus(wanOnly, { u: Math.max(0, -rest.u), d: Math.max(0, -rest.d) });
	}
	const classes = byName(perAgent.flat());
	return classes.wan ? { classes, local, wanOnly, unmeasured } : { classes, local: null, wanOnly: null, unmeasured };
}

/** null: all agents are meant; undefined: the filters name more than an agent. */
function onlyAgent({ filters }: Scope): string | null | undefined {
	const [one, ...more] = filters;
	if (!one) return null;
	return 'is' in one && one.dimension === 'agent' && more.length === 0 ? one.is : undefined;
}

function classesOfAgents(store: Store, range: BucketRange | null, agent: string | null): SumsRow[][] {
	const names =
		agent === null
			? rows<{ id: string }>(store, 'SELECT text.value AS id FROM agent JOIN text ON text.id = agent.name', [])
			: [{ id: agent }];
	if (!range) return names.map(({ id }) => agentClassSums(store, id));
	const pieces = piecesOf(range, keptFrom(store.database));
	const edges = pieces.filter(({ table }) => table === 'usage').flatMap((piece) => partOfHour(store, piece));
	const hours = pieces.filter(({ table }) => table === 'hour');
	return names.map(({ id }) => {
		const code = store.texts.find(id) ?? -1;
		const whole = hours.flatMap((piece) => classSums(store, { agent: code, classes: classNames }, piece));
		const part = edges.filter((edge) => edge.agent === code);
		return [...whole, ...part].map(({ code: name, n, u, d }) => ({ value: store.texts.text(name), n, u, d }));
	});
}

interface AgentClass extends Bytes {
	readonly agent: number;
	readonly code: number;
	readonly n: number;
}

/** Rows of 5 minutes, less than an hour of them. */
function partOfHour(store: Store, { from, to }: BucketRange): AgentClass[] {
	return rows<AgentClass>(
		store,
		`SELECT cell.agent AS agent, cell.class AS code, total(flow.n) AS n, total(flow.u) AS u, total(flow.d) AS d
		FROM usage AS flow CROSS JOIN cell ON cell.id = (flow.k & ${cellLimit - 1})
		WHERE flow.k >= ? AND flow.k < ? GROUP BY 1, 2`,
		[from * cellLimit, to * cellLimit],
	);
}

function byName(sums: readonly SumsRow[]): Record<string, SumsRow> {
	const named: Record<string, SumsRow> = {};
	for (const { value, n, u, d } of sums) {
		const known = named[value] ?? { value, n: 0, u: 0, d: 0 };
		named[value] = { value, n: known.n + n, u: known.u + u, d: known.d + d };
	}
	return named;
}

function plus(a: Bytes, b: Bytes): Bytes {
	return { u: a.u + b.u, d: a.d + b.d };
}

function minus(a: Bytes, b: Bytes): Bytes {
	return { u: a.u - b.u, d: a.d - b.d };
}
