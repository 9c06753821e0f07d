import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Account, type AccountEvents, type Checkpoint } from '../../src/engine/account.ts';
import type { CoreIdentity } from '../../src/engine/run.ts';
import type { Bytes, Snapshot } from '../../src/record.ts';
import { parseSnapshot } from '../../src/sources/snapshot.ts';

interface Run {
	readonly total: Bytes;
	readonly attributed: Bytes;
	readonly unattributed: Bytes;
	readonly classes: Record<string, Bytes>;
	readonly devices: Record<string, Bytes>;
	/** Two wrong ways; only where the recording has frames to go wrong on. */
	readonly perFrameClampWouldSay?: Bytes;
	readonly addingTheUncountedWouldSay?: Bytes;
}

/** Books what the account tells, apart from the account's own sums: one book for each run. */
class Books {
	readonly runs: { classes: Record<string, Bytes>; devices: Record<string, Bytes>; unattributed: Bytes }[] = [];
	readonly gaps: string[] = [];

	readonly events: AccountEvents = {
		grown: (connection, class_, up, down) => {
			book(this.#run.classes, class_, up, down);
			book(this.#run.devices, connection.sourceIP, up, down);
		},
		unattributed: (up, down) => {
			this.#run.unattributed = { up: this.#run.unattributed.up + up, down: this.#run.unattributed.down + down };
		},
		newRun: () => this.begin(),
		gap: (what) => this.gaps.push(what),
	};

	constructor() {
		this.begin();
	}

	begin() {
		this.runs.push({ classes: {}, devices: {}, unattributed: { up: 0, down: 0 } });
	}

	get #run() {
		return this.runs.at(-1)!;
	}
}

function book(table: Record<string, Bytes>, key: string, up: number, down: number) {
	const before = table[key] ?? { up: 0, down: 0 };
	table[key] = { up: before.up + up, down: before.down + down };
}

function sum(table: Record<string, Bytes>): Bytes {
	return Object.values(table).reduce((all, { up, down }) => ({ up: all.up + up, down: all.down + down }), {
		up: 0,
		down: 0,
	});
}

/** Like expected classes, but only those with bytes and without the count of connections. */
function bytesOnly(table: Record<string, Bytes>): Record<string, Bytes> {
	const rows = Object.entries(table).map(([key, { up, down }]) => [key, { up, down }] as const);
	return Object.fromEntries(rows.filter(([, { up, down }]) => up + down > 0));
}

function expectedOf(name: string): { types: Record<string, string>; runs: Run[] } {
	const file = JSON.parse(readFileSync(`test/fixtures/mihomo/${name}.expected.json`, 'utf8'));
	return { types: file.types, runs: file.fromTheFrames ?? file.runs };
}

for (const name of ['mixed', 'restart', 'restart-unseen', 'bulk']) {
	const expected = expectedOf(name);
	const frames = readFileSync(`test/fixtures/mihomo/${name}.jsonl`).toString().trim().split('\n');

	/** Reads the recording; `restartAt` = the agent is started anew before that frame, from its checkpoint. */
	function read({ restartAt }: { restartAt: number | null }): { books: Books; account: Account } {
		const books = new Books();
		let account = new Account(books.events);
		account.learnTypes(new Map(Object.entries(expected.types)));
		for (const [index, text] of frames.entries()) {
			if (index === restartAt) {
				account = new Account(books.events, JSON.parse(JSON.stringify(account.checkpoint())) as Checkpoint);
				account.learnTypes(new Map(Object.entries(expected.types)));
			}
			account.frame(parseSnapshot(Buffer.from(text)) as Snapshot, index * 1000);
		}
		return { books, account };
	}

	test(`it finds in ${name} what the plainest correct reader finds, per run, class and device`, () => {
		const { books, account } = read({ restartAt: null });
		assert.equal(books.runs.length, expected.runs.length);
		for (const [index, run] of expected.runs.entries()) {
			assert.deepEqual(sum(books.runs[index]!.classes), run.attributed);
			assert.deepEqual(books.runs[index]!.unattributed, run.unattributed);
			assert.deepEqual(bytesOnly(books.runs[index]!.classes), bytesOnly(run.classes));
			assert.deepEqual(bytesOnly(books.runs[index]!.devices), bytesOnly(run.devices));
		}
		assert.deepEqual(books.gaps, []);
		const totals = account.totals();
		assert.deepEqual(totals.core, {
			up: totals.attributed.up + totals.unattributed.up,
			down: totals.attributed.down + totals.unattributed.down,
		});
		assert.deepEqual(totals.core, sum(Object.fromEntries(expected.runs.map((run, index) => [index, run.total]))));
	});

	test(`it finds the same in ${name} when the agent is restarted before any frame`, () => {
		for (let restartAt = 1; restartAt < frames.length; restartAt += 1) {
			const { books } = read({ restartAt });
			for (const [index, run] of expected.runs.entries()) {
				assert.deepEqual(sum(books.runs[index]!.classes), run.attributed, `restart before frame ${restartAt}`);
				assert.deepEqual(books.runs[index]!.unattributed, run.unattributed, `restart before frame ${restartAt}`);
			}
		}
	});
}

test('it is tried on recordings that tell the two wrong ways apart', () => {
	const runs = ['mixed', 'restart', 'bulk'].flatMap((name) => expectedOf(name).runs);
	assert.ok(runs.some((run) => run.perFrameClampWouldSay!.down !== run.unattributed.down));
	assert.ok(runs.some((run) => run.addingTheUncountedWouldSay!.down !== run.attributed.down));
});

// From here on frames are made by hand: the totals and the connections' counters, in bytes of download unless said.

const core: CoreIdentity = { bootId: 'boot-1', directId: 'direct-1', processStarted: 1000 };

function frame(total: number, connections: Record<string, number>, start = 's'): Snapshot {
	const list = Object.entries(connections).map(([id, download]) => ({
		id,
		upload: 0,
		download,
		start,
		chains: ['DIRECT'],
	}));
	return parseSnapshot(
		Buffer.from(JSON.stringify({ downloadTotal: total, uploadTotal: 0, connections: list })),
	) as Snapshot;
}

function opened(checkpoint: Checkpoint | null = null): { account: Account; books: Books } {
	const books = new Books();
	const account = new Account(books.events, checkpoint);
	account.learnTypes(new Map([['DIRECT', 'Direct']]));
	account.arrive(core);
	return { account, books };
}

/** Download booked in all runs: attributed and unattributed. */
function booked(books: Books): { attributed: number; unattributed: number } {
	return {
		attributed: books.runs.reduce((all, run) => all + sum(run.classes).down, 0),
		unattributed: books.runs.reduce((all, run) => all + run.unattributed.down, 0),
	};
}

function rest(account: Account, snapshot: Snapshot) {
	for (let times = 0; times < 3; times += 1) account.frame(snapshot, 10_000 + times);
}

test('it takes the first frame of its first life as the baseline and counts nothing of it', () => {
	const { account, books } = opened();
	account.frame(frame(1_000_000, { a: 400_000 }), 1000);
	account.frame(frame(1_000_700, { a: 400_500, b: 100 }), 2000);
	rest(account, frame(1_000_700, { a: 400_500, b: 100 }));
	assert.deepEqual(booked(books), { attributed: 600, unattributed: 100 });
});

test('it corrects the unattributed bytes downwards when rest shows that they were listed after all', () => {
	const { account, books } = opened();
	account.frame(frame(0, {}), 0);
	// Two walks in a row miss another new connection each; the gap never closes while traffic flows.
	for (let step = 1; step <= 8; step += 1) {
		const listed = Object.fromEntries(Array.from({ length: step - 1 }, (_, index) => [`c${index}`, 100]));
		account.frame(frame(step * 100, listed), step * 1000);
	}
	assert.deepEqual(booked(books), { attributed: 700, unattributed: 100 });
	rest(account, frame(800, Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`c${index}`, 100]))));
	assert.deepEqual(booked(books), { attributed: 800, unattributed: 0 });
});

