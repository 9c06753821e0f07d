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

/** What a checkpoint keeps of a connection: how much of its counters was told. */
export interface KnownCounters extends Bytes {
	readonly id: string;
}

/** `up`, `down`: told so far; the rest of what was seen waits for the class. */
interface Open {
	readonly id: string;
	up: number;
	down: number;
	/** The core's counters at the last frame. */
	seenUp: number;
	seenDown: number;
	/** null while it is known from a checkpoint or as the baseline only. */
	connection: Connection | null;
	class: Class | null;
	counts: boolean;
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
		for (const { id, up, down } of counters) this.#open.set(id, counted(id, up, down));
	}

	/** What waits for its class is in none of them, so that a later life tells it. As they are: valid until the next call. */
	counters(): KnownCounters[] {
		return [...this.#open.values()];
	}

	/** Grown, and not told yet: the class is to be looked up. */
	waiting(): Bytes {
		let up = 0;
		let down = 0;
		for (const open of this.#open.values()) {
			up += open.seenUp - open.up;
			down += open.seenDown - open.down;
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
			const grownUp = upload[index]! - open.seenUp;
			const grownDown = download[index]! - open.seenDown;
			if (grownUp === 0 && grownDown === 0) continue;
			open.seenUp = upload[index]!;
			open.seenDown = download[index]!;
			if (!open.counts || grownUp < 0) open.up += grownUp;
			else up += grownUp;
			if (!open.counts || grownDown < 0) open.down += grownDown;
			else down += grownDown;
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
			open = counted(connection.id, 0, 0);
			this.#open.set(connection.id, open);
		}
		if (!open.connection) {
			open.counts = isCounted(connection);
			open.class = open.counts ? this.#classes.of(leafOf(connection)) : 'proxy';
			this.#events.opened?.(connection, open.seenUp, open.seenDown);
		}
		open.connection = connection;
		open.frame = this.#frame;
		return open;
	}

	/** Tells what waits of a connection, once its class is known. */
	#handOn(open: Open, connection: Connection) {
		const up = open.seenUp - open.up;
		const down = open.seenDown - open.down;
		if (open.class === null || up + down === 0) return;
		this.#events.grown?.(connection, open.class, up, down);
		open.up = open.seenUp;
		open.down = open.seenDown;
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
		this.#events.closed?.(connection, open.seenUp, open.seenDown);
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

function counted(id: string, up: number, down: number): Open {
	return { id, up, down, seenUp: up, seenDown: down, connection: null, class: null, counts: true, frame: 0 };
}
