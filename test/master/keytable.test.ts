import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { hashLimit } from '../../src/master/booking/hash.ts';
import { KeyTable } from '../../src/master/booking/keytable.ts';
import { masterApplicationId, masterSchema } from '../../src/master/booking/schema.ts';
import { openDatabase } from '../../src/system/database.ts';
import { scratchFolder } from '../fakes/master.ts';
import { randomFrom } from '../fakes/random.ts';

const seed = Number(process.env.NETMON_SEED ?? 1);

test(`it finds each key wherever it is, and lets few wait (seed ${seed})`, async (t) => {
	const path = join(scratchFolder(t), 'keys.db');
	const database = await openDatabase(path, { applicationId: masterApplicationId, schema: masterSchema });
	if ('damaged' in database) throw new Error(database.damaged);
	t.after(() => database.close());
	const random = randomFrom(seed);
	const most = 200;
	const known = new Map<number, number>([[hashLimit - 1, 7]]);
	const count = (table: string) => Number(database.value(`SELECT count(*) FROM ${table}`));
	let keys = new KeyTable(database, 'connection_key', most);
	database.transaction(() => {
		keys.add(hashLimit - 1, 7);
		keys.flush();
	});
	for (let round = 0; round < 40; round += 1) {
		// A program that was started again knows what waits.
		if (round % 10 === 9) keys = new KeyTable(database, 'connection_key', most);
		const fresh = [...new Set(Array.from({ length: 90 }, () => Math.floor(random() * hashLimit)))];
		const kept = round % 4 !== 3;
		const work = () => {
			for (const key of fresh.filter((one) => !known.has(one)).sort((a, b) => a - b)) {
				keys.add(key, key % 1_000_003);
				if (kept) known.set(key, key % 1_000_003);
			}
			keys.flush();
			if (!kept) throw new Error('taken back');
		};
		if (kept) database.transaction(work);
		else {
			assert.throws(() => database.transaction(work), /taken back/);
			keys.forget();
		}
		// As `erase` takes some away that wait, unseen.
		const waiting = database.prepare<[], { h: number }>('SELECT h FROM new_connection_key ORDER BY h LIMIT 5');
		for (const { h } of waiting.all()) {
			database.exec(`DELETE FROM new_connection_key WHERE h = ${h}`);
			known.delete(h);
		}
		waiting.free();
		assert.ok(count('new_connection_key') <= most);
		assert.equal(count('connection_key_all'), known.size);
		for (const [key, id] of known) assert.equal(keys.find(key), id);
		assert.equal(keys.find(Math.floor(random() * hashLimit)), undefined);
	}
	assert.ok(count('connection_key') > 1500);
});
