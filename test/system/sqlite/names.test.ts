import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { createGlue, importNames } from 'sql-wasm';

type Call = (...args: never[]) => unknown;
type Glue = (options: object) => Promise<{ Database: new () => { exec(sql: string): unknown; close(): void } }>;

const dist = 'node_modules/sql.js/dist';

/** Runs a script in memory; answers the names of the system calls that it made, in order. */
async function callsOf(
	glue: Glue,
	wasmFile: string,
	nameOf: (imported: string) => string | undefined,
): Promise<string[]> {
	const calls: string[] = [];
	const module = new WebAssembly.Module(readFileSync(`${dist}/${wasmFile}`));
	const { Database } = await glue({
		instantiateWasm(imports: Record<string, Record<string, Call>>, done: (instance: WebAssembly.Instance) => void) {
			const watched = Object.fromEntries(
				Object.entries(imports).map(([from, all]) => [
					from,
					Object.fromEntries(
						Object.entries(all).map(([imported, call]) => [
							imported,
							(...args: never[]) => {
								const name = nameOf(imported);
								if (name) calls.push(name);
								return call(...args);
							},
						]),
					),
				]),
			);
			const instance = new WebAssembly.Instance(module, watched);
			done(instance);
			return instance.exports;
		},
	});
	const database = new Database();
	database.exec('PRAGMA cache_size=5; PRAGMA locking_mode=exclusive; CREATE TABLE t (a, b)');
	const rows = 'WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)';
	database.exec(`BEGIN; ${rows} INSERT INTO t SELECT i, hex(zeroblob(20)) || i FROM n; ROLLBACK`);
	database.exec(`BEGIN; ${rows} INSERT INTO t SELECT i, hex(zeroblob(20)) || i FROM n; COMMIT`);
	database.exec(
		'CREATE INDEX i ON t (b); DELETE FROM t WHERE a % 3; VACUUM; PRAGMA journal_mode=truncate; DELETE FROM t',
	);
	database.exec('PRAGMA locking_mode=normal; SELECT count(*) FROM t; PRAGMA journal_mode=delete; DELETE FROM t');
	database.close();
	return calls;
}

test('it names the system calls of the optimised build as the debug build has them', async () => {
	const named = new Map(Object.entries(importNames).map(([name, short]) => [short, name]));
	assert.equal(named.size, Object.keys(importNames).length);
	const debugGlue = createRequire(`${process.cwd()}/build/`)('sql.js/dist/sql-wasm-debug.js') as Glue;
	const optimised = await callsOf(createGlue() as unknown as Glue, 'sql-wasm.wasm', (short) => named.get(short));
	const debug = await callsOf(debugGlue, 'sql-wasm-debug.wasm', (name) => (name in importNames ? name : undefined));
	assert.deepEqual(optimised, debug);
	const seen = [...new Set(optimised)].sort();
	for (const name of ['__syscall_fcntl64', '__syscall_fstat64', '__syscall_openat', '__syscall_unlinkat']) {
		assert.ok(seen.includes(name), name);
	}
	for (const name of ['fd_close', 'fd_read', 'fd_seek', 'fd_sync', 'fd_write', '__syscall_ftruncate64']) {
		assert.ok(seen.includes(name), name);
	}
});
