// The agents: when they were heard of, what they moved, what they said of themselves.
import type { AgentHealth } from '../../wire.ts';
import { classNames, dimensions } from '../booking/dimension.ts';
import type { SumsRow } from './question.ts';
import { group, rows, type Store, summary } from './sums.ts';

export interface AgentRow {
	readonly id: string;
	/** ms since the Unix epoch. */
	readonly last: number;
	readonly first: number;
	readonly tz: string | null;
	/** It sends rows of what flowed; an old agent sends totals of connections. */
	readonly usage: boolean;
	/** What it said of itself, and when, in ms since the Unix epoch; null: it said nothing yet. */
	readonly told: number | null;
	readonly health: AgentHealth | null;
	readonly connections: number;
	readonly up: number;
	readonly down: number;
}

export type AgentDetail = AgentRow & { readonly networks: readonly SumsRow[]; readonly rules: readonly SumsRow[] };

type Known = Pick<AgentRow, 'id' | 'first' | 'last' | 'tz' | 'told'> & {
	readonly usage: number;
	readonly health: string | null;
};

export function agents(store: Store): AgentRow[] {
	const known = rows<Known>(
		store,
		`SELECT text.value AS id, first, last, tz, told, health, EXISTS (SELECT 1 FROM epoch WHERE epoch.agent = agent.name) AS usage
		FROM agent JOIN text ON text.id = agent.name ORDER BY 1`,
		[],
	);
	return known.map(({ usage, health, ...agent }) => {
		const { n, u, d } = summary(store, {
			filters: [{ dimension: 'agent', is: agent.id }],
			from: null,
			to: null,
		});
		const said = health === null ? null : (JSON.parse(health) as AgentHealth);
		return { ...agent, usage: usage === 1, health: said, connections: n, up: u, down: d };
	});
}

/** null: there is none of that name. */
export function agentDetail(store: Store, id: string): AgentDetail | null {
	const agent = agents(store).find((one) => one.id === id);
	if (!agent) return null;
	const scope = { filters: [{ dimension: 'agent', is: id } as const], from: null, to: null };
	const page = { sort: 'count', descending: true, limit: 100, offset: 0, contains: null } as const;
	const by = (name: 'network' | 'rule_type') => group(store, { ...scope, ...page, ask: 'group', by: name }).rows;
	return { ...agent, networks: by('network'), rules: by('rule_type') };
}

/** Bytes of one agent by class, of all times. */
export function agentClassSums(store: Store, agent: string): SumsRow[] {
	const { texts } = store;
	return classNames.flatMap((value) =>
		rows<Omit<SumsRow, 'value'>>(
			store,
			`SELECT total.n AS n, total.u * 1.0 AS u, total.d * 1.0 AS d FROM slot
			CROSS JOIN total ON total.k = (slot.id * 16 + ?) * 4294967296 + ? WHERE slot.agent = ?`,
			[dimensions.class.code, texts.find(value) ?? -1, texts.find(agent) ?? -1],
		).map((sums) => ({ value, ...sums })),
	);
}

/** Bytes per agent and class, for Prometheus; 0 where there are none. */
export function classSums(store: Store): { agent: string; class: string; u: number; d: number }[] {
	return rows<{ id: string }>(
		store,
		'SELECT text.value AS id FROM agent JOIN text ON text.id = agent.name ORDER BY 1',
		[],
	).flatMap(({ id }) => {
		const sums = agentClassSums(store, id);
		return classNames.map((name) => {
			const { u = 0, d = 0 } = sums.find(({ value }) => value === name) ?? {};
			return { agent: id, class: name, u, d };
		});
	});
}
