// The rows that a list goes through, as parts of a statement.
import type { SqlValue } from '../../system/database.ts';
import type { ListQuestion } from './question.ts';
import type { Condition } from './scope.ts';
import { rows, type Store } from './sums.ts';

export interface ListRow {
	/** What the list is sorted by. */
	readonly value: number;
	/** The connection's number. */
	readonly id: number;
}

const sortColumns: Readonly<Record<ListQuestion['sort'], string>> = {
	start: 'c.last - c.age',
	last_updated: 'c.last',
	download: 'c.down',
	upload: 'c.up',
	total: 'c.up + c.down',
};
type Page = Pick<ListQuestion, 'limit' | 'offset'>;

export interface Frame {
	/** Connections, as `c`. */
	readonly from: string;
	readonly column: string;
	readonly where: readonly string[];
	readonly params: readonly SqlValue[];
	/** `DESC` or `ASC`. */
	readonly way: string;
}

/** `last`: as SQL has it; with the plus the rows are not looked up by its index. */
export function frameOf({ sort, descending, from, to, after }: ListQuestion, last: 'c.last' | '+c.last'): Frame {
	const column = sort === 'last_updated' ? last : sortColumns[sort];
	const where: string[] = [];
	const params: SqlValue[] = [];
	if (from !== null) {
		where.push(`${last} >= ?`);
		params.push(from);
	}
	if (to !== null) {
		where.push(`${last} <= ?`);
		params.push(to);
	}
	if (after) {
		where.push(`(${column}, c.id) ${descending ? '<' : '>'} (?, ?)`);
		params.push(...after);
	}
	return { from: 'connection c', column, where, params, way: descending ? 'DESC' : 'ASC' };
}

export const whereOf = (conditions: readonly string[]) =>
	conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';

export function within(frame: Frame, condition: string, params: readonly SqlValue[]): Frame {
	return { ...frame, where: [...frame.where, condition], params: [...frame.params, ...params] };
}

/** Those whose cell is meant. */
export function ofCells(frame: Frame, { sql, params }: Condition): Frame {
	return within({ ...frame, from: `${frame.from} CROSS JOIN cell ON cell.id = c.cell` }, sql, params);
}

export function inFrame(store: Store, { from, column, where, params, way }: Frame, { limit, offset }: Page): ListRow[] {
	return rows(
		store,
		`SELECT ${column} AS value, c.id AS id FROM ${from} ${whereOf(where)}
		ORDER BY ${column} ${way}, c.id ${way} LIMIT ? OFFSET ?`,
		[...params, limit, offset],
	);
}
