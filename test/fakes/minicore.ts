// A core that a test moves by hand: connections with counters, totals, frames. What it has moved is the truth.
import type { Connection, Snapshot } from '../../src/record.ts';
import { connectionOf } from './connection.ts';

export class MiniCore {
	up = 0;
	down = 0;
	/** By id, of every connection that ever was. */
	readonly moved = new Map<string, { up: number; down: number }>();
	#no: number;
	readonly #open = new Map<Connection, { up: number; down: number }>();

	/** @param firstNo cores that are compared make other ids */
	constructor(firstNo = 0) {
		this.#no = firstNo;
	}

	get open(): readonly Connection[] {
		return [...this.#open.keys()];
	}

	openOne(rest: Partial<Connection> = {}): Connection {
		this.#no += 1;
		const connection = connectionOf(this.#no, rest);
		const counters = { up: 0, down: 0 };
		this.#open.set(connection, counters);
		this.moved.set(connection.id, counters);
		return connection;
	}

	grow(connection: Connection, up: number, down: number): void {
		const counters = this.#open.get(connection)!;
		counters.up += up;
		counters.down += down;
		this.up += up;
		this.down += down;
	}

	close(connection: Connection): void {
		this.#open.delete(connection);
	}

	snapshot(): Snapshot {
		return {
			uploadTotal: this.up,
			downloadTotal: this.down,
			connections: [...this.#open.keys()],
			upload: Float64Array.from(this.#open.values(), ({ up }) => up),
			download: Float64Array.from(this.#open.values(), ({ down }) => down),
		};
	}
}
