// Times of which less is known than of others: what an agent declared as missing, bytes that were found after nobody
// had looked, a WAN that was not known.
import type { SqlValue } from '../../system/database.ts';
import { coreClasses } from '../booking/dimension.ts';
import type { GapsQuestion } from './question.ts';
import { rows, type Store } from './sums.ts';

export interface GapRow {
	readonly agent_id: string;
	/**
	 * `missing`: bytes may be in no sum. `late`: they are in the sums, where the time ends, and flowed at some time in
	 * it. `wan_unknown`: what the WAN moved is not known.
	 */
	readonly kind: 'missing' | 'late' | 'wan_unknown';
	/** s since the Unix epoch. */
	readonly since: number;
	readonly until: number;
	readonly what: string;
	/** Bytes that are missing, or of the core that came late; null = not known. */
	readonly u: number | null;
	readonly d: number | null;
	/** Of what came late. */
	readonly classes: Readonly<Record<string, { readonly upload: number; readonly download: number }>>;
}

/** Of each kind; the newest. */
const maxGaps = 1_000;

/** The newest first. */
export function gaps(store: Store, question: GapsQuestion): GapRow[] {
	const found = [...missing(store, question), ...late(store, question), ...wanUnknown(store, question)];
	return found.sort((a, b) => b.since - a.since || b.until - a.until);
}

interface Span {
	readonly agent_id: string;
	readonly since: number;
	readonly until: number;
}

function spans<Row>(
	store: Store,
	{ agent, from, to }: GapsQuestion,
	table: 'gap' | 'late' | 'wanless',
	columns: string,
): (Span & Row)[] {
	const conditions = ['1'];
	const params: SqlValue[] = [];
	if (agent !== null) {
		conditions.push(`${table}.agent = ?`);
		params.push(store.texts.find(agent) ?? -1);
	}
	if (from !== null) {
		conditions.push('until > ?');
		params.push(Math.floor(from / 1000));
	}
	if (to !== null) {
		conditions.push('since < ?');
		params.push(Math.ceil(to / 1000));
	}
	return rows(
		store,
		`SELECT text.value AS agent_id, since, until, ${columns} FROM ${table} JOIN text ON text.id = ${table}.agent
		WHERE ${conditions.join(' AND ')} ORDER BY since DESC LIMIT ${maxGaps}`,
		params,
	);
}

function missing(store: Store, question: GapsQuestion): GapRow[] {
	type Row = { what: string; u: number | null; d: number | null };
	return spans<Row>(store, question, 'gap', 'what, u, d').map((row) => ({ ...row, kind: 'missing', classes: {} }));
}

function late(store: Store, question: GapsQuestion): GapRow[] {
	type Row = { class: string; u: number; d: number };
	const folded = new Map<string, GapRow & { u: number; d: number; classes: Record<string, unknown> }>();
	const columns = '(SELECT value FROM text WHERE text.id = class) AS class, u * 1.0 AS u, d * 1.0 AS d';
	for (const { class: name, u, d, ...span } of spans<Row>(store, question, 'late', columns)) {
		const key = `${span.agent_id} ${span.since} ${span.until}`;
		const known = folded.get(key);
		const core = coreClasses.includes(name);
		folded.set(key, {
			...span,
			kind: 'late',
			what: 'found after nobody had looked',
			u: (known?.u ?? 0) + (core ? u : 0),
			d: (known?.d ?? 0) + (core ? d : 0),
			classes: { ...known?.classes, [name]: { upload: u, download: d } },
		});
	}
	return [...folded.values()];
}

function wanUnknown(store: Store, question: GapsQuestion): GapRow[] {
	type Row = { what: string };
	return spans<Row>(store, question, 'wanless', 'why AS what').map((row) => ({
		...{ kind: 'wan_unknown', u: null, d: null, classes: {} },
		...row,
	}));
}
