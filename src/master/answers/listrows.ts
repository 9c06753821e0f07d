// Which connections stand on a page of a list. The first rows in its order are looked at first: where many match, the
// page is full soon. Where few do, their cells are picked once, and all rows are gone through.
import type { SqlValue } from '../../system/database.ts';
import { countConnections } from './count.ts';
import type { ListQuestion } from './question.ts';
import { type Condition, cellCondition } from './scope.ts';
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
/** So many rows at least are looked at first. */
const fewRows = 2_000;
/** To go to a row by the index of `last`, and to its cell, costs as much as to read so many one after the other. */
const lookUpCosts = 8;

/** Those of a page, in order, and the one behind it. `matches`: how many there are on all pages; null = not counted. */
export function listRows(store: Store, question: ListQuestion, matches: number | null): ListRow[] {
	const { filters, sort, limit, offset } = question;
	const page = { limit: limit + 1, offset };
	const needed = limit + 1 + offset;
	if (matches !== null && matches <= offset) return [];
	const inRange = countConnections(store, { ...question, filters: [] });
	if (inRange === 0) return [];
	const all = countConnections(store, { filters: [], from: null, to: null });
	const narrow = inRange * lookUpCosts < all;
	// The index has this order; in any other all rows of the range are read for the first of them.
	const inOrder = sort === 'last_updated';
	const first = frameOf(question, inOrder || narrow ? 'c.last' : '+c.last');
	if (filters.length === 0) return allRows(store, bounded(store, question, first, needed), page);
	const known = matches ?? (inOrder ? null : countConnections(store, question));
	const wanted = Math.min(needed, known ?? needed);
	const most = narrow ? inRange : inOrder ? all / lookUpCosts : 5 * fewRows;
	const meant = cellCondition(question, store.texts, { allClasses: true });
	for (const look of looks(needed, known === null ? null : known / inRange, most)) {
		const found = matchesAmong(store, bounded(store, question, first, look), meant, { look, limit: needed });
		if (found.length >= wanted || look >= inRange) return found.slice(offset);
	}
	return allMatches(store, frameOf(question, narrow ? 'c.last' : '+c.last'), meant, page);
}

/** How many rows to look at, one try after the other, at `most`. `share`: of them that match; null = not known. */
function looks(needed: number, share: number | null, most: number): number[] {
	if (share === null) return [...new Set([Math.min(fewRows + 4 * needed, most), most].map(Math.ceil))];
	const few = fewRows + (1.5 * needed) / share;
	if (few > most) return fewRows > most ? [Math.ceil(most)] : [];
	// They may lie together, and not among the first: those of an agent that is away.
	return [few, few * lookUpCosts].filter((look) => look <= most).map(Math.ceil);
}

type Page = Pick<ListQuestion, 'limit' | 'offset'>;

interface Frame {
	readonly column: string;
	readonly where: readonly string[];
	readonly params: readonly SqlValue[];
	/** `DESC` or `ASC`. */
	readonly way: string;
}

/** `last`: as SQL has it; with the plus the rows are not looked up by its index. */
function frameOf({ sort, descending, from, to, after }: ListQuestion, last: 'c.last' | '+c.last'): Frame {
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
	return { column, where, params, way: descending ? 'DESC' : 'ASC' };
}

/**
 * Rows lie about in the order in which they began, so the newest come last, and each would be the first of the page for a
 * while. Those that were seen last tell when the `many`th of them began at the earliest: nothing before is wanted.
 */
function bounded(store: Store, { sort, descending, after }: ListQuestion, frame: Frame, many: number): Frame {
	if (sort !== 'start' || !descending) return frame;
	const { column, where, params } = frame;
	// Before the one that the page comes after there are as many as in the whole list.
	const [among, most] = after ? [[...where, 'c.last <= ?'], [after[0]]] : [where, []];
	const [bound] = rows<{ value: number }>(
		store,
		`SELECT value FROM (SELECT ${column} AS value FROM connection c ${whereOf(among)} ORDER BY c.last DESC LIMIT ?)
		ORDER BY value DESC LIMIT 1 OFFSET ?`,
		[...params, ...most, fewRows + 2 * many, many - 1],
	);
	return bound ? { ...frame, where: [...where, `${column} >= ?`], params: [...params, bound.value] } : frame;
}

const whereOf = (conditions: readonly string[]) => (conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '');

function allRows(store: Store, { column, where, params, way }: Frame, { limit, offset }: Page): ListRow[] {
	return rows(
		store,
		`SELECT ${column} AS value, c.id AS id FROM connection c ${whereOf(where)}
		ORDER BY ${column} ${way}, c.id ${way} LIMIT ? OFFSET ?`,
		[...params, limit, offset],
	);
}

/** Those that match among the first rows of the order. */
function matchesAmong(
	store: Store,
	{ column, where, params, way }: Frame,
	meant: Condition,
	{ look, limit }: { readonly look: number; readonly limit: number },
): ListRow[] {
	return rows(
		store,
		`SELECT value, top.id AS id FROM (SELECT ${column} AS value, c.id AS id, c.cell AS cell FROM connection c
			${whereOf(where)} ORDER BY ${column} ${way}, c.id ${way} LIMIT ?) AS top
		CROSS JOIN cell ON cell.id = top.cell WHERE ${meant.sql} ORDER BY value ${way}, top.id ${way} LIMIT ?`,
		[...params, look, ...meant.params, limit],
	);
}

function allMatches(
	store: Store,
	{ column, where, params, way }: Frame,
	meant: Condition,
	{ limit, offset }: Page,
): ListRow[] {
	return rows(
		store,
		`SELECT ${column} AS value, c.id AS id FROM connection c
		${whereOf([...where, `c.cell IN (SELECT cell.id FROM cell WHERE ${meant.sql})`])}
		ORDER BY ${column} ${way}, c.id ${way} LIMIT ? OFFSET ?`,
		[...params, ...meant.params, limit, offset],
	);
}
