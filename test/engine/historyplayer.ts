// Plays a random history (test/fakes/history.ts) to an Account and holds it to what the oracle found, after every
// frame: sums of each run, class and device to the byte, the unattributed sum, new runs and gaps.
import assert from 'node:assert/strict';
import { Account, type Checkpoint } from '../../src/engine/account.ts';
import type { Bytes, Snapshot } from '../../src/record.ts';
import { parseSnapshot } from '../../src/sources/snapshot.ts';
import type { History, HistoryEvent } from '../fakes/history.ts';
import type { Expected } from '../fakes/historyoracle.ts';

type Table = Record<string, { up: number; down: number }>;
type Frames = Extract<HistoryEvent, { kind: 'frames' }>;

/** What was told of the present run, apart from the account's own sums. */
interface Book {
	readonly classes: Table;
	readonly devices: Table;
	readonly unattributed: { up: number; down: number };
}

const emptyBook = (): Book => ({ classes: {}, devices: {}, unattributed: { up: 0, down: 0 } });

class Player {
	readonly #types: ReadonlyMap<string, string>;
	#account: Account;
	#book = emptyBook();
	/** The run before, when the last frame began a new one. */
	#ended: Book | null = null;
	#gaps = 0;
	#kept: { readonly checkpoint: Checkpoint | null; readonly book: Book } = { checkpoint: null, book: emptyBook() };

	constructor({ types }: History) {
		this.#types = new Map(Object.entries(types));
		this.#account = this.#live(null);
	}

	play(event: HistoryEvent, hint: string): void {
		switch (event.kind) {
			case 'arrive':
				return this.#account.arrive(event.identity);
			case 'identify':
				return this.#account.identify(event.identity);
			case 'frames':
				return this.#read(event, hint);
			case 'rest':
				for (const way of ['up', 'down'] as const) {
					const { total, attributed }: Expected = event.expected;
					const booked = sum(this.#book.classes)[way] + this.#book.unattributed[way];
					assert.equal(booked, Math.max(total[way], attributed[way]), `${hint}: the law, ${way}`);
				}
				return;
			case 'checkpoint':
				this.#kept = structuredClone({ checkpoint: this.#account.checkpoint(), book: this.#book });
				return;
			case 'agent restart':
				if (event.from === 'nothing') this.#kept = { checkpoint: null, book: emptyBook() };
				this.#book = structuredClone(this.#kept.book);
				this.#account = this.#live(this.#kept.checkpoint);
		}
	}

	#read({ texts, mono, expected }: Frames, hint: string): void {
		this.#ended = null;
		this.#gaps = 0;
		this.#account.frame(parseSnapshot(Buffer.from(texts.at(-1)!)) as Snapshot, mono);
		const ended = this.#ended as Book | null;
		assert.equal(ended !== null, expected.verdict === 'new', `${hint}: a new run`);
		assert.equal(this.#gaps, expected.verdict === 'doubt' ? 1 : 0, `${hint}: a gap`);
		assert.deepEqual(sum(this.#book.classes), expected.attributed, `${hint}: attributed`);
		assert.deepEqual(some(this.#book.classes), some(expected.classes), `${hint}: classes`);
		assert.deepEqual(some(this.#book.devices), some(expected.devices), `${hint}: devices`);
		assert.deepEqual(this.#book.unattributed, expected.byRule, `${hint}: unattributed`);
		if (!ended) return;
		assert.deepEqual(sum(ended.classes), expected.ended?.attributed, `${hint}: attributed of the run before`);
		assert.deepEqual(ended.unattributed, expected.ended?.byRule, `${hint}: unattributed of the run before`);
	}

	#live(checkpoint: Checkpoint | null): Account {
		const account = new Account(
			{
				grown: ({ sourceIP }, class_, up, down) => {
					add(this.#book.classes, class_, up, down);
					add(this.#book.devices, sourceIP, up, down);
				},
				unattributed: (up, down) => {
					this.#book.unattributed.up += up;
					this.#book.unattributed.down += down;
				},
				newRun: () => {
					this.#ended = this.#book;
					this.#book = emptyBook();
				},
				gap: () => {
					this.#gaps += 1;
				},
			},
			checkpoint,
		);
		account.learnTypes(this.#types);
		return account;
	}
}

/** Throws an AssertionError that names seed, event and what was happening. */
export function play(history: History): void {
	const player = new Player(history);
	history.events.forEach((event, index) => {
		player.play(event, `seed ${history.seed}, event ${index}, ${event.kind} (${event.what})`);
	});
}

function add(table: Table, key: string, up: number, down: number): void {
	table[key] ??= { up: 0, down: 0 };
	table[key].up += up;
	table[key].down += down;
}

function sum(table: Table): Bytes {
	const rows = Object.values(table);
	return { up: rows.reduce((all, { up }) => all + up, 0), down: rows.reduce((all, { down }) => all + down, 0) };
}

/** Only rows with bytes, and of them only the bytes. */
function some(table: Readonly<Record<string, Bytes>>): Table {
	const rows = Object.entries(table).filter(([, { up, down }]) => up + down > 0);
	return Object.fromEntries(rows.map(([key, { up, down }]) => [key, { up, down }]));
}
