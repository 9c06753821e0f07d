import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Cells } from '../../src/master/booking/cells.ts';
import { type CellTexts, dimensions, otherClasses } from '../../src/master/booking/dimension.ts';
import { namelessCell } from '../../src/master/booking/recordcell.ts';
import { masterApplicationId, masterSchema } from '../../src/master/booking/schema.ts';
import { Spread } from '../../src/master/booking/spread.ts';
import { Texts } from '../../src/master/booking/texts.ts';
import { Totals } from '../../src/master/booking/totals.ts';
import { type Database, openDatabase } from '../../src/system/database.ts';
import { FakeDisk } from '../fakes/disk.ts';
import { scratchFolder } from '../fakes/master.ts';
import { randomFrom } from '../fakes/random.ts';

const seed = Number(process.env.NETMON_SEED ?? 1);

function booksOn(database: Database) {
	const texts = new Texts(database);
	const cells = new Cells(database, texts);
	const spread = new Spread({ texts, cells, otherClasses });
	return { texts, cells, totals: new Totals(database, { cells, spread }) };
}

/** What `total` says: by agent ('' = all) and dimension and value, and by network, rule type and class. */
function told(database: Database): string[] {
	const name = (code: string) => `coalesce((SELECT value FROM text WHERE id = ${code}), '')`;
	const statement = database.prepare<[], { at: string; n: number; u: number; d: number }>(
		`SELECT ${['agent', 'network', 'rule_type', 'class'].map((column) => name(`slot.${column}`)).join(" || ' ' || ")} || ' '
		|| (k >> 32 & 15) || ' ' || ${name('(k & 4294967295)')} AS at, n, u, d FROM total
		LEFT JOIN slot ON slot.id = k >> 36 WHERE n != 0 OR u != 0 OR d != 0`,
	);
	const rows = statement.all().map(({ at, n, u, d }) => `${at}: ${n} ${u} ${d}`);
	statement.free();
	return rows.sort();
}

/** The same, added up here. */
class Truth {
	readonly #sums = new Map<string, [number, number, number]>();

	add(cell: CellTexts, n: number, up: number, down: number): void {
		const other = otherClasses.includes(cell.class);
		const values: [code: number, value: string][] = other ? [] : [[dimensions.all.code, '']];
		for (const { name, code } of Object.values(dimensions)) {
			if (name === 'all' || (other && name !== 'class')) continue;
			if (name === 'geoip') for (const tag of JSON.parse(cell.geoip)) values.push([code, tag]);
			else values.push([code, cell[name as keyof CellTexts]]);
		}
		for (const slot of ['   ', `${cell.agent}   `, ` ${cell.network} ${cell.rule_type} ${cell.class}`]) {
			for (const [code, value] of values) {
				const key = `${slot} ${code} ${value}`;
				const sums = this.#sums.get(key) ?? [0, 0, 0];
				this.#sums.set(key, [sums[0] + n, sums[1] + up, sums[2] + down]);
			}
		}
	}

