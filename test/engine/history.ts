// Plays one random history (test/fakes/history.ts) to the account, and holds its books against what the history says
// must be found.
import assert from 'node:assert/strict';
import { Account, type Checkpoint } from '../../src/engine/account.ts';
import { type Bytes, noBytes, type Snapshot } from '../../src/record.ts';
import { SnapshotReader } from '../../src/sources/reader.ts';
import { type HistoryEvent, makeHistory } from '../fakes/history.ts';
import type { Expected } from '../fakes/historyoracle.ts';

type Table = Record<string, Bytes>;

/** One run of the core as the account's events told it. */
interface Book {
	readonly classes: Table;
	readonly devices: Table;
	unattributed: Bytes;
}

const plus = (a: Bytes | undefined, b: Bytes): Bytes => ({ up: (a?.up ?? 0) + b.up, down: (a?.down ?? 0) + b.down });
const sum = (table: Table): Bytes => Object.values(table).reduce(plus, noBytes);
const emptyBook = (): Book => ({ classes: {}, devices: {}, unattributed: noBytes });
const onlyBytes = (table: Readonly<Record<string, Bytes>>): Table =>
	Object.fromEntries(
		Object.entries(table)
			.filter(([, { up, down }]) => up + down > 0)
			.map(([name, { up, down }]) => [name, { up, down }]),
	);

/** Throws where the account and the history differ; answers how many runs the history had. */
export function playHistory(seed: number): number {
	const { events, types } = makeHistory(seed);
	const player = new Player(types);
	for (const event of events) player.play(event, `seed ${seed}, ${event.kind} at ${event.mono} (${event.what})`);
	return player.runs;
}

class Player {
	readonly #types: ReadonlyMap<string, string>;
	readonly #reader = new SnapshotReader();
	#account: Account;
	#books: Book[] = [emptyBook()];
	#gaps = 0;
	#kept: { readonly checkpoint: Checkpoint | null; readonly books: Book[] } = {
		checkpoint: null,
		books: [emptyBook()],
	};

	constructor(types: Readonly<Record<string, string>>) {
		this.#types = new Map(Object.entries(types));
		this.#account = this.#open(null);
	}

	get runs(): number {
		return this.#books.length;
	}

	play(event: HistoryEvent, where: string): void {
		switch (event.kind) {
			case 'arrive':
				return this.#account.arrive(event.identity);
			case 'identify':
				return this.#account.identify(event.identity);
			case 'frames':
				return this.#frames(event, where);
			case 'rest':
				return this.#rest(event.expected, where);
			case 'checkpoint':
				this.#kept = structuredClone({ checkpoint: this.#account.checkpoint(), books: this.#books });
				return;
			case 'agent restart': {
				const kept =
					event.from === 'checkpoint' ? structuredClone(this.#kept) : { checkpoint: null, books: [emptyBook()] };
				this.#books = kept.books;
				this.#account = this.#open(kept.checkpoint);
				return;
			}
			case 'lost':
				this.#reader.forget();
		}
	}

	#open(checkpoint: Checkpoint | null): Account {
		const account = new Account(
			{
				grown: (connection, class_, up, down) => {
					const { classes, devices } = this.#books.at(-1)!;
					classes[class_] = plus(classes[class_], { up, down });
					devices[connection.sourceIP] = plus(devices[connection.sourceIP], { up, down });
				},
				unattributed: (up, down) => {
					const book = this.#books.at(-1)!;
					book.unattributed = plus(book.unattributed, { up, down });
				},
				newRun: () => this.#books.push(emptyBook()),
				gap: () => {
					this.#gaps += 1;
				},
			},
			checkpoint,
		);
		account.learnTypes(this.#types);
		return account;
	}

	#frames({ texts, expected, mono }: Extract<HistoryEvent, { kind: 'frames' }>, where: string): void {
		const runs = this.#books.length;
		const gaps = this.#gaps;
		// Frames that arrive together: the source hands on the last.
		this.#account.frame(this.#reader.read(Buffer.from(texts.at(-1)!)) as Snapshot, mono);
		assert.equal(this.#books.length - runs, expected.verdict === 'new' ? 1 : 0, `${where}: ${expected.verdict}`);
		assert.equal(this.#gaps - gaps, expected.verdict === 'doubt' ? 1 : 0, `${where}: gaps`);
		this.#attributed(expected, where);
		const { unattributed } = this.#books.at(-1)!;
		assert.deepEqual(unattributed, expected.byRule, `${where}: unattributed`);
		for (const way of ['up', 'down'] as const) {
			assert.ok(unattributed[way] >= 0 && unattributed[way] <= Math.max(0, expected.largestGap[way]), where);
		}
		if (!expected.ended) return;
		assert.deepEqual(this.#books.at(-2)!.unattributed, expected.ended.byRule, `${where}: the run that ended`);
		for (const way of ['up', 'down'] as const) {
			const { gap, largestGap } = expected.ended;
			const booked = this.#books.at(-2)!.unattributed[way];
			assert.ok(booked >= gap[way] && booked <= Math.max(0, largestGap[way]), `${where}: the run that ended`);
		}
	}

	#rest(expected: Expected, where: string): void {
		this.#attributed(expected, where);
		const { classes, unattributed } = this.#books.at(-1)!;
		const { total, attributed } = expected;
		assert.deepEqual(
			plus(sum(classes), unattributed),
			{ up: Math.max(total.up, attributed.up), down: Math.max(total.down, attributed.down) },
			`${where}: the law`,
		);
	}

	#attributed(expected: Expected, where: string): void {
		const { classes, devices } = this.#books.at(-1)!;
		assert.deepEqual(sum(classes), expected.attributed, `${where}: attributed`);
		assert.deepEqual(onlyBytes(classes), onlyBytes(expected.classes), `${where}: classes`);
		assert.deepEqual(onlyBytes(devices), onlyBytes(expected.devices), `${where}: devices`);
	}
}
