// The account against a simulated core that reads in the real one's order: the law of docs/accounting.md over
// random histories. The sums on the other side are the simulation's own truth, or the oracle's over the same frames.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Account, type Checkpoint } from '../../src/engine/account.ts';
import type { CoreIdentity } from '../../src/engine/run.ts';
import type { Bytes, Snapshot } from '../../src/record.ts';
import { SnapshotReader } from '../../src/sources/reader.ts';
import { parseJson } from '../../src/sources/snapshot.ts';
import { Dice } from '../fakes/dice.ts';
import { Simulation } from '../fakes/simulation.ts';

/** Sums of one run of the core, as the account told them event by event. */
interface Book {
	readonly classes: Record<string, Bytes>;
	unattributed: Bytes;
}

const plus = (a: Bytes | undefined, b: Bytes): Bytes => ({ up: (a?.up ?? 0) + b.up, down: (a?.down ?? 0) + b.down });
const minus = (a: Bytes, b: Bytes): Bytes => ({ up: a.up - b.up, down: a.down - b.down });
const all = (table: Readonly<Record<string, Bytes>>) => Object.values(table).reduce(plus, { up: 0, down: 0 });

function typesOf(simulation: Simulation): Map<string, string> {
	const { proxies } = parseJson(simulation.proxiesText()) as { proxies: Record<string, { type: string }> };
	return new Map(Object.entries(proxies).map(([name, { type }]) => [name, type]));
}

/** One random life of a core and its reader; answers the runs' books and the simulation. */
function live(seed: number): { simulation: Simulation; books: Book[] } {
	const dice = new Dice(seed);
	const simulation = new Simulation({
		seed,
		connections: dice.int(0, 60),
		churn: dice.int(0, 30),
		shorts: dice.int(0, 20),
		growing: dice.pick([0.1, 0.5, 1]),
	});
	const books: Book[] = [{ classes: {}, unattributed: { up: 0, down: 0 } }];
	let mono = 1_000_000;
	let processStarted = 1000;
	const identity = (): CoreIdentity => ({ bootId: 'boot', directId: simulation.directId, processStarted });
	const begin = (checkpoint: Checkpoint | null): Account => {
		const account = new Account(
			{
				grown: (_connection, class_, up, down) => {
					const { classes } = books.at(-1)!;
					classes[class_] = plus(classes[class_], { up, down });
				},
				unattributed: (up, down) => {
					const book = books.at(-1)!;
					book.unattributed = plus(book.unattributed, { up, down });
				},
				newRun: () => books.push({ classes: {}, unattributed: { up: 0, down: 0 } }),
			},
			checkpoint,
		);
		account.learnTypes(typesOf(simulation));
		account.arrive(identity());
		return account;
	};
	const reader = new SnapshotReader();
	let account = begin(null);
	const read = () => {
		mono += 1000;
		account.frame(reader.read(simulation.read()) as Snapshot, mono);
	};
	// The baseline is an empty core, so that the whole life counts.
	simulation.restart();
	simulation.rest();
	read();
	simulation.resume();
	for (let steps = dice.int(20, 120); steps > 0; steps -= 1) {
		simulation.step(1000);
		const event = dice.int(0, 40);
		if (event === 0) {
			simulation.restart();
			processStarted = mono + 1;
			account.arrive(identity());
		} else if (event === 1) {
			simulation.reload();
			account.identify(identity());
		} else if (event === 2) {
			const checkpoint = account.checkpoint();
			for (let away = dice.int(0, 5); away > 0; away -= 1) simulation.step(1000);
			if (dice.chance(0.3)) simulation.reload();
			account = begin(JSON.parse(JSON.stringify(checkpoint)));
		}
		read();
	}
	simulation.rest();
	read();
	read();
	read();
	return { simulation, books };
}

const seeds = Number(process.env.NETMON_SEEDS ?? 150);
const first = Number(process.env.NETMON_SEED ?? 1);

test(`it obeys the law over ${seeds} random histories from seed ${first}`, () => {
	let runs = 0;
	let unattributed = 0;
	for (let seed = first; seed < first + seeds; seed += 1) {
		const { simulation, books } = live(seed);
		// The first restart of the simulation made the empty core of the baseline.
		const truth = simulation.truth().slice(1);
		assert.equal(books.length, truth.length, `seed ${seed}: runs`);
		for (const [index, book] of books.entries()) {
			const run = truth[index]!;
			const where = `seed ${seed}, run ${index}`;
			const attributed = all(book.classes);
			const booked = plus(attributed, book.unattributed);
			if (index === books.length - 1) {
				assert.deepEqual(booked, run.total, `${where}: attributed + unattributed at rest`);
				// What no frame said is not attributed, and what a frame said is, by its class.
				assert.deepEqual(attributed, minus(run.total, book.unattributed), where);
			}
			const { up, down } = minus(attributed, all(run.shown.classes as Record<string, Bytes>));
			assert.ok(up === 0 && down === 0, `${where}: attributed is off by ${up}, ${down}`);
			for (const class_ of ['direct', 'proxy'] as const) {
				assert.deepEqual(
					book.classes[class_] ?? { up: 0, down: 0 },
					{ ...(run.shown.classes[class_] ?? { up: 0, down: 0 }) },
					`${where}: ${class_}`,
				);
			}
			unattributed += book.unattributed.down;
			runs += 1;
		}
	}
	assert.ok(runs > seeds * 1.2, `${runs} runs: some histories hold restarts of the core`);
	assert.ok(unattributed > 0, 'some bytes were shown by no frame');
});
