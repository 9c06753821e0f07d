// Billing cycles: from a day of one month to the same day of the next, by a zone's calendar. A month that is too short
// for the day has it on its last.
import { momentOf, offsetAt } from '../answers/zone.ts';

/** Half-open, ms since the Unix epoch. */
export interface Cycle {
	readonly from: number;
	readonly to: number;
}

/** The cycle that holds a moment. `startDay` is 1 to 31. */
export function cycleAt(time: number, startDay: number, zone: string): Cycle {
	const local = new Date(time + offsetAt(time, zone));
	const year = local.getUTCFullYear();
	const start = (month: number) => {
		const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
		return momentOf(Date.UTC(year, month, Math.min(startDay, lastDay)), zone);
	};
	const month = local.getUTCMonth();
	// A clock that is put back over midnight shows the day before again: the cycle began when it first showed the day.
	const first = [month + 1, month, month - 1].find((one) => start(one) <= time) ?? month - 1;
	return { from: start(first), to: start(first + 1) };
}
