// Every open connection with its counters: what each has grown since the frame before, in which class. One that is
// listed but in no total is known and never counted; bytes of a leaf whose type is not known yet wait for it.
import type { Bytes, Class, Connection, Snapshot } from '../record.ts';
import { Classes, classByName } from './classes.ts';

export interface ConnectionEvents {
	/** Seen for the first time in this life; what it had moved before it is counted. */
	opened?(connection: Connection, up: number, down: number): void;
	/** Bytes that flowed since the frame before. */
	grown?(connection: Connection, class_: Class, up: number, down: number): void;
	/** Not listed any more; what it had moved by the core's own counters. */
	closed?(connection: Connection, up: number, down: number): void;
}

/** Id, upload, download at the last frame: what a checkpoint keeps of a connection. */
export type KnownCounters = readonly [id: string, up: number, down: number];

interface Open {
	/** null while it is known from a checkpoint or as the baseline only. */
	connection: Connection | null;
	class: Class | null;
	counts: boolean;
	up: number;
	down: number;
	waitingUp: number;
	waitingDown: number;
	/** Number of the frame that listed it last. */
	frame: number;
}

export class Connections {
	readonly #events: ConnectionEvents;
	readonly #classes = new Classes();
	readonly #open = new Map<string, Open>();
	#frame = 0;

	constructor(events: ConnectionEvents) {
		this.#events = events;
	}

	get size(): number {
		return this.#open.size;
	}

	/** Leaves whose type is to be looked up in `/proxies`. */
	get unknownLeaves(): ReadonlySet<string> {
		return this.#classes.unknown;
	}

	/** `/proxies`: name -> type. Hands on what waited for it. */
	learnTypes(types: ReadonlyMap<string, string>): void {
		this.#classes.learn(types);
		for (const open of this.#open.values()) {
			if (open.class !== null || !open.connection) continue;
			open.class = this.#classes.of(leafOf(open.connection));
			this.#handOn(open, open.connection);
		}
	}

	has(id: string): boolean {
		return this.#open.has(id);
	}

	/** These were open before and had moved that much: only what they grow from there counts. */
	know(counters: Iterable<KnownCounters>): void {
		for (const [id, up, down] of counters) this.#open.set(id, counted(up, down));
	}

	/** What waits for its class was not told yet: it is in none of them, so that a later life tells it. */
	counters(): KnownCounters[] {
		return [...this.#open].map(([id, open]) => [id, open.up - open.waitingUp, open.down - open.waitingDown]);
	}

	/** Grown, and not told yet: the class is to be looked up. */
	waiting(): Bytes {
		let up = 0;
		let down = 0;
		for (const { waitingUp, waitingDown } of this.#open.values()) {
			up += waitingUp;
			down += waitingDown;
		}
		return { up, down };
	}

	/** The next frame: answers by how much all counted connections grew. */
	take({ connections, upload, download }: Snapshot): Bytes {
		this.#frame += 1;
		let up = 0;
		let down = 0;
		for (let index = 0; index < connections.length; index += 1) {
			const connection = connections[index]!;
			const open = this.#find(connection);
			// A counter that falls is not one of mihomo's: nothing is taken back, and it counts on from where it is.
			const grownUp = Math.max(0, upload[index]! - open.up);
			const grownDown = Math.max(0, download[index]! - open.down);
			open.up = upload[index]!;
			open.down = download[index]!;
			if (!open.counts || grownUp + grownDown === 0) continue;
			up += grownUp;
			down += grownDown;
			open.waitingUp += grownUp;
			open.waitingDown += grownDown;
			this.#handOn(open, connection);
		}
		if (this.#open.size > connections.length) this.#closeUnlisted();
		return { up, down };
	}

	/** The core that held them is gone. */
	closeAll(): void {
		for (const open of this.#open.values()) this.#close(open);
		this.#open.clear();
	}

	/** The entry of a listed connection, made when it is new; an id that begins again is another connection. */
	#find(connection: Connection): Open {
		let open = this.#open.get(connection.id);
		if (open?.connection && open.connection !== connection && open.connection.start !== connection.start) {
			this.#close(open);
			open = undefined;
		}
		if (!open) {
			open = counted(0, 0);
			this.#open.set(connection.id, open);
		}
		if (!open.connection) {
			open.counts = isCounted(connection);
			open.class = open.counts ? this.#classes.of(leafOf(connection)) : 'proxy';
			this.#events.opened?.(connection, open.up, open.down);
		}
		open.connection = connection;
		open.frame = this.#frame;
		return open;
	}

	/** Tells what waits of a connection, once its class is known. */
	#handOn(open: Open, connection: Connection) {
		if (open.class === null || open.waitingUp + open.waitingDown === 0) return;
		this.#events.grown?.(connection, open.class, open.waitingUp, open.waitingDown);
		open.waitingUp = 0;
		open.waitingDown = 0;
	}

	#closeUnlisted() {
		for (const [id, open] of this.#open) {
			if (open.frame === this.#frame) continue;
			this.#close(open);
			this.#open.delete(id);
		}
	}

	#close(open: Open) {
		const { connection } = open;
		if (!connection) return;
		open.class ??= classByName(leafOf(connection));
		this.#handOn(open, connection);
		this.#events.closed?.(connection, open.up, open.down);
	}
}

/**
 * The transport of a node with `dialer-proxy` and the core's lookups through a proxy are listed but in no total:
 * their bytes are those of another connection again, or of none.
 */
export function isCounted(connection: Connection): boolean {
	return connection.type !== 'Inner' || connection.process !== '';
}

/** What all listed connections that count have moved. */
export function sumOf({ connections, upload, download }: Snapshot): Bytes {
	let up = 0;
	let down = 0;
	for (const [index, connection] of connections.entries()) {
		if (!isCounted(connection)) continue;
		up += upload[index]!;
		down += download[index]!;
	}
	return { up, down };
}

/** mihomo lists the leaf first. */
function leafOf(connection: Connection): string {
	return connection.chains[0] ?? '';
}

function counted(up: number, down: number): Open {
	return { connection: null, class: null, counts: true, up, down, waitingUp: 0, waitingDown: 0, frame: 0 };
}
