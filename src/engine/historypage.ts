// The history in the two forms that LuCI's pages show (`ubus call netmon history` and `top`), each under 200,000 bytes.
// Pure.
import type { Bytes } from '../record.ts';
import type { History, Top } from './history.ts';

/** Up, down. */
type Pair = readonly [up: number, down: number];
type Pairs = Readonly<Record<string, Pair>>;

export interface HistoryPage {
	/** The 24 hours until now, in steps of 5 minutes; `from` in s since the Unix epoch. Steps without bytes are not there. */
	readonly steps: readonly { readonly from: number; readonly classes: Pairs }[];
	/** Up to 400 days of the router's zone. */
	readonly days: readonly { readonly day: string; readonly classes: Pairs }[];
	/** The busiest devices of the last days, by address. */
	readonly devices: readonly { readonly day: string; readonly devices: Pairs }[];
}

export interface TopPage {
	readonly today: Top;
	readonly month: Top;
}

const deviceDays = 31;
const devicesShown = 20;

/** @param seconds now, since the Unix epoch */
export function historyPage(history: History, seconds: number): HistoryPage {
	const days = history.days();
	return {
		steps: history.steps(seconds).map(({ from, classes }) => ({ from, classes: pairs(classes) })),
		days: days.map(({ day, classes }) => ({ day, classes: pairs(classes) })),
		devices: days.slice(-deviceDays).map(({ day, devices }) => ({ day, devices: pairs(busiest(devices)) })),
	};
}

/** @param today `2026-03-01` in the router's zone */
export function topPage(history: History, today: string): TopPage {
	return { today: history.top(today), month: history.top(today.slice(0, 7)) };
}

function busiest(devices: Readonly<Record<string, Bytes>>): Record<string, Bytes> {
	const sorted = Object.entries(devices).sort(([, a], [, b]) => b.up + b.down - a.up - a.down);
	return Object.fromEntries(sorted.slice(0, devicesShown));
}

function pairs(sums: Readonly<Record<string, Bytes>>): Pairs {
	return Object.fromEntries(Object.entries(sums).map(([name, { up, down }]) => [name, [up, down]]));
}
