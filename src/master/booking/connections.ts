// Single connections, as one transaction needs them: looked up in the order of their keys, changed in memory, written
// once at its end. So random ids touch each page of a large index once, not once for each record.
import type { Database, Statement } from '../../system/database.ts';
import type { Cell, Cells } from './cells.ts';
import { type ConnectionName, connectionHash, sameName } from './connectionkey.ts';
import { RowWriter } from './rowwriter.ts';
import { bucketMs } from './schema.ts';

/** What is written once. Texts by their numbers; a port is itself, or the text in its place. */
export interface ConnectionFacts {
	/** ms since the Unix epoch. */
	readonly start: number;
	readonly sourcePort: number | string;
	readonly destinationPort: number | string;
	readonly sniffHost: number;
	/** 0: the destination's address. */
	readonly remote: number;
	readonly detail: number;
}

/** What changes. */
export interface ConnectionState {
	readonly cell: Cell;
	/** ms since the Unix epoch. */
	readonly last: number;
	readonly up: number;
	readonly down: number;
	/** The bucket in which it counts. */
	readonly counted: number;
}

export class Connection {
	/** Number of the agent's name. */
	readonly agent: number;
	readonly name: ConnectionName;
	/** Where it is found in `connection_key`, or will be. */
	key: number;
	id = 0;
	/** null: there is none of that name. */
	state: ConnectionState | null = null;
	/** Of one that is new. */
	facts: ConnectionFacts | null = null;

	constructor(agent: number, name: ConnectionName, key: number) {
		this.agent = agent;
		this.name = name;
		this.key = key;
	}
}

interface Stored {
	readonly id: number;
	readonly agent: number;
	readonly name: ConnectionName;
	readonly cell: number;
	readonly last: number;
	readonly up: number;
	readonly down: number;
	/** Buckets from the one it counts in to that of `last`. */
	readonly ahead: number;
}

const bucketOf = (ms: number) => Math.floor(ms / bucketMs);
const recordKey = (epoch: number, number: number) => `${epoch} ${number}`;

export class Connections {
	readonly #cells: Cells;
	readonly #findKey: Statement<[number], { connection: number }>;
	readonly #find: Statement<[number], Stored>;
	readonly #findRecord: Statement<[number, number], { connection: number }>;
	readonly #update: Statement<[number, number, number, number, number, number]>;
	readonly #rows: RowWriter;
	readonly #keys: RowWriter;
	readonly #records: RowWriter;
	readonly #database: Database;
	/** By hash; of those that share one, the second is at the next. */
	#byHash = new Map<number, Connection>();
	#byId = new Map<number, Connection>();
	#byRecord = new Map<string, Connection>();
	#changed = new Set<Connection>();
	#made: Connection[] = [];
	/** null: not counted yet. */
	#next: number | null = null;

