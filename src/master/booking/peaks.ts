// The highest figures of connections whose numbers are neighbours, so that a list by size reads few of them: see
// answers/peakblocks.ts. They are bounds: never below a connection's figure (nor, for `first`, above it).
import type { Database } from '../../system/database.ts';
import { RowWriter } from './rowwriter.ts';
import { peakWidth } from './schema.ts';

/** ms since the Unix epoch, and bytes. */
export interface Seen {
	readonly id: number;
	readonly last: number;
	readonly up: number;
	readonly down: number;
}

interface Peak {
	start: number;
	up: number;
	down: number;
	total: number;
	first: number;
	last: number;
}

const columns = ['start', 'up', 'down', 'total', 'first', 'last'] as const;
const highest = (column: (typeof columns)[number]) =>
	`${column} = ${column === 'first' ? 'min' : 'max'}(${column}, excluded.${column})`;

export class Peaks {
	readonly #rows: RowWriter;
	#blocks = new Map<number, Peak>();

	constructor(database: Database) {
		const onConflict = `ON CONFLICT DO UPDATE SET ${columns.map(highest).join(', ')}`;
		this.#rows = new RowWriter(database, { table: 'peak', columns: columns.length + 1, onConflict });
	}

	/** `start`: of one that is new; it never changes. */
	see({ id, last, up, down }: Seen, start = Number.MIN_SAFE_INTEGER): void {
		const total = up + down;
		const block = Math.floor(id / peakWidth);
		const peak = this.#blocks.get(block);
		if (!peak) {
			this.#blocks.set(block, { start, up, down, total, first: last, last });
			return;
		}
		peak.start = Math.max(peak.start, start);
		peak.up = Math.max(peak.up, up);
		peak.down = Math.max(peak.down, down);
		peak.total = Math.max(peak.total, total);
		peak.first = Math.min(peak.first, last);
		peak.last = Math.max(peak.last, last);
	}

	/** Writes what was gathered. */
	flush(): void {
		for (const [block, peak] of [...this.#blocks].sort(([a], [b]) => a - b)) {
			this.#rows.add([block, ...columns.map((column) => peak[column])]);
		}
		this.#rows.flush();
		this.#blocks.clear();
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#rows.forget();
		this.#blocks.clear();
	}
}

/** After connections were erased: what is left of their blocks tells the peaks. */
export function lowerPeaks(database: Database, erased: readonly number[]): void {
	const clear = database.prepare<[number]>('DELETE FROM peak WHERE block = ?');
	const fill = database.prepare<[number]>(
		`INSERT INTO peak SELECT ?1, max(last - age), max(up), max(down), max(up + down), min(last), max(last)
		FROM connection WHERE id >= ?1 * ${peakWidth} AND id < (?1 + 1) * ${peakWidth} HAVING count(*) > 0`,
	);
	try {
		for (const block of new Set(erased.map((id) => Math.floor(id / peakWidth)))) {
			clear.run(block);
			fill.run(block);
		}
	} finally {
		for (const statement of [clear, fill]) statement.free();
	}
}
