// Random lives of a core and of the agent that reads it, as data: what happens, in order, and what must be found.
// Knows nothing of the engine. `makeHistory(seed)` gives the same history for the same seed, whatever reads it.
//
// How to play one: tell the account `history.types` (name -> type) first, then for each event
//   arrive         a stream begins; `identity` says who sends it
//   identify       within a stream `/proxies` was asked again (a reload changes `directId`)
//   frames         `texts` arrived together at `mono`: only the last counts. Afterwards `expected` holds, see below
//   rest           nothing moves: attributed + unattributed = max(T, A) now, to the byte, and all of `expected`
//   lost           the stream has ended
//   checkpoint     take one and remember your own books with it; an older one is forgotten
//   agent restart  kill -9: `from: 'checkpoint'` goes on with the last one and with the books of that moment (what
//                  was booked since is gone and will be found again), `from: 'nothing'` with new books
//
// `expected` after `frames`: attributed, classes and devices of the present run equal the books exactly; the
// unattributed sum U is 0 to the greater of `largestGap` and 0; `verdict: 'new'` begins a new run before the frame is
// booked, and of the run before it `ended.gap` <= U <= max(0, `ended.largestGap`); `doubt` reports a gap.
import type { Bytes } from '../../src/record.ts';
import { Dice } from './dice.ts';
import { happenings } from './happenings.ts';
import { HistoryMaker } from './historymaker.ts';
import type { Expected, HistoryIdentity } from './historyoracle.ts';
import { proxyTypes } from './home.ts';
import type { RunTruth } from './tracker.ts';

/** `mono` is ms since boot; `what` says in words why this happens. */
export type HistoryEvent = { readonly mono: number; readonly what: string } & (
	| { readonly kind: 'arrive' | 'identify'; readonly identity: HistoryIdentity }
	| { readonly kind: 'frames'; readonly texts: readonly string[]; readonly expected: Expected }
	/** `core` = the core's own totals at this moment, by another way than its frames. */
	| { readonly kind: 'rest'; readonly expected: Expected; readonly core: Bytes }
	| { readonly kind: 'lost' | 'checkpoint' }
	| { readonly kind: 'agent restart'; readonly from: 'checkpoint' | 'nothing' }
);

export interface History {
	readonly seed: number;
	readonly types: Readonly<Record<string, string>>;
	readonly events: readonly HistoryEvent[];
	/** What really was, per process of the core (a restart that nobody could notice included). */
	readonly truth: readonly RunTruth[];
}

/** @param length how many things happen; each is one to a dozen events */
export function makeHistory(seed: number, length = 30): History {
	const dice = new Dice(seed);
	const maker = new HistoryMaker(dice);
	for (let n = 0; n < length; n += 1) {
		const [what, happen] = dice.pick(happenings);
		maker.what = what;
		happen(maker, dice);
	}
	maker.what = 'the end';
	maker.rest();
	return { seed, types: proxyTypes, events: maker.events, truth: maker.core.truth() };
}
