// Lists of who and what: bytes by device, host, node, ..., a page of them at a time.
import { ask } from './client.ts';
import type { Dimension } from './filter.ts';
import { type Scope, scopeQuery } from './scope.ts';

export const sortKeys = ['total', 'download', 'upload', 'count'] as const;
export type SortKey = (typeof sortKeys)[number];

export interface GroupRow {
	readonly value: string;
	readonly down: number;
	readonly up: number;
	/** Connections. */
	readonly count: number;
}

export interface GroupPage {
	readonly rows: readonly GroupRow[];
	/** Of all rows that match, not of this page alone. */
	readonly count: number;
	/** The largest row's bytes, for bars that mean the same on each page. */
	readonly largest: number;
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

type Answered = Readonly<Record<string, string | number>>;

const most = 10_000;

export async function loadGroup(scope: Scope, wish: GroupWish, signal: AbortSignal): Promise<GroupPage> {
	const { dimension, sort, descending, page, size, search } = wish;
	const query = {
		type: 'group',
		group_by: dimension.groupBy,
		sort_by: sort,
		sort_order: descending ? 'desc' : 'asc',
		limit: most,
	};
	const rows = await ask<Answered[]>('stats', { ...query, ...scopeQuery(scope) }, signal);
	const wanted = search.toLowerCase();
	const found = rows
		.map((row) => ({
			value: String(row[dimension.key]),
			down: Number(row.download),
			up: Number(row.upload),
			count: Number(row.count),
		}))
		.filter(({ value }) => value.toLowerCase().includes(wanted));
	return {
		rows: found.slice(page * size, (page + 1) * size),
		count: found.length,
		largest: found.reduce((largest, { down, up }) => Math.max(largest, down + up), 0),
	};
}
