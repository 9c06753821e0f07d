import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HashFilter } from '../../src/master/booking/hashfilter.ts';
import { KeyTable } from '../../src/master/booking/keytable.ts';
import { masterApplicationId, masterSchema } from '../../src/master/booking/schema.ts';
import { openDatabase } from '../../src/system/database.ts';
import { scratchFolder } from '../fakes/master.ts';
import { randomFrom } from '../fakes/random.ts';

const seed = Number(process.env.NETMON_SEED ?? 1);
const generation = 65_536;

async function openTable(t: TestContext) {
	const path = join(scratchFolder(t), 'keys.db');
	const database = await openDatabase(path, { applicationId: masterApplicationId, schema: masterSchema });
	if ('damaged' in database) throw new Error(database.damaged);
	t.after(() => database.close());
	const insert = database.prepare<[number]>("INSERT INTO connection VALUES (?, '', 0, 0, 0, 0, 0, 0, 0, 1, 0, 1)");
	const erase = database.prepare<[number, number]>('DELETE FROM connection WHERE id >= ? AND id < ?');
	const filters = () => database.prepare<[], { generation: number }>('SELECT generation FROM connection_filter').all();
	/** Numbers found with a hash. */
	const found = (keys: KeyTable, hash: number) => {
		const all: number[] = [];
		keys.find(hash, (id) => all.push(id) === 0);
		return all;
	};
	return { database, insert, erase, filters, found };
}

test(`it finds each key in whichever generation it is, after restarts and what was taken back (seed ${seed})`, async (t) => {
	const { database, insert, found } = await openTable(t);
	const random = randomFrom(seed);
	const known = new Map<number, number[]>();
	let keys = new KeyTable(database);
	let next = generation - 300;
	for (let round = 0; round < 40; round += 1) {
		if (round % 10 === 9) keys = new KeyTable(database);
		// Few hashes, so that some are shared; and now and then the next generation begins within a transaction.
		const fresh = Array.from({ length: 90 }, (_, at) => ({
			id: next + at,
			hash: Math.floor(random() * 1000) * 4_000_037,
		}));
		const kept = round % 4 !== 3;
		const work = () => {
			for (const { id, hash } of fresh) {
				insert.run(id);
				keys.add(hash, id);
			}
			keys.flush();
			if (!kept) throw new Error('taken back');
		};
		if (kept) {
			database.transaction(work);
			for (const { id, hash } of fresh) known.set(hash, [...(known.get(hash) ?? []), id]);
			next += round % 5 === 4 ? generation : 90;
		} else {
			assert.throws(() => database.transaction(work), /taken back/);
			keys.forget();
		}
		for (const [hash, ids] of known)
			assert.deepEqual(
				found(keys, hash).sort((a, b) => a - b),
				ids,
			);
		assert.deepEqual(found(keys, 5), []);
	}
	assert.ok(next > 5 * generation);
});

test('it keeps the filters of full generations in the file, of those that have connections', async (t) => {
	const { database, insert, erase, filters, found } = await openTable(t);
	const add = (keys: KeyTable, id: number, hash: number) =>
		database.transaction(() => {
			insert.run(id);
			keys.add(hash, id);
			keys.flush();
		});
	const keys = new KeyTable(database);
	for (const [at, id] of [1, generation, 2 * generation, 3 * generation].entries()) add(keys, id, 1000 + at);
	assert.deepEqual(
		filters().map((one) => one.generation),
		[0, 1, 2],
	);
	erase.run(0, 2 * generation);
	add(keys, 4 * generation, 1004);
	assert.deepEqual(
		filters().map((one) => one.generation),
		[2, 3],
	);
	// The newest connections are erased, their numbers given again: the filter that was kept of them must not be believed.
	erase.run(3 * generation, 9 * generation);
	database.exec(`DELETE FROM connection_key WHERE connection >= ${3 * generation}`);
	const again = new KeyTable(database);
	add(again, 2 * generation + 1, 2001);
	add(again, 3 * generation, 2002);
	const restarted = new KeyTable(database);
	assert.deepEqual(found(restarted, 2001), [2 * generation + 1]);
	add(restarted, 4 * generation, 2003);
	const last = new KeyTable(database);
	assert.deepEqual(
		[1002, 2001, 2002, 2003, 1003].map((hash) => found(last, hash)),
		[[2 * generation], [2 * generation + 1], [3 * generation], [4 * generation], []],
	);
});

test('it believes no filter of numbers that were given again, whenever it is read', async (t) => {
	const { database, insert, erase, filters, found } = await openTable(t);
	const add = (id: number, hash: number) =>
		database.transaction(() => {
			const keys = new KeyTable(database);
			insert.run(id);
			keys.add(hash, id);
			keys.flush();
		});
	for (const [at, id] of [1, generation, 2 * generation].entries()) add(id, 1000 + at);
	assert.ok(filters().some((one) => one.generation === 1));
	erase.run(generation, 9 * generation);
	database.exec(`DELETE FROM connection_key WHERE connection >= ${generation}`);
	// The last number of a generation: the next read takes it for one that is full.
	add(2 * generation - 1, 2001);
	assert.deepEqual(found(new KeyTable(database), 2001), [2 * generation - 1]);
});

test('it asks the file for one in a hundred of those that nobody knows, at most', () => {
	const random = randomFrom(seed);
	const hash = () => Math.floor(random() * 2 ** 32);
	const filter = new HashFilter();
	for (let at = 0; at < generation; at += 1) filter.add(3, hash());
	let allowed = 0;
	for (let at = 0; at < 20_000; at += 1) if (filter.newest(hash()) >= 0) allowed += 1;
	assert.ok(allowed < 200, `${allowed} of 20,000`);
});