test('it never takes counters ahead of the totals for missing bytes, nor forgets that they were ahead', () => {
	const { account, books } = opened();
	account.frame(frame(0, {}), 0);
	account.frame(frame(1000, { a: 5000 }), 1000);
	account.frame(frame(5000, { a: 5000 }), 2000);
	rest(account, frame(5000, { a: 5000 }));
	assert.deepEqual(booked(books), { attributed: 5000, unattributed: 0 });
});

test('it counts a run that was seen to begin from 0, and closes the run before with its last gap', () => {
	const { account, books } = opened();
	account.frame(frame(0, {}), 0);
	account.frame(frame(900, { a: 300 }), 1000);
	account.frame(frame(50, { z: 50 }), 2000);
	rest(account, frame(50, { z: 50 }));
	assert.deepEqual(booked(books), { attributed: 350, unattributed: 600 });
	assert.equal(account.runs, 2);
});

const restarts: readonly (readonly [
	string,
	Partial<CoreIdentity>,
	Snapshot,
	{ attributed: number; unattributed: number; runs: number; gaps: number },
])[] = [
	// Before: base 0, total 1,000,000, connection a with 400,000 (so 600,000 were never listed).
	[
		'the same core that went on',
		{},
		frame(1_500_000, { a: 800_000 }),
		{ attributed: 800_000, unattributed: 700_000, runs: 1, gaps: 0 },
	],
	[
		'a reload, connections staying',
		{ directId: 'direct-2' },
		frame(1_500_000, { a: 800_000 }),
		{ attributed: 800_000, unattributed: 700_000, runs: 1, gaps: 0 },
	],
	[
		'a reload, all connections closed since',
		{ directId: 'direct-2' },
		frame(1_500_000, { n: 1000 }),
		{ attributed: 401_000, unattributed: 1_099_000, runs: 1, gaps: 1 },
	],
	[
		'a reload without any connection',
		{ directId: 'direct-2' },
		frame(1_000_000, {}),
		{ attributed: 400_000, unattributed: 600_000, runs: 1, gaps: 1 },
	],
	[
		'a restart whose totals are lower',
		{ directId: 'direct-2' },
		frame(700, { n: 700 }),
		{ attributed: 400_700, unattributed: 600_000, runs: 2, gaps: 0 },
	],
	[
		'a restart with higher totals, proved by what is listed',
		{ directId: 'direct-2' },
		frame(9_000_000, { n: 9_100_000 }),
		{ attributed: 9_500_000, unattributed: 600_000, runs: 2, gaps: 0 },
	],
	[
		'a restart with higher totals, proved by the age of the process',
		{ directId: 'direct-2', processStarted: 90_000 },
		frame(1_200_000, { n: 200_000 }),
		{ attributed: 600_000, unattributed: 1_600_000, runs: 2, gaps: 0 },
	],
	[
		'a restart with higher totals and no proof',
		{ directId: 'direct-2', processStarted: null },
		frame(1_200_000, { n: 150_000 }),
		{ attributed: 550_000, unattributed: 650_000, runs: 1, gaps: 1 },
	],
	[
		'a reboot, whatever the totals say',
		{ bootId: 'boot-2', directId: 'direct-2' },
		frame(1_200_000, { n: 150_000 }),
		{ attributed: 550_000, unattributed: 1_650_000, runs: 2, gaps: 0 },
	],
	[
		'a remote core whose boot is unknown',
		{ bootId: null },
		frame(1_500_000, { a: 800_000 }),
		{ attributed: 800_000, unattributed: 700_000, runs: 1, gaps: 0 },
	],
];
for (const [what, change, after, expected] of restarts) {
	for (const how of ['its stream was lost', 'the agent was restarted'] as const) {
		test(`it counts right when ${how}: ${what}`, () => {
			const first = opened();
			first.account.frame(frame(0, {}), 1000);
			rest(first.account, frame(1_000_000, { a: 400_000 }));
			const second =
				how === 'the agent was restarted' ? opened(JSON.parse(JSON.stringify(first.account.checkpoint()))) : first;
			second.account.arrive({ ...core, ...change });
			second.account.frame(after, 100_000);
			rest(second.account, after);
			const sums = [first.books, second.books].filter((books, index, all) => all.indexOf(books) === index).map(booked);
			assert.deepEqual(
				{
					attributed: sums.reduce((all, { attributed }) => all + attributed, 0),
					unattributed: sums.reduce((all, { unattributed }) => all + unattributed, 0),
					runs: second.account.runs,
					gaps: second.books.gaps.length,
				},
				expected,
			);
		});
	}
}

