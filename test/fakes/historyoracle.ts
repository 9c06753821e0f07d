// What an agent that forgets nothing it has kept must find while a history is played to it: the plainest reader
// over the frames that it still knows of, and the rules by which a core that answers again is the same or another.
import { type Bytes, noBytes } from '../../src/record.ts';
import { type Frame, nothing, type RunFound, RunReader } from './runreader.ts';

/** What the agent is told of the core's process when a stream begins, and when `/proxies` was asked. */
export interface HistoryIdentity {
	/** null: the controller is on another machine. */
	readonly bootId: string | null;
	/** null: this core tells none. */
	readonly directId: string | null;
	/** ms since boot; null: not to be found in /proc. */
	readonly processStarted: number | null;
}

/** A run that is over: the last it told, and how far T - A was at most in any of its frames. */
export interface EndedRun {
	readonly total: Bytes;
	readonly attributed: Bytes;
	/** T - A of its last frame: the unattributed sum is at least this. */
	readonly gap: Bytes;
	/** The unattributed sum is at most the greater of this and 0. */
	readonly largestGap: Bytes;
	/** What the rule of docs/accounting.md makes the unattributed sum of the whole run. */
	readonly byRule: Bytes;
}

/** What holds when a frame has been read. */
export interface Expected extends RunFound {
	/** How the frame was to be taken; `first` = a baseline, `doubt` = the same run, and a gap is reported. */
	readonly verdict: 'first' | 'same' | 'doubt' | 'new';
	/** Whether this run is counted from 0 or from its first frame. */
	readonly from: 'zero' | 'first frame';
	/** With `new`: the run before it. */
	readonly ended: EndedRun | null;
	/** Of this run until now, as in `EndedRun`. */
	readonly largestGap: Bytes;
	/** What the rule of docs/accounting.md makes the unattributed sum after this frame. */
	readonly byRule: Bytes;
}

interface Span {
	readonly from: 'zero' | 'first frame';
	readonly frames: readonly string[];
	readonly largestGap: Bytes;
	/** The last few, the newest last. */
	readonly gaps: readonly Bytes[];
	readonly byRule: Bytes;
}

/** All that a checkpoint keeps. */
export interface Kept {
	readonly span: Span;
	readonly identity: HistoryIdentity;
	readonly mono: number;
}

/** A counter may be ahead of the totals by what flowed while the frame was written. */
const marginBytes = 1024 * 1024;
const windowFrames = 5;

export class HistoryOracle {
	readonly #types: Readonly<Record<string, string>>;
	#kept: Kept | null = null;
	#reader: RunReader | null = null;
	#arriving: HistoryIdentity | null = null;
	#identity: HistoryIdentity | null = null;

	constructor(types: Readonly<Record<string, string>>) {
		this.#types = types;
	}

	arrive(identity: HistoryIdentity): void {
		this.#arriving = identity;
	}

	/** Within a stream. */
	identify(identity: HistoryIdentity): void {
		this.#identity = identity;
	}

	frame(text: string, mono: number): Expected {
		const frame: Frame = JSON.parse(text);
		const before = this.#reader?.found() ?? null;
		const verdict = this.#judge(frame);
		const goesOn = verdict === 'same' || verdict === 'doubt';
		const old = this.#kept?.span ?? null;
		const span = goesOn && old ? old : emptySpan(verdict === 'new' ? 'zero' : 'first frame');
		if (!goesOn) this.#reader = this.#begin(frame, span.from);
		this.#reader!.read(frame);
		const found = this.#reader!.found();
		const gaps = [...span.gaps, found.unattributed].slice(-windowFrames);
		const largestGap = span.frames.length > 0 ? greater(span.largestGap, found.unattributed) : found.unattributed;
		const byRule = {
			up: rule('up', span.byRule, gaps, goesOn ? before : null, found),
			down: rule('down', span.byRule, gaps, goesOn ? before : null, found),
		};
		this.#identity = this.#arriving ?? this.#identity;
		this.#arriving = null;
		const frames = [...span.frames, text];
		this.#kept = { span: { from: span.from, frames, largestGap, gaps, byRule }, identity: this.#identity!, mono };
		const ended = verdict === 'new' && old && before ? end(before, old) : null;
		return { ...found, verdict, from: span.from, ended, largestGap, byRule };
	}

	/** What a checkpoint taken now holds; null before the first frame. */
	keep(): Kept | null {
		return this.#kept && { ...this.#kept, identity: this.#identity! };
	}

	/** The agent begins anew and knows just this. */
	restore(kept: Kept | null): void {
		this.#kept = kept;
		this.#identity = kept?.identity ?? null;
		this.#reader = null;
		if (!kept) return;
		const frames = kept.span.frames.map((text): Frame => JSON.parse(text));
		this.#reader = this.#begin(frames[0]!, kept.span.from);
		for (const frame of frames) this.#reader.read(frame);
	}

	#begin(frame: Frame, from: Span['from']): RunReader {
		const base = { up: BigInt(frame.uploadTotal), down: BigInt(frame.downloadTotal) };
		const reader = new RunReader(this.#types, from === 'zero' ? nothing() : base);
		if (from === 'first frame') reader.skip(frame);
		return reader;
	}

	/** The rules of docs/accounting.md, "Is it still the same core?". */
	#judge(frame: Frame): Expected['verdict'] {
		const kept = this.#kept;
		if (!kept || !this.#reader) return 'first';
		if (!this.#reader.follows(frame)) return 'new';
		const arriving = this.#arriving;
		if (!arriving) return 'same';
		const last: Frame = JSON.parse(kept.span.frames.at(-1)!);
		const stored = this.#identity!;
		if (differ(stored.bootId, arriving.bootId)) return 'new';
		const listed = frame.connections ?? [];
		const known = new Set((last.connections ?? []).map(({ id }) => id));
		if (!differ(stored.directId, arriving.directId) || listed.some(({ id }) => known.has(id))) return 'same';
		const counted = listed.filter(({ metadata }) => metadata.type !== 'Inner' || (metadata.process ?? '') !== '');
		const up = counted.reduce((sum, { upload }) => sum + upload, 0);
		const down = counted.reduce((sum, { download }) => sum + download, 0);
		if (up > frame.uploadTotal - last.uploadTotal + marginBytes) return 'new';
		if (down > frame.downloadTotal - last.downloadTotal + marginBytes) return 'new';
		return arriving.processStarted !== null && arriving.processStarted > kept.mono ? 'new' : 'doubt';
	}
}

/** A run begins with a gap of 0. */
function emptySpan(from: Span['from']): Span {
	return { from, frames: [], largestGap: noBytes, gaps: [noBytes], byRule: noBytes };
}

function end({ total, attributed, unattributed: gap }: RunFound, { largestGap, byRule }: Span): EndedRun {
	return { total, attributed, gap, largestGap, byRule: greater(byRule, gap) };
}

/** The unattributed sum: rises to the smallest of the last gaps, is set to the gap while neither T nor A grows. */
function rule(
	way: 'up' | 'down',
	sum: Bytes,
	gaps: readonly Bytes[],
	before: RunFound | null,
	{ total, attributed, unattributed }: RunFound,
): number {
	const still = before !== null && before.total[way] === total[way] && before.attributed[way] === attributed[way];
	if (still) return Math.max(0, unattributed[way]);
	return Math.max(sum[way], Math.min(...gaps.map((gap) => gap[way])));
}

function differ(before: string | null, now: string | null): boolean {
	return before !== null && now !== null && before !== now;
}

function greater(a: Bytes, b: Bytes): Bytes {
	return { up: Math.max(a.up, b.up), down: Math.max(a.down, b.down) };
}
