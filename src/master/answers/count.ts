// How many connections a list has on all its pages, exactly: the sums know how many count in each hour, so rows are
// counted at the ends of a range alone, and where some of them are gone.
import { bucketMs, bucketsAnHour } from '../booking/schema.ts';
import { areReady } from './flows.ts';
import type { Scope } from './question.ts';
import { cellCondition } from './scope.ts';
import { rows, type Store, summary } from './sums.ts';

const hourMs = bucketMs * bucketsAnHour;
/** Sums that are not ready want all cells to be looked at: as long as it takes to count a row for so many of them. */
const cellsARow = 16;

/** Of the connections that were last seen from `from` to `to`, both included. */
export function countConnections(store: Store, { filters, from, to }: Scope): number {
	const [known] = rows<{ first: number | null; last: number | null }>(
		store,
		'SELECT (SELECT min(last) FROM connection) AS first, (SELECT max(last) FROM connection) AS last',
		[],
	);
	const { first, last } = known!;
	if (first === null || last === null) return 0;
	const [begin, end] = [Math.max(from ?? first, first), Math.min(to ?? last, last)];
	if (begin > end) return 0;
	const complete = completeFrom(store);
	const whole = begin === first && end === last;
	if (whole && complete === 0) return summary(store, { filters, from: null, to: null }).n;
	// What comes before the first of all is nothing, and what comes after the last.
	const firstHour = begin === first && complete === 0 ? floor(first) : ceil(Math.max(begin, complete));
	const endHour = end === last ? ceil(last + 1) : floor(end + 1);
	const scope = { filters, from: firstHour, to: endHour };
	if (firstHour >= endHour || (!areReady(store, scope) && hasFew(store, begin, end))) {
		return countRows(store, filters, begin, end);
	}
	return (
		countRows(store, filters, begin, firstHour - 1) + summary(store, scope).n + countRows(store, filters, endHour, end)
	);
}

/** From then on (ms since the Unix epoch) each connection that was counted is there; see retention.ts and forget.ts. */
function completeFrom({ database }: Store): number {
	return Number(database.value("SELECT value FROM mark WHERE name = 'connections_from'") ?? 0);
}

const floor = (ms: number) => Math.floor(ms / hourMs) * hourMs;
const ceil = (ms: number) => Math.ceil(ms / hourMs) * hourMs;

function hasFew(store: Store, begin: number, end: number): boolean {
	const cells = Number(store.database.value('SELECT coalesce(max(id), 0) FROM cell'));
	const more = rows(store, 'SELECT 1 FROM connection WHERE last >= ? AND last <= ? LIMIT 1 OFFSET ?', [
		begin,
		end,
		Math.floor(cells / cellsARow),
	]);
	return more.length === 0;
}

function countRows(store: Store, filters: Scope['filters'], begin: number, end: number): number {
	if (begin > end) return 0;
	const where = cellCondition({ filters }, store.texts, { allClasses: true });
	const cells = filters.length > 0 ? `CROSS JOIN cell ON cell.id = c.cell AND ${where.sql}` : '';
	return rows<{ n: number }>(
		store,
		`SELECT count(*) AS n FROM connection c ${cells} WHERE c.last >= ? AND c.last <= ?`,
		[...(filters.length > 0 ? where.params : []), begin, end],
	)[0]!.n;
}
