// Where a batch is safe before the store has it: a small file that is appended to and synced before an agent is
// answered. The store takes from it between two questions.
import { type Database, openDatabase, quarantine, type Statement } from '../../system/database.ts';
import type { WaitingBatch } from './vault.ts';

const inboxApplicationId = 0x6e656d69;
const schema = ['CREATE TABLE batch(id INTEGER PRIMARY KEY, came INTEGER, body BLOB)'];
/** 512 MB: what may wait while a long question runs. Beyond it agents are asked to come back. */
const maxPages = 131_072;
/** Bodies that go to the store in one transaction. */
const chunkBytes = 1.5 * 1024 * 1024;

export class Inbox {
	readonly #database: Database;
	readonly #insert: Statement<[number, number, Uint8Array]>;
	readonly #after: Statement<[number], WaitingBatch>;
	readonly #remove: Statement<[number]>;
	#last: number;

	private constructor(database: Database, moved: number) {
		this.#database = database;
		this.#insert = database.prepare('INSERT INTO batch VALUES (?, ?, ?)');
		this.#after = database.prepare('SELECT id, came, body FROM batch WHERE id > ? ORDER BY id');
		this.#remove = database.prepare('DELETE FROM batch WHERE id <= ?');
		this.#last = Math.max(moved, Number(database.value('SELECT coalesce(max(id), 0) FROM batch')));
	}

	/** `moved`: the last number that the store has. `said`: that a damaged file was set aside, and where. */
	static async open(path: string, moved: number, wall: number): Promise<{ inbox: Inbox; said: string | null }> {
		let said: string | null = null;
		for (;;) {
			const opened = await openDatabase(path, { applicationId: inboxApplicationId, schema, maxPages });
			if (!('damaged' in opened)) return { inbox: new Inbox(opened, moved), said };
			said = `${path} ${opened.damaged}; it was set aside as ${quarantine(path, { wall })}`;
		}
	}

	/** The number of the last batch that was ever in here. */
	get last(): number {
		return this.#last;
	}

	/** All of them or none; synced to the disk when it returns. Throws `DatabaseError`. */
	add(batches: readonly Omit<WaitingBatch, 'id'>[]): void {
		let id = this.#last;
		this.#database.transaction(() => {
			for (const { came, body } of batches) {
				id += 1;
				this.#insert.run(id, came, body);
			}
		});
		this.#last = id;
	}

	/** The next ones after a number, some megabytes of them, at most `maxCount`. */
	chunk(after: number, maxCount: number): WaitingBatch[] {
		const chunk: WaitingBatch[] = [];
		let bytes = 0;
		for (const batch of this.#after.iterate(after)) {
			chunk.push(batch);
			bytes += batch.body.byteLength;
			if (bytes >= chunkBytes || chunk.length >= maxCount) break;
		}
		return chunk;
	}

	*all(after: number): Generator<WaitingBatch> {
		yield* this.#after.iterate(after);
	}

	/** The store has them. */
	remove(upTo: number): void {
		this.#remove.run(upTo);
	}

	close(): void {
		this.#database.close();
	}
}
