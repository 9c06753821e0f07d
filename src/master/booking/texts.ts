// Texts and their numbers. The newest are in memory; a number is never given twice, nor changed.
import type { Database, Statement } from '../../system/database.ts';

/** Twice as many names of 30 characters are some 8 MB. */
const rememberedTexts = 32_000;

export class Texts {
	readonly #find: Statement<[string], { id: number }>;
	readonly #insert: Statement<[number, string]>;
	readonly #read: Statement<[number], { value: string }>;
	readonly #database: Database;
	/** The newest; and those before them, of which the used ones move up. */
	#numbers = new Map<string, number>();
	#older = new Map<string, number>();
	#next = 0;

	constructor(database: Database) {
		this.#database = database;
		this.#find = database.prepare('SELECT id FROM text WHERE value = ?');
		this.#insert = database.prepare('INSERT INTO text VALUES (?, ?)');
		this.#read = database.prepare('SELECT value FROM text WHERE id = ?');
		this.forget();
	}

	/** The number of a text; a new one gets its number within the transaction that is open. */
	number(text: string): number {
		const known = this.#numbers.get(text);
		if (known !== undefined) return known;
		let id = this.#older.get(text) ?? this.#find.get(text)?.id;
		if (id === undefined) {
			id = this.#next++;
			this.#insert.run(id, text);
		}
		if (this.#numbers.size >= rememberedTexts) {
			this.#older = this.#numbers;
			this.#numbers = new Map();
		}
		this.#numbers.set(text, id);
		return id;
	}

	/** The number of a text that is there already. */
	find(text: string): number | undefined {
		return this.#numbers.get(text) ?? this.#older.get(text) ?? this.#find.get(text)?.id;
	}

	text(number: number): string {
		return this.#read.get(number)?.value ?? '';
	}

	/** After a transaction that was taken back. */
	forget(): void {
		this.#numbers.clear();
		this.#older.clear();
		this.#next = Number(this.#database.value('SELECT max(id) + 1 FROM text'));
	}
}
