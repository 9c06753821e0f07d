// Blocks of connections whose numbers are neighbours, of which the highest figures and the times are kept (peaks.ts):
// the first rows by size, and those that started last, lie in the few blocks whose peaks are the highest; those of a
// range of time in the blocks that were seen then.
import { peakWidth } from '../booking/schema.ts';
import { type Frame, frameOf, inFrame, type ListRow, ofCells, within } from './listframe.ts';
import type { ListQuestion } from './question.ts';
import type { Condition } from './scope.ts';
import { rows, type Store } from './sums.ts';

/** Columns of the table `peak`. */
const peaks: Readonly<Partial<Record<ListQuestion['sort'], string>>> = {
	start: 'start',
	download: 'down',
	upload: 'up',
	total: 'total',
};
/** To read a block, of many that lie apart, costs as much as its rows and so many more. */
const blockCosts = 64;

export interface Sought {
	/** What the filters mean, of the table `cell`; null: there are none. */
	readonly meant: Condition | null;
	/** From the first page on. */
	readonly needed: number;
	/** So many rows in the range of the question, and so many of them that match. */
	readonly inRange: number;
	readonly known: number;
	/** What it costs otherwise: so many rows are read. */
	readonly costs: number;
}

/** The first `needed` rows of a list, or all there are. null: its order has no peaks, or it would not cost less. */
export function highestRows(store: Store, question: ListQuestion, sought: Sought): ListRow[] | null {
	const { meant, needed, inRange, known, costs } = sought;
	// Some more, since chance, or the ends of a range, may leave too few.
	const few = meant ? ((1.5 * needed + 8) * inRange) / known : needed + 4;
	for (const many of [few, 4 * few]) {
		const blocks = highestBlocks(store, question, Math.ceil(many), costs / (peakWidth + blockCosts));
		if (!blocks) return null;
		const found = inFrame(store, meant ? ofCells(blocks, meant) : blocks, { limit: needed, offset: 0 });
		if (found.length >= Math.min(needed, known)) return found;
	}
	return null;
}

/**
 * All rows from some figure on, which are `many` where each peak is that of a connection which is meant. null: there are
 * no peaks of that order, or the rows lie in more blocks than `most`.
 */
function highestBlocks(store: Store, question: ListQuestion, many: number, most: number): Frame | null {
	const { sort, descending, after } = question;
	const column = peaks[sort];
	if (column === undefined || !descending || many > most) return null;
	const { sql, params } = seenIn(question);
	const scan = (what: string, more: string, value: number) =>
		rows<{ n: number }>(store, `SELECT ${what} AS n FROM peak WHERE ${sql} ${more}`, [...params, value])[0]?.n;
	// Any of those before the row that the page comes after may hold some that come after it.
	const before = after ? scan('count(*)', `AND peak.${column} >= ?`, after[0])! : 0;
	if (before + many > most) return null;
	const floor = scan(column, 'ORDER BY 1 DESC LIMIT 1 OFFSET ?', before + many - 1);
	if (floor === undefined) return null;
	const blocks = framed(question);
	return within(blocks, `peak.${column} >= ? AND ${blocks.column} >= ?`, [floor, floor]);
}

/** The blocks that were seen in the range of a question; null: to read them costs more than `affordable` rows. */
export function rangeBlocks(store: Store, question: ListQuestion, affordable: number): Frame | null {
	const { sql, params } = seenIn(question);
	const [{ n } = { n: 0 }] = rows<{ n: number }>(store, `SELECT count(*) AS n FROM peak WHERE ${sql}`, params);
	return n * (peakWidth + blockCosts) < affordable ? framed(question) : null;
}

function framed(question: ListQuestion): Frame {
	const { sql, params } = seenIn(question);
	const inBlock = `c.id >= peak.block * ${peakWidth} AND c.id < (peak.block + 1) * ${peakWidth}`;
	const frame = frameOf(question, '+c.last');
	return within({ ...frame, from: `peak CROSS JOIN connection c ON ${inBlock}` }, sql, params);
}

function seenIn({ from, to }: ListQuestion): Condition {
	return {
		sql: `${from === null ? '1' : 'peak.last >= ?'} AND ${to === null ? '1' : 'peak.first <= ?'}`,
		params: [from, to].filter((time) => time !== null),
	};
}
