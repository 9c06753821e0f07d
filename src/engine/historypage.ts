// The history in the two forms that LuCI's pages show (`ubus call netmon history` and `top`), each under 200,000 bytes.
// Pure.
import type { Bytes } from '../record.ts';
import type { History, Sums, Top } from './history.ts';

/** Up, down. */
type Pair = readonly [up: number, down: number];
type Pairs = Readonly<Record<string, Pair>>;

/** When a page is made, and how the router's zone counts time. */
export interface PageMoment {
	/** Since the Unix epoch. */
	readonly seconds: number;
	/** `2026-03-01` in the router's zone. */
	readonly today: string;
	/** s since the Unix epoch -> s that the router's zone is ahead of UTC then. */
	readonly offsetOf: (seconds: number) => number;
}

/** Classes go by their names, devices by their keys (devicespage.ts). What has no bytes is not there. */
export interface HistoryPage {
	/** ISO 8601 UTC. */
	readonly updated: string;
	readonly today: string;
	/** s ahead of UTC, and from which s since the Unix epoch on: one, but where clocks change within the 24 hours. */
	readonly offsets: readonly (readonly [from: number, seconds: number])[];
	/** The 24 hours until now, in steps of 5 minutes; `from` in s since the Unix epoch. */
	readonly steps: readonly { readonly from: number; readonly classes: Pairs }[];
	/** Up to 400 days of the router's zone. */
	readonly days: readonly { readonly day: string; readonly classes: Pairs }[];
	/** The busiest devices of each hour of these 24, of each of the last days, of each month. */
	readonly device_hours: readonly { readonly from: number; readonly devices: Pairs }[];
	readonly device_days: readonly { readonly day: string; readonly devices: Pairs }[];
	readonly device_months: readonly { readonly month: string; readonly devices: Pairs }[];
	/** Days that found no room, the oldest. */
	readonly left_out: number;
}

export interface TopPage {
	readonly updated: string;
	/** `2026-03-01` in the router's zone. */
	readonly day: string;
	readonly today: Top;
	readonly month: Top;
}

const hourSeconds = 3_600;
const deviceDays = 31;
const devicesShown = 20;
const devicesOfHour = 10;
/** The plugin gives out 200,000. */
const pageBytesMost = 195_000;

export function historyPage(history: History, moment: PageMoment): HistoryPage {
	const steps = history.steps(moment.seconds);
	const days = history.days();
	const hours = grouped(steps, ({ from }) => from - (from % hourSeconds));
	const months = grouped(days, ({ day }) => day.slice(0, 7));
	const page = {
		...stamp(moment),
		today: moment.today,
		offsets: offsets(moment, steps[0]?.from ?? moment.seconds),
		steps: steps.map(({ from, classes }) => ({ from, classes: pairs(classes) })),
		device_hours: hours.map(([from, sums]) => ({ from, devices: pairs(busiest(sums, devicesOfHour)) })),
		device_days: days
			.slice(-deviceDays)
			.map(({ day, devices }) => ({ day, devices: pairs(busiest(devices, devicesShown)) })),
		device_months: months.map(([month, sums]) => ({ month, devices: pairs(busiest(sums, devicesShown)) })),
	};
	const told = days.map(({ day, classes }) => ({ day, classes: pairs(classes) }));
	let room = pageBytesMost - JSON.stringify(page).length;
	let first = told.length;
	for (; first > 0; first -= 1) {
		room -= JSON.stringify(told[first - 1]).length + 1;
		if (room < 0) break;
	}
	return { ...page, days: told.slice(first), left_out: first };
}

export function topPage(history: History, moment: PageMoment): TopPage {
	const { today } = moment;
	return { ...stamp(moment), day: today, today: history.top(today), month: history.top(today.slice(0, 7)) };
}

function stamp({ seconds }: PageMoment): { readonly updated: string } {
	return { updated: new Date(seconds * 1000).toISOString() };
}

function offsets({ seconds, offsetOf }: PageMoment, first: number): [number, number][] {
	const found: [number, number][] = [[first, offsetOf(first)]];
	for (let from = first - (first % hourSeconds) + hourSeconds; from <= seconds; from += hourSeconds) {
		const offset = offsetOf(from);
		if (offset !== found.at(-1)![1]) found.push([from, offset]);
	}
	return found;
}

/** The devices' sums of all cells with one key, in the cells' order. */
function grouped<Cell extends Sums, Key>(cells: readonly Cell[], keyOf: (cell: Cell) => Key) {
	const groups = new Map<Key, Record<string, Bytes>>();
	for (const cell of cells) {
		const sums = groups.get(keyOf(cell)) ?? Object.create(null);
		groups.set(keyOf(cell), sums);
		for (const [name, { up, down }] of Object.entries(cell.devices)) {
			const sum = sums[name] ?? { up: 0, down: 0 };
			sums[name] = { up: sum.up + up, down: sum.down + down };
		}
	}
	return [...groups];
}

function busiest(devices: Readonly<Record<string, Bytes>>, count: number): Record<string, Bytes> {
	const sorted = Object.entries(devices).sort(([, a], [, b]) => b.up + b.down - a.up - a.down);
	return Object.fromEntries(sorted.slice(0, count));
}

function pairs(sums: Readonly<Record<string, Bytes>>): Pairs {
	return Object.fromEntries(Object.entries(sums).map(([name, { up, down }]) => [name, [up, down]]));
}
