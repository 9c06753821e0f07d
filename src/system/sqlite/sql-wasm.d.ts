// What build.mjs puts in place of the import 'sql-wasm' (plugin.mjs), and as much of WebAssembly as is used here.
declare module 'sql-wasm' {
	/** Runs sql.js's unmodified glue once more: every call gives a `initSqlJs` of its own. */
	export function createGlue(): (options: {
		instantiateWasm(
			imports: Record<string, Record<string, (...args: never[]) => unknown>>,
			done: (instance: WebAssembly.Instance) => void,
		): object;
	}) => Promise<Record<string, (...args: number[]) => number>>;
	/** The wasm, compressed with brotli, in base64. */
	export function wasmText(): string;
	/** The name that the wasm imports a system call under, by its name in C. */
	export const importNames: Readonly<Record<string, string>>;
}

declare namespace WebAssembly {
	class Module {
		constructor(bytes: Uint8Array);
	}
	class Instance {
		constructor(module: Module, imports: object);
		readonly exports: Readonly<Record<string, unknown>>;
	}
	class Memory {
		readonly buffer: ArrayBuffer;
	}
}
