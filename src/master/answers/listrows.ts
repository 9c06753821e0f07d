// Which connections stand on a page of a list. The first rows in its order are looked at first: where many match, the
// page is full soon. Where few do, their cells are picked once, and all rows are gone through.
import { countConnections } from './count.ts';
import { type Frame, frameOf, inFrame, type ListRow, ofCells, whereOf, within } from './listframe.ts';
import { highestRows, rangeBlocks } from './peakblocks.ts';
import type { ListQuestion } from './question.ts';
import { type Condition, cellCondition } from './scope.ts';
import { rows, type Store } from './sums.ts';

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
	// The index has this order; in any other, where no peaks tell more, all rows of the range are read for the first of them.
	const inOrder = sort === 'last_updated';
	const known = filters.length === 0 ? inRange : (matches ?? (inOrder ? null : countConnections(store, question)));
	const meant = cellCondition(question, store.texts, { allClasses: true });
	const costs = narrow ? inRange * lookUpCosts : all;
	if (!inOrder && known !== null) {
		const sought = { needed, inRange, known, costs, meant: filters.length === 0 ? null : meant };
		const found = highestRows(store, question, sought);
		if (found) return found.slice(offset);
	}
	const whole = frameOf(question, inOrder || narrow ? 'c.last' : '+c.last');
	const first = narrow && !inOrder ? (rangeBlocks(store, question, costs) ?? whole) : whole;
	if (filters.length === 0) return inFrame(store, first, page);
	const wanted = Math.min(needed, known ?? needed);
	const most = narrow ? inRange : inOrder ? all / lookUpCosts : 5 * fewRows;
	for (const look of looks(needed, known === null ? null : known / inRange, most)) {
		const among = { look, limit: needed };
		const found = inOrder ? matchesInOrder(store, first, meant, among) : matchesAmong(store, first, meant, among);
		if (found.length >= wanted || look >= inRange) return found.slice(offset);
	}
	const cells = `c.cell IN (SELECT cell.id FROM cell WHERE ${meant.sql})`;
	return inFrame(store, within(frameOf(question, narrow ? 'c.last' : '+c.last'), cells, meant.params), page);
}

/** How many rows to look at, one try after the other, at `most`. `share`: of them that match; null = not known. */
function looks(needed: number, share: number | null, most: number): number[] {
	if (share === null) return [...new Set([Math.min(fewRows + 4 * needed, most), most].map(Math.ceil))];
	const few = fewRows + (1.5 * needed) / share;
	if (few > most) return fewRows > most ? [Math.ceil(most)] : [];
	// They may lie together, and not among the first: those of an agent that is away.
	return [few, few * lookUpCosts].filter((look) => look <= most).map(Math.ceil);
}

interface Among {
	readonly look: number;
	readonly limit: number;
}

/** Those that match among the first rows of the order that an index has: row after row, until there are enough. */
function matchesInOrder(store: Store, frame: Frame, meant: Condition, { look, limit }: Among): ListRow[] {
	const [last] = inFrame(store, frame, { limit: 1, offset: look - 1 });
	const bound = `${frame.column} ${frame.way === 'DESC' ? '>=' : '<='} ?`;
	return inFrame(store, ofCells(last ? within(frame, bound, [last.value]) : frame, meant), { limit, offset: 0 });
}

/** Those that match among the first rows of an order for which all rows are read. */
function matchesAmong(
	store: Store,
	{ from, column, where, params, way }: Frame,
	meant: Condition,
	{ look, limit }: Among,
): ListRow[] {
	return rows(
		store,
		`SELECT value, top.id AS id FROM (SELECT ${column} AS value, c.id AS id, c.cell AS cell FROM ${from}
			${whereOf(where)} ORDER BY ${column} ${way}, c.id ${way} LIMIT ?) AS top
		CROSS JOIN cell ON cell.id = top.cell WHERE ${meant.sql} ORDER BY value ${way}, top.id ${way} LIMIT ?`,
		[...params, look, ...meant.params, limit],
	);
}
