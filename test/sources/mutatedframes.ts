// Damaged frames in sequence, read both ways: the incremental reader must answer as JSON.parse of the whole does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Snapshot } from '../../src/record.ts';
import { SnapshotReader } from '../../src/sources/reader.ts';
import { isRefusal, parseSnapshot, type Refusal } from '../../src/sources/snapshot.ts';
import { mutate, randomFrom } from '../fakes/random.ts';

export const recordings = ['mixed', 'restart', 'restart-unseen', 'bulk', 'kinds'];

export function framesOf(name: string): Buffer[] {
	const lines = readFileSync(`test/fixtures/mihomo/${name}.jsonl`, 'utf8').split('\n');
	return lines.filter((line) => line !== '').map((line) => Buffer.from(`${line}\n`));
}

/** A Snapshot as plain values, so that two readers' answers can be compared. */
export function plain(answer: Snapshot | Refusal): object {
	if (isRefusal(answer)) return answer;
	return {
		...answer,
		connections: [...answer.connections],
		upload: [...answer.upload],
		download: [...answer.download],
	};
}

/** Throws where the two ways differ; answers how many frames were refused. */
export function compareOnMutatedFrames(seed: number, rounds: number): number {
	const random = randomFrom(seed);
	const frames = recordings.flatMap(framesOf).filter((bytes) => bytes.length < 6000);
	const reader = new SnapshotReader();
	let refusals = 0;
	for (let round = 0; round < rounds; round += 1) {
		const original = frames[Math.floor(random() * frames.length)]!;
		// Some frames stay whole, so that the reader has a frame before to compare with.
		const bytes = random() < 0.3 ? original : mutate(original, random);
		const answer = plain(reader.read(bytes));
		if (isRefusal(answer)) refusals += 1;
		assert.deepEqual(answer, plain(parseSnapshot(bytes)), `seed ${seed}, round ${round}`);
	}
	return refusals;
}
