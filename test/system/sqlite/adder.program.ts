// A worker thread that adds 50 rows to a database that others write too; or that stays in a transaction.
import { parentPort, workerData } from 'node:worker_threads';
import { DatabaseError } from '../../../src/system/database.ts';
import { open } from './scratch.ts';

const { path, locks, first, hold } = workerData as {
	readonly path: string;
	readonly locks: SharedArrayBuffer;
	readonly first: number;
	readonly hold: boolean;
};
const rows = 50;

/** Until nobody is in the way: both wait for one another at every commit. */
async function patiently<T>(call: () => T): Promise<T> {
	for (;;) {
		try {
			return await call();
		} catch (error) {
			if (!(error instanceof DatabaseError) || error.code !== 'SQLITE_BUSY') throw error;
			await new Promise((resolve) => setImmediate(resolve));
		}
	}
}

async function add(): Promise<void> {
	const database = await patiently(() => open(path, { journal: 'rollback', locks }));
	if (hold) {
		database.exec('PRAGMA cache_size=1; BEGIN IMMEDIATE');
		database.exec(
			'WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) INSERT INTO t(blob) SELECT zeroblob(999) FROM n',
		);
		parentPort!.postMessage(database.lockSlot);
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
	}
	const insert = database.prepare<[number]>('INSERT INTO t(id) VALUES (?)');
	for (let row = 0; row < rows; row += 1) await patiently(() => database.transaction(() => insert.run(first + row)));
	database.close();
	parentPort!.postMessage(rows);
}

add();