	constructor(database: Database, cells: Cells) {
		this.#database = database;
		this.#cells = cells;
		this.#findKey = database.prepare('SELECT connection FROM connection_key WHERE h = ?');
		this.#find = database.prepare(
			`SELECT c.id, cell.agent, c.name, c.cell, c.last, c.up, c.down, c.ahead
			FROM connection c JOIN cell ON cell.id = c.cell WHERE c.id = ?`,
		);
		this.#findRecord = database.prepare('SELECT connection FROM record WHERE epoch = ? AND number = ?');
		this.#update = database.prepare(
			'UPDATE connection SET cell = ?1, age = age + ?2 - last, last = ?2, up = ?3, down = ?4, ahead = ?5 WHERE id = ?6',
		);
		this.#rows = new RowWriter(database, { table: 'connection', columns: 13 });
		this.#keys = new RowWriter(database, { table: 'connection_key', columns: 2 });
		const onConflict = 'ON CONFLICT DO UPDATE SET connection = excluded.connection';
		this.#records = new RowWriter(database, { table: 'record', columns: 3, onConflict });
	}

	/** The connection of that name; whether it is known tells `state` after `settle`. */
	of(agent: number, name: ConnectionName): Connection {
		for (let hash = connectionHash(agent, name); ; hash += 1) {
			const known = this.#byHash.get(hash);
			if (known?.agent === agent && sameName(known.name, name)) return known;
			if (known) continue;
			const one = new Connection(agent, name, hash);
			this.#byHash.set(hash, one);
			return one;
		}
	}

	/** Looks up all that were asked for, in the order of the index. Once in a transaction. */
	settle(): void {
		let free = 0;
		for (const one of [...this.#byHash.values()].sort((a, b) => a.key - b.key)) {
			for (; ; one.key += 1) {
				const id = this.#findKey.get(one.key)?.connection;
				if (id === undefined ? one.key >= free : this.#load(id, one)) break;
			}
			if (one.state === null) free = one.key + 1;
		}
	}

	/** Whom a record of an epoch describes; null = nobody has said. */
	byRecord(epoch: number, number: number): Connection | null {
		const key = recordKey(epoch, number);
		let found = this.#byRecord.get(key) ?? null;
		if (found) return found;
		const id = this.#findRecord.get(epoch, number)?.connection;
		if (id === undefined) return null;
		found = this.#byId.get(id) ?? this.#load(id, null);
		if (found) this.#byRecord.set(key, found);
		return found;
	}

	setRecord(epoch: number, number: number, connection: Connection): void {
		this.#byRecord.set(recordKey(epoch, number), connection);
		this.#records.add(epoch, number, connection.id);
	}

	/** One that was not known. */
	make(connection: Connection, state: Omit<ConnectionState, 'counted'>, facts: ConnectionFacts): void {
		this.#next ??= Number(this.#database.value('SELECT coalesce(max(id), 0) + 1 FROM connection'));
		connection.id = this.#next++;
		const { cell, last, up, down } = state;
		connection.state = { cell, last, up, down, counted: bucketOf(last) };
		connection.facts = facts;
		this.#made.push(connection);
	}

	change(connection: Connection, to: ConnectionState): void {
		connection.state = to;
		if (connection.facts === null) this.#changed.add(connection);
	}

	/** Writes everything; the cells have their numbers. */
	flush(): void {
		for (const { id, name, state, facts } of this.#made) {
			const { cell, last, up, down, counted } = state!;
			const { start, sourcePort, destinationPort, sniffHost, remote, detail } = facts!;
			this.#rows.add(
				...[id, name, cell.id, last, last - start, up, down, bucketOf(last) - counted],
				...[sourcePort, destinationPort, sniffHost, remote, detail],
			);
		}
		this.#rows.flush();
		for (const { key, id } of this.#made.sort((a, b) => a.key - b.key)) this.#keys.add(key, id);
		this.#keys.flush();
		for (const { id, state } of [...this.#changed].sort((a, b) => a.id - b.id)) {
			const { cell, last, up, down, counted } = state!;
			this.#update.run(cell.id, last, up, down, bucketOf(last) - counted, id);
		}
		this.#records.flush();
		this.#clear();
	}

	/** After a transaction that was taken back. */
	forget(): void {
		for (const writer of [this.#rows, this.#keys, this.#records]) writer.forget();
		this.#clear();
		this.#next = null;
	}

	#clear(): void {
		this.#byHash = new Map();
		this.#byId = new Map();
		this.#byRecord = new Map();
		this.#changed = new Set();
		this.#made = [];
	}

	/** `into`: whom it must be. null: it is not, or it has been erased. */
	#load(id: number, into: Connection | null): Connection | null {
		const stored = this.#find.get(id);
		if (!stored) return null;
		if (into && !(into.agent === stored.agent && sameName(into.name, stored.name))) return null;
		const { agent, name, cell, last, up, down, ahead } = stored;
		const found = into ?? new Connection(agent, name, 0);
		found.id = id;
		found.state = { cell: this.#cells.byId(cell), last, up, down, counted: bucketOf(last) - ahead };
		this.#byId.set(id, found);
		return found;
	}
}
