// The connections that move most just now, for whoever looks at a live page. Collected only while somebody does: a
// list of all that grew in the last frame costs a little each time. Pure.
import type { Bytes, Class, Connection } from '../record.ts';

/** Bytes per second. */
export interface BusyConnection extends Bytes {
	readonly id: string;
	readonly host: string;
	readonly source_ip: string;
	readonly class: Class;
}

interface Grown extends Bytes {
	readonly connection: Connection;
	readonly class: Class;
}

/** After this nobody looks any more. */
const lookMs = 30_000;

export class Busiest {
	#lookedMono = Number.NEGATIVE_INFINITY;
	#frameMono: number | null = null;
	#ms = 0;
	#grown: Grown[] = [];
	#looking = false;

	/** Before each frame that goes to the account. */
	frame(mono: number): void {
		this.#looking = mono - this.#lookedMono < lookMs;
		this.#ms = this.#frameMono === null ? 0 : mono - this.#frameMono;
		this.#frameMono = mono;
		this.#grown = [];
	}

	/** The account's event. */
	grown(connection: Connection, class_: Class, up: number, down: number): void {
		if (this.#looking) this.#grown.push({ connection, class: class_, up, down });
	}

	/** The first `count` by bytes; empty at the first look, because nothing was collected yet. */
	top(count: number, mono: number): BusyConnection[] {
		this.#lookedMono = mono;
		if (this.#ms <= 0) return [];
		const speed = (bytes: number) => Math.round((bytes * 1000) / this.#ms);
		return [...this.#grown]
			.sort((a, b) => b.up + b.down - a.up - a.down)
			.slice(0, count)
			.map(({ connection, class: class_, up, down }) => ({
				id: connection.id,
				host: connection.host || connection.destinationIP,
				source_ip: connection.sourceIP,
				class: class_,
				up: speed(up),
				down: speed(down),
			}));
	}
}