	told(): string[] {
		return [...this.#sums]
			.filter(([, sums]) => sums.some((sum) => sum !== 0))
			.map(([at, sums]) => `${at}: ${sums.join(' ')}`)
			.sort();
	}
}

test(`it owes nothing once it is settled, whatever failed or ended before (seed ${seed})`, async (t) => {
	const path = join(scratchFolder(t), 'totals.db');
	const database = await openDatabase(path, { applicationId: masterApplicationId, schema: masterSchema });
	if ('damaged' in database) throw new Error(database.damaged);
	t.after(() => database.close());
	const random = randomFrom(seed);
	const pick = (count: number) => Math.floor(random() * count);
	const cellTexts = (): CellTexts => {
		const className = ['direct', 'proxy', 'wan'][pick(3)]!;
		const plain = namelessCell(`agent${pick(2)}`, className, 'any', null);
		const geoip = ['[""]', '["cn"]', '["us","cloud"]'][pick(3)]!;
		return { ...plain, network: ['tcp', 'udp'][pick(2)]!, host: `h${pick(30)}.example`, geoip };
	};
	const truth = new Truth();
	let books = booksOn(database);
	let notes = 0;
	const owed = () => Number(database.value('SELECT count(*) FROM owed'));
	for (let round = 0; round < 120; round += 1) {
		const added = Array.from({ length: 1 + pick(6) }, () => {
			const sums: [number, number, number] = [pick(3) - 1, pick(1000), pick(1000) - 400];
			return { texts: cellTexts(), sums };
		});
		const fails = pick(5) === 0;
		const work = () => {
			for (const { texts, sums } of added) books.cells.add(books.cells.ofTexts(texts), ...sums);
			books.cells.eachChanged((cell, n, up, down) => books.totals.add(cell, n, up, down));
			books.totals.flush();
			books.cells.flush();
			if (fails) throw new Error('taken back');
		};
		if (fails) {
			assert.throws(() => database.transaction(work), /taken back/);
			for (const one of [books.texts, books.cells, books.totals]) one.forget();
		} else {
			const before = owed();
			database.transaction(work);
			for (const { texts, sums } of added) truth.add(texts, ...sums);
			if (owed() > before) notes += 1;
		}
		// A program that was killed, and its next start.
		if (pick(6) === 0) books = booksOn(database);
		if (pick(10) > 0 && round < 119) continue;
		database.transaction(() => books.totals.settle());
		assert.equal(owed(), 0);
		assert.ok(books.totals.areSettled);
		assert.deepEqual(told(database), truth.told(), `round ${round}`);
	}
	assert.ok(notes > 50, `${notes} notes`);
});

async function openOn(disk: FakeDisk): Promise<Database> {
	const options = { disk, applicationId: masterApplicationId, schema: masterSchema, check: 'header' } as const;
	const database = await openDatabase('/state/totals.db', options);
	if ('damaged' in database) throw new Error(database.damaged);
	return database;
}

/** Some notes that nobody has settled, over several pages, and what they come to. */
async function owing(): Promise<{ readonly disk: FakeDisk; readonly truth: Truth }> {
	const disk = new FakeDisk();
	const truth = new Truth();
	const database = await openOn(disk);
	const { texts, cells, totals } = booksOn(database);
	for (let round = 0; round < 4; round += 1) {
		database.transaction(() => {
			for (let at = 0; at < 50; at += 1) {
				const cell = {
					...namelessCell('attic', 'direct', `round ${round}`, null),
					geoip: '["cn"]',
					host: `h${at}`,
				};
				cells.add(cells.ofTexts(cell), 1, at, 1000);
				truth.add(cell, 1, at, 1000);
			}
			cells.eachChanged((cell, n, up, down) => totals.add(cell, n, up, down));
			totals.flush();
			cells.flush();
		});
	}
	texts.forget();
	assert.equal(database.value('SELECT count(*) FROM owed'), 4);
	return { disk: disk.afterKill(), truth };
}

test('it brings every note to the table once, wherever it was killed', async () => {
	const { disk, truth } = await owing();
	const left = { noted: 0, settled: 0 };
	for (let call = 1; left.settled === 0; call += 1) {
		const tried = disk.afterKill();
		const database = await openOn(tried);
		const { totals } = booksOn(database);
		tried.fault = { call: tried.calls + call, code: 'EIO', forever: true };
		try {
			database.transaction(() => totals.settle());
		} catch {
			// It was killed at this call.
		}
		const again = await openOn(tried.afterKill());
		left[again.value('SELECT count(*) FROM owed') === 4 ? 'noted' : 'settled'] += 1;
		again.transaction(() => booksOn(again).totals.settle());
		assert.equal(again.value('SELECT count(*) FROM owed'), 0);
		assert.deepEqual(told(again), truth.told(), `call ${call}`);
		again.close();
	}
	assert.ok(left.noted > 5, JSON.stringify(left));
});

test('it reads all that it owes again where a page could not be read', async () => {
	const { disk, truth } = await owing();
	let failed = 0;
	for (let call = 1; ; call += 1) {
		const tried = disk.afterKill();
		const database = await openOn(tried);
		const { totals } = booksOn(database);
		tried.fault = { call: tried.calls + call, code: 'EIO', forever: false };
		let isRead = false;
		try {
			isRead = !totals.areSettled;
		} catch {
			failed += 1;
		}
		tried.fault = null;
		database.transaction(() => totals.settle());
		assert.deepEqual(told(database), truth.told(), `call ${call}`);
		database.close();
		if (isRead) break;
	}
	assert.ok(failed > 3, `${failed} times`);
});

test('it owes much after many notes, however few sums they are of', async () => {
	const database = await openOn(new FakeDisk());
	const { cells, totals } = booksOn(database);
	const place = cells.ofTexts({ ...namelessCell('attic', 'direct', 'any', null), geoip: '["cn"]' });
	cells.flush();
	let notes = 0;
	for (; !totals.areMany; notes += 1) {
		for (let at = 0; at < 5_000; at += 1) totals.add(place, 1, 10, 100);
		totals.flush();
	}
	assert.ok(notes > 10 && notes < 100, `${notes} notes`);
	totals.settle();
	assert.ok(!totals.areMany);
	assert.equal(database.value('SELECT n FROM total WHERE k = 0'), notes * 5_000);
	database.close();
});
