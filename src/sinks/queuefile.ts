// The queue's SQLite file: epochs, rows, records, sums, gaps and what is kept beside them, each call one statement or a
// few. Whoever calls holds the transaction. Throws `DatabaseError`; knows no clock and no policy.
import type { Bytes } from '../record.ts';
import type { Database, SqlValue, Statement } from '../system/database.ts';
import { type Kind, kinds, type Row } from '../wire.ts';
import { QueueRecords } from './queuerecords.ts';
import { classNames, type EpochLine, kindNo, type RowLine } from './queueschema.ts';

export type SumName = 'sealed' | 'acknowledged' | 'queued' | 'dropped';
export type Sums = Readonly<Record<Kind, Readonly<Record<SumName, Bytes>>>>;

/** A row to be stored, its class and kind by name. */
export type NewRow = Omit<Row, 'seq'>;

type Group = Bytes & { readonly kind: number; readonly rows: number; readonly oldest: number; readonly newest: number };

const mostMarks = 1_000;

export class QueueFile {
	readonly database: Database;
	readonly #statements = new Map<string, Statement<SqlValue[]>>();
	readonly records: QueueRecords;
	/** As they were when they were last asked for; null: something was written since. */
	#sums: Sums | null = null;
	#bytes: number | null = null;

	constructor(database: Database) {
		this.database = database;
		this.records = new QueueRecords(this);
	}

	// Plumbing

	run(sql: string, ...values: SqlValue[]): number {
		this.#sums = null;
		this.#bytes = null;
		return this.#statement(sql).run(...values);
	}

	get<T>(sql: string, ...values: SqlValue[]): T | undefined {
		return this.#statement(sql).get(...values) as T | undefined;
	}

	all<T>(sql: string, ...values: SqlValue[]): T[] {
		return this.#statement(sql).all(...values) as T[];
	}

	iterate<T>(sql: string, ...values: SqlValue[]): Generator<T, void, void> {
		return this.#statement(sql).iterate(...values) as Generator<T, void, void>;
	}

	/** After a transaction that was rolled back: what was learned in it is not so. */
	forget(): void {
		this.records.forget();
		this.#sums = null;
		this.#bytes = null;
	}

	/** Bytes of the file. Costs nothing while nothing is written. */
	bytes(): number {
		if (this.#bytes !== null) return this.#bytes;
		const { pages, pageBytes } = this.database.size();
		this.#bytes = pages * pageBytes;
		return this.#bytes;
	}

	/** Bytes of the pages in use. */
	usedBytes(): number {
		const { pages, freePages, pageBytes } = this.database.size();
		return (pages - freePages) * pageBytes;
	}

	// Epochs

	epochs(): EpochLine[] {
		return this.all<EpochLine>('SELECT * FROM epochs ORDER BY id');
	}

	addEpoch(name: string): EpochLine {
		this.run('INSERT INTO epochs (name) VALUES (?)', name);
		return this.get<EpochLine>('SELECT * FROM epochs WHERE name = ?', name)!;
	}

	setEpoch(id: number, column: 'sealed' | 'acked' | 'lent' | 'gone' | 'folded1' | 'folded2', seq: number): void {
		this.run(`UPDATE epochs SET ${column} = ? WHERE id = ?`, seq, id);
	}

	removeEpoch(id: number): void {
		for (const table of ['rows', 'records', 'marks']) this.run(`DELETE FROM ${table} WHERE epoch = ?`, id);
		this.run('DELETE FROM epochs WHERE id = ?', id);
	}

	// Rows

	addRow(epoch: number, seq: number, row: NewRow): void {
		const class_ = row.class === null ? null : classNames.indexOf(row.class);
		this.run(
			'INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
			...[epoch, seq, kindNo[row.kind], row.bucket, row.since, class_, row.record, row.device, row.up, row.down],
		);
	}

	/** Sums by kind of the rows in (after, upTo]. */
	sumsOf(epoch: number, after: number, upTo: number): Group[] {
		return this.all<Group>(
			`SELECT kind, sum(up) AS up, sum(down) AS down, count(*) AS rows, min(bucket) AS oldest, max(bucket) AS newest
			FROM rows WHERE epoch = ? AND seq > ? AND seq <= ? GROUP BY kind`,
			...[epoch, after, upTo],
		);
	}

	removeRows(epoch: number, after: number, upTo: number): number {
		return this.run('DELETE FROM rows WHERE epoch = ? AND seq > ? AND seq <= ?', epoch, after, upTo);
	}

	/** Whether there are more rows than so many: cheap as long as there are few. */
	countRowsBeyond(most: number): boolean {
		return this.get('SELECT 1 FROM rows LIMIT 1 OFFSET ?', most) !== undefined;
	}

	countRows(): number {
		return this.get<{ rows: number }>('SELECT count(*) AS rows FROM rows')!.rows;
	}

	// Sums

	/** Costs nothing while nothing is written. */
	sums(): Sums {
		this.#sums ??= this.#readSums();
		return this.#sums;
	}

	#readSums(): Sums {
		const lines = this.all<Record<string, number>>('SELECT * FROM sums ORDER BY kind');
		const bytes = (line: Record<string, number>, name: SumName): Bytes => ({
			up: line[`${name}_up`]!,
			down: line[`${name}_down`]!,
		});
		const sumsOf = (line: Record<string, number>) => ({
			sealed: bytes(line, 'sealed'),
			acknowledged: bytes(line, 'acknowledged'),
			queued: bytes(line, 'queued'),
			dropped: bytes(line, 'dropped'),
		});
		return Object.fromEntries(kinds.map((kind, no) => [kind, sumsOf(lines[no]!)])) as Record<
			Kind,
			ReturnType<typeof sumsOf>
		>;
	}

