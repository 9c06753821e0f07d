import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type RunFound, truthOf } from './truth.ts';

interface Expected {
	readonly types: Record<string, string>;
	readonly newRunAt: readonly number[];
	readonly fromTheFrames?: readonly Partial<RunFound>[];
	readonly runs?: readonly Partial<RunFound>[];
}

function recording(name: string) {
	const expected: Expected = JSON.parse(readFileSync(`test/fixtures/mihomo/${name}.expected.json`, 'utf8'));
	const frames = readFileSync(`test/fixtures/mihomo/${name}.jsonl`, 'utf8').trimEnd().split('\n');
	return { ...expected, frames, runs: expected.fromTheFrames ?? expected.runs ?? [] };
}

for (const name of ['mixed', 'restart', 'restart-unseen', 'bulk']) {
	test(`it finds in ${name} what its makers found, to the byte`, () => {
		const { runs, ...reading } = recording(name);
		const found = truthOf(reading);
		assert.equal(found.length, runs.length);
		found.forEach((run, index) => {
			const expected = runs[index]!;
			for (const key of Object.keys(expected) as (keyof RunFound)[]) assert.deepEqual(run[key], expected[key], key);
		});
	});
}
