// Single connections, as one transaction needs them: looked up, changed in memory, written once at its end in the order
// of the tables.
import type { Database, SqlValue, Statement } from '../../system/database.ts';
import type { CellPlace, Cells } from './cells.ts';
import { type ConnectionName, connectionHash, generationOf, sameName } from './connectionkey.ts';
import { KeyTable } from './keytable.ts';
import { Peaks } from './peaks.ts';
import { Places } from './places.ts';
import type { ConnectionFacts, RecordCells } from './recordcell.ts';
import { RowWriter } from './rowwriter.ts';
import { bucketMs } from './schema.ts';

/** What changes: its cell; ms since the Unix epoch when it was last seen; bytes so far; the bucket of `last`, in which it counts. */
export class Connection {
	/** Number of the agent's name. */
	readonly agent: number;
	readonly name: ConnectionName;
	/** By which it is found (connectionkey.ts). */
	readonly hash: number;
	/** 0: there is none of that name. */
	id = 0;
	cell: CellPlace = 0;
	last = 0;
	up = 0;
	down = 0;
	counted = 0;
	/** Of one that is new: the record that tells the rest of it. */
	records: RecordCells | null = null;
	at = 0;
	isChanged = false;

	constructor(agent: number, name: ConnectionName, hash: number) {
		this.agent = agent;
		this.name = name;
		this.hash = hash;
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
}

const byKey = (a: Connection, b: Connection) => generationOf(a.id) - generationOf(b.id) || a.hash - b.hash;
const recordKey = (epoch: number, number: number) => `${epoch} ${number}`;

/** Of one that is new, as the table has it. */
function rowOf({ id, name, last, up, down }: Connection, cell: number, facts: ConnectionFacts): readonly SqlValue[] {
	const { start, sourcePort, destinationPort, sniffHost, remote, detail } = facts;
	return [id, name, cell, last, last - start, up, down, sourcePort, destinationPort, sniffHost, remote, detail];
}

export class Connections {
	readonly #cells: Cells;
	readonly #find: Statement<[number], Stored>;
	readonly #findRecord: Statement<[number, number], { connection: number }>;
	readonly #update: Statement<[number, number, number, number, number]>;
	readonly #rows: RowWriter;
	readonly #keys: KeyTable;
	readonly #records: RowWriter;
	readonly #peaks: Peaks;
	readonly #database: Database;
	/** By hash; of those that share one, the second is at the next. */
	readonly #places = new Places();
	#asked: Connection[] = [];
	#byId = new Map<number, Connection>();
	#byRecord = new Map<string, Connection>();
	#changed: Connection[] = [];
	#made: Connection[] = [];
	/** null: not counted yet. */
	#next: number | null = null;

	constructor(database: Database, cells: Cells) {
		this.#database = database;
		this.#cells = cells;
		this.#find = database.prepare(
			`SELECT c.id, cell.agent, c.name, c.cell, c.last, c.up, c.down
			FROM connection c JOIN cell ON cell.id = c.cell WHERE c.id = ?`,
		);
		this.#findRecord = database.prepare('SELECT connection FROM record WHERE epoch = ? AND number = ?');
		this.#update = database.prepare(
			'UPDATE connection SET cell = ?1, age = age + ?2 - last, last = ?2, up = ?3, down = ?4 WHERE id = ?5',
		);
		this.#rows = new RowWriter(database, { table: 'connection', columns: 12 });
		this.#keys = new KeyTable(database);
		this.#peaks = new Peaks(database);
		const onConflict = 'ON CONFLICT DO UPDATE SET connection = excluded.connection';
		this.#records = new RowWriter(database, { table: 'record', columns: 3, onConflict });
	}

	/** The connection of that name; whether it is known tells its `id` after `settle`. */
	of(agent: number, name: ConnectionName): Connection {
		const hash = connectionHash(agent, name);
		for (let key = hash; ; key += 1) {
			const place = this.#places.of(key);
			if (place === this.#asked.length) this.#asked.push(new Connection(agent, name, hash));
			const one = this.#asked[place]!;
			if (one.agent === agent && sameName(one.name, name)) return one;
		}
	}

	/** Looks up all that were asked for. Once in a transaction. */
	settle(): void {
		for (const one of this.#asked) this.#keys.find(one.hash, (id) => this.#load(id, one) !== null);
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
		this.#records.add([epoch, number, connection.id]);
	}

	/** One that was not known. */
	make(connection: Connection, records: RecordCells, at: number): void {
		this.#next ??= Number(this.#database.value('SELECT coalesce(max(id), 0) + 1 FROM connection'));
		connection.id = this.#next++;
		connection.records = records;
		connection.at = at;
		this.#made.push(connection);
	}

	/** To be called after a change of one. */
	change(connection: Connection): void {
		if (connection.records || connection.isChanged) return;
		connection.isChanged = true;
		this.#changed.push(connection);
	}

	/** Writes everything. */
	flush(): void {
		const cells = this.#cells;
		for (const one of this.#made) {
			const facts = one.records!.facts(one.at);
			this.#peaks.see(one, facts.start);
			this.#rows.add(rowOf(one, cells.id(one.cell), facts));
		}
		this.#rows.flush();
		for (const { hash, id } of this.#made.sort(byKey)) this.#keys.add(hash, id);
		this.#keys.flush();
		for (const { id, cell, last, up, down } of this.#changed.sort((a, b) => a.id - b.id)) {
			this.#update.run(cells.id(cell), last, up, down, id);
			this.#peaks.see({ id, last, up, down });
		}
		this.#peaks.flush();
		this.#records.flush();
		this.#clear();
	}

	/** After a transaction that was taken back. */
	forget(): void {
		for (const written of [this.#rows, this.#keys, this.#peaks, this.#records]) written.forget();
		this.#clear();
		this.#next = null;
	}

	#clear(): void {
		this.#places.clear();
		this.#asked = [];
		this.#byId = new Map();
		this.#byRecord = new Map();
		this.#changed = [];
		this.#made = [];
	}

	/** `into`: whom it must be. null: it is not, or it has been erased. */
	#load(id: number, into: Connection | null): Connection | null {
		const stored = this.#find.get(id);
		if (!stored) return null;
		if (into && !(into.agent === stored.agent && sameName(into.name, stored.name))) return null;
		const { agent, name, cell, last, up, down } = stored;
		const found = into ?? new Connection(agent, name, connectionHash(agent, name));
		Object.assign(found, { id, cell: this.#cells.byId(cell), last, up, down, counted: Math.floor(last / bucketMs) });
		this.#byId.set(id, found);
		return found;
	}
}
