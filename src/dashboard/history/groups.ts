// Lists of who and what: bytes by device, host, node, ..., a page of them at a time.
import { askWhole } from '../client.ts';
import type { Dimension } from '../parts/filter.ts';
import { type Scope, scopeQuery } from '../parts/scope.ts';

export const sortKeys = ['total', 'download', 'upload', 'count'] as const;
export type SortKey = (typeof sortKeys)[number];

export interface GroupRow {
	readonly value: string;
	/** What a device is called; null = nothing. */
	readonly name: string | null;
	readonly down: number;
	readonly up: number;
	/** Connections. */
	readonly count: number;
}

export interface GroupPage {
	readonly rows: readonly GroupRow[];
	/** Of all rows that match, not of this page alone. */
	readonly count: number;
}

export interface GroupWish {
	readonly dimension: Dimension;
	readonly sort: SortKey;
	readonly descending: boolean;
	/** From 0. */
	readonly page: number;
	readonly size: number;
	/** What the value has in it; '' = any. */
	readonly search: string;
}

type Answered = Readonly<Record<string, string | number | null>>;

export async function loadGroup(scope: Scope, wish: GroupWish, signal: AbortSignal): Promise<GroupPage> {
	const { dimension, sort, descending, page, size, search } = wish;
	const order = { sort_by: sort, sort_order: descending ? 'desc' : 'asc', limit: size, offset: page * size };
	const query = { type: 'group', group_by: dimension.groupBy, ...order, query: search === '' ? null : search };
	const answer = await askWhole<{ data: Answered[]; total_count: number }>(
		'stats',
		{ ...query, ...scopeQuery(scope) },
		signal,
	);
	const rows = answer.data.map((row) => ({
		value: String(row[dimension.key]),
		name: typeof row.name === 'string' ? row.name : null,
		down: Number(row.download),
		up: Number(row.upload),
		count: Number(row.count),
	}));
	return { rows, count: answer.total_count };
}