	addSum(kind: number, name: SumName, { up, down }: Bytes): void {
		this.run(
			`UPDATE sums SET ${name}_up = ${name}_up + ?, ${name}_down = ${name}_down + ? WHERE kind = ?`,
			...[up, down, kind],
		);
	}

	move(kind: number, from: SumName, to: SumName, { up, down }: Bytes): void {
		this.addSum(kind, from, { up: -up, down: -down });
		this.addSum(kind, to, { up, down });
	}

	// Marks: what had been taken, in bytes of the core, when the master acknowledged so far

	addMark(epoch: number, seq: number, wall: number, { up, down }: Bytes): void {
		this.run('INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?)', epoch, seq, wall, up, down);
		this.run(
			`DELETE FROM marks WHERE epoch = ? AND seq <=
				(SELECT seq FROM marks WHERE epoch = ? ORDER BY seq DESC LIMIT 1 OFFSET ${mostMarks})`,
			...[epoch, epoch],
		);
	}

	/** The first mark at or after `seq`. */
	mark(epoch: number, seq: number): (Bytes & { readonly seq: number; readonly wall: number }) | undefined {
		return this.get('SELECT * FROM marks WHERE epoch = ? AND seq >= ? ORDER BY seq LIMIT 1', epoch, seq);
	}

	// Whatever else is kept by name

	kept(name: string): SqlValue {
		return this.get<{ value: SqlValue }>('SELECT value FROM kept WHERE name = ?', name)?.value ?? null;
	}

	keep(name: string, value: SqlValue): void {
		this.run(
			'INSERT INTO kept VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
			...[name, value],
		);
	}

	history(): (readonly [part: string, text: string])[] {
		return this.all<{ part: string; text: string }>('SELECT * FROM history').map(({ part, text }) => [part, text]);
	}

	/** null removes the part. */
	setHistory(part: string, text: string | null): void {
		if (text === null) this.run('DELETE FROM history WHERE part = ?', part);
		else
			this.run('INSERT INTO history VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET text = excluded.text', part, text);
	}

	#statement(sql: string): Statement<SqlValue[]> {
		let statement = this.#statements.get(sql);
		if (!statement) {
			statement = this.database.prepare<SqlValue[]>(sql);
			this.#statements.set(sql, statement);
		}
		return statement;
	}
}

/** A line of the file as it travels. */
export function rowOf({ seq, kind, bucket, since, class: class_, record, device, up, down }: RowLine): Row {
	return {
		seq,
		kind: kinds[kind]!,
		bucket,
		since,
		class: class_ === null ? null : classNames[class_]!,
		record,
		device,
		up,
		down,
	};
}
