import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { masterApplicationId, masterSchema } from '../../src/master/booking/schema.ts';
import { Vault } from '../../src/master/store/vault.ts';
import { type Database, openDatabase } from '../../src/system/database.ts';
import { netmonBody, oldBody, record, row, uuid } from './body.ts';
import { everything, groupOf, newYear, openVault, parcel } from './openvault.ts';

/** Takes a file back by one version each, from the newest on. */
const undo: readonly ((database: Database) => void)[] = [
	(database) => database.exec('DROP TABLE peak'),
	(database) => {
		const found = database.prepare<[], { k: number; connection: number }>('SELECT k, connection FROM connection_key');
		const keys = found.all();
		found.free();
		database.exec(`DROP TABLE connection_key; DROP TABLE connection_filter; DROP TABLE owed;
			ALTER TABLE connection ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0;
			CREATE TABLE cell_key(h INTEGER PRIMARY KEY, cell INTEGER NOT NULL);
			CREATE TABLE connection_key(h INTEGER PRIMARY KEY, connection INTEGER NOT NULL)`);
		for (const row of ['connection', 'cell']) {
			database.exec(`CREATE TABLE new_${row}_key(h INTEGER PRIMARY KEY, ${row} INTEGER NOT NULL);
				CREATE VIEW ${row}_key_all AS SELECT h, ${row} AS id FROM new_${row}_key
				UNION ALL SELECT h, ${row} FROM ${row}_key`);
		}
		// Hashes had 52 bits; the first of them waited.
		for (const [at, { k, connection }] of keys.entries()) {
			const h = (k % 2 ** 32) * 2 ** 20 + 12_345;
			database.exec(`INSERT INTO ${at === 0 ? 'new_' : ''}connection_key VALUES (${h}, ${connection})`);
		}
	},
	(database) => {
		for (const row of ['connection', 'cell']) {
			database.exec(
				`INSERT INTO ${row}_key SELECT * FROM new_${row}_key; DROP VIEW ${row}_key_all; DROP TABLE new_${row}_key`,
			);
		}
	},
	(database) => {
		for (const table of ['usage', 'hour', 'total', 'hourly', 'agenthour']) {
			database.exec(`CREATE TABLE old(k INTEGER PRIMARY KEY, n INTEGER NOT NULL, u INTEGER NOT NULL, d INTEGER NOT NULL);
				INSERT INTO old SELECT * FROM ${table}; DROP TABLE ${table}; ALTER TABLE old RENAME TO ${table}`);
		}
	},
	(database) => database.exec('DROP TABLE agenthour; DROP TABLE quota; DROP TABLE cycle; DROP TABLE alert'),
];

for (let back = 1; back <= undo.length; back += 1) {
	const version = masterSchema.length - back;
	test(`it brings a file of schema ${version} up to date: the same answers, and connections are found`, async (t) => {
		const { vault, take, folder } = await openVault(t);
		take(oldBody([record(), record({ id: uuid(2), chains: '["DIRECT"]' })]));
		take(netmonBody([row({ seq: 1, kind: 'wan', device: 'eth0', up: 1000, down: 2000 })], []));
		const told = (of: Vault) => ({
			sums: ['agenthour', 'usage', 'hour', 'total', 'hourly'].map((table) =>
				of.query(`SELECT * FROM ${table} ORDER BY k`),
			),
			peaks: of.query('SELECT * FROM peak ORDER BY block'),
			classes: groupOf(of, 'class'),
			connections: of.query('SELECT * FROM connections ORDER BY id'),
		});
		const before = told(vault);
		vault.close();
		const path = join(folder, 'master.db');
		const old = await openDatabase(path, { applicationId: masterApplicationId, schema: masterSchema });
		assert.ok(!('damaged' in old));
		for (const step of undo.slice(0, back)) step(old);
		old.exec(`PRAGMA user_version=${version}`);
		old.close();
		const { vault: again } = await Vault.open(path, 0);
		t.after(() => again.close());
		assert.deepEqual(told(again), before);
		const more = record({ download: 2000, last_updated: '2026-01-01T01:00:00Z' });
		again.move([{ id: 9, came: newYear, body: parcel(oldBody([more])) }]);
		again.settle();
		assert.deepEqual(again.ask({ ask: 'summary', ...everything }), { n: 2, u: 200, d: 3000 });
	});
}
