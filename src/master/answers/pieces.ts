// A range of time as pieces of the tables that hold it: whole hours from the hour rows, hours that are cut from the
// 5-minute rows; where those are gone, an hour counts where it begins, so that ranges side by side still add up.
import type { Database } from '../../system/database.ts';
import { bucketMs, bucketsAnHour } from '../booking/schema.ts';
import type { BucketRange } from './scope.ts';

/** Half-open, in what the table counts: buckets of 5 minutes, or hours, since the Unix epoch. */
export interface Piece {
	readonly table: 'usage' | 'hour';
	readonly from: number;
	readonly to: number;
}

/** A piece that lies in one bucket of a series; `at` counts those from 0. */
export interface Span extends Piece {
	readonly at: number;
}

/** The first bucket from which on every 5-minute row is there; at a whole hour. */
export function keptFrom(database: Database): number {
	const mark = Number(database.value("SELECT value FROM mark WHERE name = 'usage_from'") ?? 0);
	return Math.ceil(mark / bucketsAnHour) * bucketsAnHour;
}

/** `edges`: buckets within the range at which it is cut. In order, and adjacent ones of a table as one. */
export function piecesOf({ from, to }: BucketRange, kept: number, edges: readonly number[] = []): Piece[] {
	const pieces: Piece[] = [];
	const add = (table: Piece['table'], a: number, b: number) => {
		const last = pieces.at(-1);
		if (a >= b) return;
		if (last?.table === table && last.to === a) pieces[pieces.length - 1] = { ...last, to: b };
		else pieces.push({ table, from: a, to: b });
	};
	const hour = (bucket: number) => Math.ceil(bucket / bucketsAnHour);
	let done = from;
	for (const cut of cutHours({ from, to }, edges)) {
		const [begin, end] = [Math.max(done, cut * bucketsAnHour), Math.min(to, (cut + 1) * bucketsAnHour)];
		add('hour', hour(done), hour(begin));
		if (begin < kept) add('hour', hour(begin), hour(end));
		else add('usage', begin, end);
		done = end;
	}
	add('hour', hour(done), Math.floor(to / bucketsAnHour));
	return pieces;
}

/** The same, cut at each of these buckets; the first is where the range begins, the last its end. */
export function spansOf(edges: readonly number[], kept: number): Span[] {
	const spans: Span[] = [];
	let at = 0;
	for (const { table, from, to } of piecesOf({ from: edges[0]!, to: edges.at(-1)! }, kept, edges.slice(1, -1))) {
		const width = table === 'hour' ? bucketsAnHour : 1;
		for (let begin = from; begin < to; ) {
			while (edges[at + 1]! <= begin * width) at += 1;
			const end = Math.min(to, Math.ceil(edges[at + 1]! / width));
			spans.push({ table, from: begin, to: end, at });
			begin = end;
		}
	}
	return spans;
}

/** Whether any of these times (ms since the Unix epoch) cuts an hour whose 5-minute rows are gone. */
export function cutsGone({ database }: { readonly database: Database }, times: readonly number[]): boolean {
	const kept = keptFrom(database);
	return times.some((time) => {
		const bucket = Math.floor(time / bucketMs);
		return bucket % bucketsAnHour !== 0 && Math.floor(bucket / bucketsAnHour) * bucketsAnHour < kept;
	});
}

function cutHours({ from, to }: BucketRange, edges: readonly number[]): number[] {
	const cuts = [from, ...edges, to].filter((edge) => edge % bucketsAnHour !== 0);
	return [...new Set(cuts.map((edge) => Math.floor(edge / bucketsAnHour)))].sort((a, b) => a - b);
}