test('it takes an id that begins again for another connection and counts it in full', () => {
	const { account, books } = opened();
	account.frame(frame(0, {}), 0);
	account.frame(frame(500, { a: 500 }, 'first'), 1000);
	account.frame(frame(800, { a: 300 }, 'second'), 2000);
	rest(account, frame(800, { a: 300 }, 'second'));
	assert.deepEqual(booked(books), { attributed: 800, unattributed: 0 });
});

test('it takes nothing back when a counter falls, and counts on from there', () => {
	const { account, books } = opened();
	account.frame(frame(0, {}), 0);
	account.frame(frame(500, { a: 500 }), 1000);
	account.frame(frame(600, { a: 100 }), 2000);
	account.frame(frame(650, { a: 150 }), 3000);
	rest(account, frame(650, { a: 150 }));
	assert.deepEqual(booked(books), { attributed: 550, unattributed: 100 });
});

test('it lets the bytes of an unknown leaf wait for its type, and judges by the name what the core does not tell', () => {
	const books = new Books();
	const account = new Account(books.events);
	account.frame(frame(0, {}), 0);
	const list = [
		{ id: 'a', upload: 0, download: 70, chains: ['WAN2'] },
		{ id: 'b', upload: 0, download: 30, chains: ['DIRECT'] },
	];
	account.frame(
		parseSnapshot(Buffer.from(JSON.stringify({ downloadTotal: 100, uploadTotal: 0, connections: list }))) as Snapshot,
		1000,
	);
	assert.deepEqual(books.runs[0]!.classes, {});
	assert.deepEqual(account.totals().attributed, { up: 0, down: 100 });
	assert.deepEqual([...account.unknownLeaves], ['WAN2', 'DIRECT']);
	account.learnTypes(new Map([['WAN2', 'Direct']]));
	assert.deepEqual(books.runs[0]!.classes, { direct: { up: 0, down: 100 } });
	assert.deepEqual([...account.unknownLeaves], []);
});

test('it finds again in a later life what waited for its class, whether the connection is still there or not', () => {
	for (const isOpen of [true, false]) {
		const { account, books } = opened();
		account.frame(frame(0, {}), 0);
		const list = [{ id: 'a', upload: 0, download: 70, chains: ['WAN2'] }];
		const text = (connections: object[]) =>
			Buffer.from(JSON.stringify({ downloadTotal: 70, uploadTotal: 0, connections }));
		account.frame(parseSnapshot(text(list)) as Snapshot, 1000);
		assert.deepEqual(booked(books), { attributed: 0, unattributed: 0 });
		const later = opened(JSON.parse(JSON.stringify(account.checkpoint())));
		later.account.learnTypes(new Map([['WAN2', 'Direct']]));
		rest(later.account, parseSnapshot(text(isOpen ? list : [])) as Snapshot);
		const found = isOpen ? { attributed: 70, unattributed: 0 } : { attributed: 0, unattributed: 70 };
		assert.deepEqual(booked(later.books), found);
		assert.equal(later.account.totals().core.down, 70);
	}
});
