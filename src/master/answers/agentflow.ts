// What one agent moved between two moments: whole hours from the sums kept by the hour, what begins or ends within an
// hour (zones with half hours) from the 5-minute rows.

import { bucketSeconds, bucketsAnHour, cellLimit } from '../booking/schema.ts';
import { type AgentClasses, classSums } from './agenthours.ts';
import { rows, type Store } from './sums.ts';

export interface AgentFlow {
	readonly up: number;
	readonly down: number;
	/** A part of an hour whose 5-minute rows are gone: its share of the hour. */
	readonly approximate: boolean;
}

const bucketMs = bucketSeconds * 1000;

/** Moments in ms since the Unix epoch, multiples of 5 minutes. */
export function agentFlow(
	store: Store,
	own: AgentClasses,
	{ from, to }: { readonly from: number; readonly to: number },
): AgentFlow {
	const [first, end] = [Math.floor(from / bucketMs), Math.ceil(to / bucketMs)];
	const [firstHour, endHour] = [Math.ceil(first / bucketsAnHour), Math.floor(end / bucketsAnHour)];
	const pieces =
		firstHour > endHour
			? [partOfHour(store, own, first, end)]
			: [
					partOfHour(store, own, first, firstHour * bucketsAnHour),
					hours(store, own, firstHour, endHour),
					partOfHour(store, own, endHour * bucketsAnHour, end),
				];
	return pieces.reduce((sum, { up, down, approximate }) => ({
		up: sum.up + up,
		down: sum.down + down,
		approximate: sum.approximate || approximate,
	}));
}

function hours(store: Store, own: AgentClasses, from: number, to: number): AgentFlow {
	const sums = classSums(store, own, { from, to });
	const add = (one: 'u' | 'd') => sums.reduce((sum, row) => sum + row[one], 0);
	return { up: add('u'), down: add('d'), approximate: false };
}

const nothing: AgentFlow = { up: 0, down: 0, approximate: false };

/** Buckets of one hour. */
function partOfHour(store: Store, own: AgentClasses, from: number, to: number): AgentFlow {
	if (from >= to) return nothing;
	const hour = Math.floor(from / bucketsAnHour);
	const whole = hours(store, own, hour, hour + 1);
	const seen = buckets(store, own, hour * bucketsAnHour, (hour + 1) * bucketsAnHour);
	if (seen.up === whole.up && seen.down === whole.down) return buckets(store, own, from, to);
	const share = (to - from) / bucketsAnHour;
	return { up: Math.round(whole.up * share), down: Math.round(whole.down * share), approximate: true };
}

function buckets(store: Store, { agent, classes }: AgentClasses, from: number, to: number): AgentFlow {
	const codes = classes.map((name) => store.texts.find(name) ?? -1);
	const [sum] = rows<{ up: number; down: number }>(
		store,
		`SELECT total(flow.u) AS up, total(flow.d) AS down FROM usage AS flow
		CROSS JOIN cell ON cell.id = (flow.k & ${cellLimit - 1})
		WHERE flow.k >= ? AND flow.k < ? AND cell.agent = ? AND cell.class IN (${codes.join(', ')})`,
		[from * cellLimit, to * cellLimit, agent],
	);
	return { ...sum!, approximate: false };
}
