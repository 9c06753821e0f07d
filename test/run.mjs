// Runs test files N at a time in the order given: `node test/run.mjs N FILE...`. `node --test` sorts them by name, so that
// a long one begins last and the other core waits for it. Ends with 1 when a test failed or there was none.
import { resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const [concurrency, ...files] = process.argv.slice(2);
let passed = 0;
let failed = 0;
process.once('exit', () => {
	if (failed > 0 || passed === 0) process.exitCode = 1;
});
const results = run({ files: files.map((file) => resolve(file)), concurrency: Number(concurrency) });
results.on('test:pass', () => {
	passed += 1;
});
results.on('test:fail', () => {
	failed += 1;
});
results.compose(new spec()).pipe(process.stdout);
