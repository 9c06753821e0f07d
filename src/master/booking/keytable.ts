// Connections found by the hash of agent and name: one generation after the other, of which a filter in memory tells
// those that can have it. Of a connection that nobody knew the file is hardly asked.
import type { Database, Statement } from '../../system/database.ts';
import { connectionKey, generationOf, keyHash } from './connectionkey.ts';
import { HashFilter } from './hashfilter.ts';
import { RowWriter } from './rowwriter.ts';

export class KeyTable {
	readonly #database: Database;
	readonly #find: Statement<[number], { connection: number }>;
	readonly #keys: Statement<[number, number], { k: number }>;
	readonly #filters: Statement<[], { generation: number; bits: Uint8Array }>;
	readonly #keep: Statement<[number, Uint8Array]>;
	readonly #drop: Statement<[number, number]>;
	readonly #rows: RowWriter;
	/** null: not read yet. */
	#filter: HashFilter | null = null;
	/** Generations whose filters are not in the file, ascending; the last one still grows. */
	#unkept: number[] = [];

	constructor(database: Database) {
		this.#database = database;
		this.#find = database.prepare('SELECT connection FROM connection_key WHERE k = ?');
		this.#keys = database.prepare('SELECT k FROM connection_key WHERE k >= ? AND k < ?');
		this.#filters = database.prepare('SELECT generation, bits FROM connection_filter');
		this.#keep = database.prepare('INSERT OR REPLACE INTO connection_filter VALUES (?, ?)');
		this.#drop = database.prepare('DELETE FROM connection_filter WHERE generation < ? OR generation >= ?');
		this.#rows = new RowWriter(database, { table: 'connection_key', columns: 2 });
	}

	/** Asks for one connection after the other that has the hash, the newest generation first, until one `isIt`. */
	find(hash: number, isIt: (connection: number) => boolean): boolean {
		const filter = this.#read();
		for (let generation = filter.newest(hash); generation >= 0; generation = filter.newest(hash, generation)) {
			for (const { connection } of this.#find.all(connectionKey(generation, hash))) if (isIt(connection)) return true;
		}
		return false;
	}

	/** Best in the order of the keys. */
	add(hash: number, connection: number): void {
		const filter = this.#read();
		const generation = generationOf(connection);
		this.#rows.add([connectionKey(generation, hash), connection]);
		filter.add(generation, hash);
		if (this.#unkept.at(-1) !== generation) this.#unkept.push(generation);
	}

	/** Filters of generations that are full are kept in the file; those of connections that are no more go. */
	flush(): void {
		this.#rows.flush();
		if (!this.#filter || this.#unkept.length < 2) return;
		const growing = this.#unkept.pop()!;
		for (const generation of this.#unkept) this.#keep.run(generation, this.#filter.of(generation));
		this.#unkept = [growing];
		const oldest = generationOf(Number(this.#database.value('SELECT min(id) FROM connection') ?? 0));
		this.#filter.drop(oldest);
		this.#drop.run(oldest, growing);
	}

	/** After a transaction that was taken back, and after rows were erased. */
	forget(): void {
		this.#rows.forget();
		this.#filter = null;
	}

	#read(): HashFilter {
		if (this.#filter) return this.#filter;
		const filter = new HashFilter();
		const [oldest, growing] = ['min(id)', 'max(id) + 1'].map((edge) =>
			generationOf(Number(this.#database.value(`SELECT ${edge} FROM connection`) ?? 0)),
		) as [number, number];
		// Where the newest connections were erased: their numbers are given again.
		this.#drop.run(oldest, growing);
		const kept = new Map(this.#filters.all().map(({ generation, bits }) => [generation, bits]));
		this.#unkept = [];
		for (let generation = oldest; generation <= growing; generation += 1) {
			const bits = kept.get(generation);
			if (bits) filter.set(generation, bits);
			else {
				this.#unkept.push(generation);
				const [from, to] = [connectionKey(generation, 0), connectionKey(generation + 1, 0)];
				for (const { k } of this.#keys.all(from, to)) filter.add(generation, keyHash(k));
			}
		}
		this.#filter = filter;
		return filter;
	}
}
