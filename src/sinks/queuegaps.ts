// What may be missing and is to be told to the master, in the queue's file. Whoever adds holds the transaction.
import type { Gap } from '../wire.ts';
import type { WaitingGap } from './outbox.ts';
import type { QueueFile } from './queuefile.ts';

/** Beyond this the oldest two become one: what waits for a master that never comes stays small. */
const mostGaps = 64;

/** Oldest first. */
export function gapsOf(file: QueueFile): WaitingGap[] {
	type Line = { id: number; first: number; last: number; what: string; up: number | null; down: number | null };
	return file.all<Line>('SELECT * FROM gaps ORDER BY id').map(({ id, first, last, what, up, down }) => ({
		id,
		gap: { from: first, to: last, what, ...(up === null || down === null ? {} : { lost: { up, down } }) },
	}));
}

/** One that says the same as the last is added to it, where that was not `given` to anybody yet. */
export function addGap(file: QueueFile, gap: Gap, given = 0): void {
	const gaps = gapsOf(file);
	const last = gaps.at(-1);
	if (last && last.id > given && last.gap.what === gap.what) return join(file, last.id, last.gap, gap);
	file.run(
		'INSERT INTO gaps (first, last, what, up, down) VALUES (?, ?, ?, ?, ?)',
		...[gap.from, gap.to, gap.what, gap.lost?.up ?? null, gap.lost?.down ?? null],
	);
	if (gaps.length < mostGaps) return;
	join(file, gaps[1]!.id, gaps[1]!.gap, gaps[0]!.gap);
	file.run('DELETE FROM gaps WHERE id = ?', gaps[0]!.id);
}

function join(file: QueueFile, id: number, a: Gap, b: Gap): void {
	const known = a.lost && b.lost ? [a.lost.up + b.lost.up, a.lost.down + b.lost.down] : [null, null];
	file.run(
		'UPDATE gaps SET first = ?, last = ?, up = ?, down = ? WHERE id = ?',
		...[Math.min(a.from, b.from), Math.max(a.to, b.to), ...known, id],
	);
}
