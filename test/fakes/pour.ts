// Bytes without end or without hurry: much more than anybody should hold, or one at a time.
import type { Writable } from 'node:stream';
import { type Clock, every } from '../../src/system/clock.ts';

const chunk = Buffer.alloc(1024 * 1024, ' ');

/** Writes `bytes` spaces as fast as they are taken, a chunk in memory; then calls `done`, unless the other side left. */
export function pour(to: Writable, bytes: number, done: () => void): void {
	let left = bytes;
	const more = () => {
		if (to.destroyed) return;
		if (left === 0) return done();
		const part = chunk.subarray(0, Math.min(left, chunk.length));
		left -= part.length;
		to.write(part, more);
	};
	more();
}

/** Writes `bytes` one by one; then calls `done`. The returned function ends it. */
export function drip(
	to: Writable,
	bytes: Buffer,
	{ perSecond, clock }: { readonly perSecond: number; readonly clock: Clock },
	done: () => void,
): () => void {
	let at = 0;
	const stop = every(clock, 1000 / perSecond, () => {
		if (to.destroyed) return stop();
		to.write(bytes.subarray(at, at + 1));
		at += 1;
		if (at < bytes.length) return;
		stop();
		done();
	});
	return stop;
}
