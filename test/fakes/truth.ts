// The oracle: what the plainest correct reader finds in a list of frames, by JSON.parse and BigInt and nothing
// clever. Shares no code with the engine; checked against the recordings' own `fromTheFrames`.
import { type Frame, nothing, type RunFound, RunReader } from './runreader.ts';

export interface Reading {
	/** Frames of `/connections` in the order received. */
	readonly frames: readonly (string | Buffer)[];
	/** Leaf to mihomo's type, as `/proxies` says: `DIRECT` to `Direct`. */
	readonly types: Readonly<Record<string, string>>;
	/** Indices of frames that begin a new run, where the totals alone do not tell. A falling total always begins one. */
	readonly newRunAt?: readonly number[];
	/**
	 * Whether the first frame's run is counted from 0 ("zero": the reader was there before the core, or knows that
	 * this run is new) or from that frame ("first frame", the default: what it holds was before our time).
	 */
	readonly from?: 'zero' | 'first frame';
}

export type { RunFound };

/**
 * What `frames` say, one entry per run of the core. An id with another start is another connection; one
 * whose counter falls has not grown, and counts on from there.
 */
export function truthOf({ frames, types, newRunAt = [], from = 'first frame' }: Reading): RunFound[] {
	const runs: RunReader[] = [];
	frames.forEach((text, index) => {
		const frame: Frame = JSON.parse(String(text));
		let run = runs.at(-1);
		if (!run) {
			const base = { up: BigInt(frame.uploadTotal), down: BigInt(frame.downloadTotal) };
			run = new RunReader(types, from === 'zero' ? nothing() : base);
			if (from === 'first frame') run.skip(frame);
			runs.push(run);
		} else if (newRunAt.includes(index) || !run.follows(frame)) {
			run = new RunReader(types, nothing());
			runs.push(run);
		}
		run.read(frame);
	});
	return runs.map((run) => run.found());
}
