// SQLite itself: sql.js's wasm, compiled once per process, with an instance for each open database. So a database
// gives all its memory back when it is closed, and one that fails beyond repair takes no other down.
import { brotliDecompressSync } from 'node:zlib';
import { createGlue, importNames, wasmText } from 'sql-wasm';
import type { Memory } from './abi.ts';
import type { Syscalls } from './syscalls.ts';

/** The functions of SQLite that sql.js exports and that are used here; pointers and results are numbers. */
const functionNames = [
	'malloc',
	'free',
	'sqlite3_open',
	'sqlite3_close_v2',
	'sqlite3_errmsg',
	'sqlite3_exec',
	'sqlite3_changes',
	'sqlite3_prepare_v2',
	'sqlite3_step',
	'sqlite3_reset',
	'sqlite3_finalize',
	'sqlite3_clear_bindings',
	'sqlite3_bind_blob',
	'sqlite3_bind_double',
	'sqlite3_bind_int',
	'sqlite3_bind_text',
	'sqlite3_column_blob',
	'sqlite3_column_bytes',
	'sqlite3_column_count',
	'sqlite3_column_double',
	'sqlite3_column_name',
	'sqlite3_column_text',
	'sqlite3_column_type',
] as const;

export type SqliteFunctions = Readonly<Record<(typeof functionNames)[number], (...args: number[]) => number>>;

export interface Engine {
	readonly memory: Memory;
	readonly call: SqliteFunctions;
}

let compiled: WebAssembly.Module | undefined;

/** What takes most of the first open of a process, and has nothing to do with any file. Again: nothing. */
export function loadSqlite(): void {
	compile();
}

function compile(): WebAssembly.Module {
	compiled ??= new WebAssembly.Module(brotliDecompressSync(Buffer.from(wasmText(), 'base64')));
	return compiled;
}

/** A new instance whose files are what `syscalls` says. */
export async function startEngine(syscalls: Syscalls): Promise<Engine> {
	let memory: Memory | undefined;
	const glue = await createGlue()({
		instantiateWasm(imports, done) {
			const [module, originals] = Object.entries(imports)[0]!;
			const named = Object.fromEntries(Object.entries(importNames).map(([name, short]) => [name, originals[short]!]));
			const answered = Object.entries(syscalls.answer(named)).map(([name, call]) => [importNames[name]!, call]);
			const instance = new WebAssembly.Instance(compile(), {
				[module]: { ...originals, ...Object.fromEntries(answered) },
			});
			memory = Object.values(instance.exports).find((value): value is Memory => value instanceof WebAssembly.Memory);
			syscalls.memory = memory!;
			done(instance);
			return instance.exports;
		},
	});
	const call = Object.fromEntries(functionNames.map((name) => [name, glue[`_${name}`]!])) as SqliteFunctions;
	return { memory: memory!, call };
}
