// What the engine has handed over and the disk has not taken yet. When the disk fails for so long that memory runs
// short, names are given up before bytes.
import type { NewRow } from './queuefile.ts';
import { nothingSealed, type Sealed } from './queuestore.ts';

const mostRows = 20_000;
const mostRecords = 10_000;

export class Pending {
	#sealed: Sealed = nothingSealed;

	get sealed(): Sealed {
		return this.#sealed;
	}

	get isEmpty(): boolean {
		return this.#sealed === nothingSealed;
	}

	/** Beyond this nothing more should be sealed: growth waits in the engine, which adds it up. */
	get isFull(): boolean {
		return this.#sealed.rows.length >= mostRows;
	}

	add(more: Sealed): void {
		const { firstSeen, rows, ended, history } = this.#sealed;
		this.#sealed = this.isEmpty
			? more
			: {
					firstSeen: [...firstSeen, ...more.firstSeen],
					rows: [...rows, ...more.rows],
					ended: [...ended, ...more.ended],
					history: [...new Map([...history, ...more.history])],
				};
	}

	/** All of it is on disk. */
	clear(): void {
		this.#sealed = nothingSealed;
	}

	/** Another epoch has begun: the numbers of records say nothing in it. */
	forgetRecords(): void {
		const { rows, history } = this.#sealed;
		this.#sealed = { ...nothingSealed, rows: rows.map(nameless), history };
	}

	/** Lets go of ended connections when there are too many; `shed`: the engine does the same, and says which. */
	limit(shed: () => readonly number[]): void {
		const { firstSeen, rows, ended, history } = this.#sealed;
		if (firstSeen.length <= mostRecords) return;
		const over = new Set([...shed(), ...ended]);
		const here = new Set(firstSeen.map(({ no }) => no));
		this.#sealed = {
			firstSeen: firstSeen.filter(({ no }) => !over.has(no)),
			rows: rows.map((row) =>
				row.record !== null && over.has(row.record) && here.has(row.record) ? nameless(row) : row,
			),
			ended: ended.filter((no) => !here.has(no)),
			history,
		};
	}
}

/** Its connection's record is not to be had: its bytes are the core's still. */
function nameless(row: NewRow): NewRow {
	return row.kind === 'usage' ? { ...row, kind: 'unattributed', class: null, record: null } : row;
}
