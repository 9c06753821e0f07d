// What the owner looks at: 24 hours in 5-minute steps and 400 days, per class and per device; the top hosts and nodes of
// today and of this month. Made of sealed rows, whether or not a master took them; bounded. Pure: days are the router's,
// and what a day is comes from outside.
import type { Bytes } from '../record.ts';
import { bucketSeconds } from './buckets.ts';
import type { SealedRow } from './growing.ts';
import { type TopLine, TopList } from './toplist.ts';

/** `direct`, `proxy`, `reject`, `unattributed`, `wan`, `overhead`, `bypass` -> bytes; a device's go by its key. */
export interface Sums {
	readonly classes: Readonly<Record<string, Bytes>>;
	readonly devices: Readonly<Record<string, Bytes>>;
}

export interface Step extends Sums {
	/** s since the Unix epoch. */
	readonly from: number;
}

export interface Day extends Sums {
	/** `2026-03-01`, in the router's zone. */
	readonly day: string;
}

export interface Top {
	readonly hosts: readonly TopLine[];
	readonly nodes: readonly TopLine[];
}

/** Whose bytes they were, and where they went; '' = not known. */
export interface Place {
	/** By its key: the MAC, or the address where none is known. */
	readonly device: string;
	/** Name or address of the other end, as far as names are recorded. */
	readonly host: string;
	readonly node: string;
}

/** Changed parts for the file; null: the part is over. */
export type Part = readonly [name: string, text: string | null];

type Pair = [up: number, down: number];
interface Cell {
	readonly classes: Record<string, Pair>;
	readonly devices: Record<string, Pair>;
}

const stepsKept = 86_400 / bucketSeconds;
const daysKept = 400;
/** A home has fewer; what is beyond is one device, `other`. */
const mostDevices = 64;
export const otherDevices = 'other';
/** Three times what is shown: who comes late to the top has been counted from early on. */
const topKept = 300;
const topShown = 100;
const stepPart = (bucket: number) => `step ${bucket}`;
const dayPart = (day: string) => `day ${day}`;

export class History {
	/** s since the Unix epoch -> the local day there, `2026-03-01`. */
	readonly #dayOf: (seconds: number) => string;
	readonly #steps = new Map<number, Cell>();
	readonly #days = new Map<string, Cell>();
	/** By period: a day, or a month (`2026-03`). */
	readonly #tops = new Map<string, { readonly hosts: TopList; readonly nodes: TopList }>();
	readonly #changed = new Set<string>();
	readonly #gone = new Set<string>();

	constructor(dayOf: (seconds: number) => string, parts: readonly (readonly [string, string])[] = []) {
		this.#dayOf = dayOf;
		for (const [name, text] of parts) this.#restore(name, text);
	}

	/** A sealed row; `place` of `usage` only. */
	add(row: Pick<SealedRow, 'kind' | 'class' | 'bucket' | 'up' | 'down'>, place: Place | null): void {
		if (row.up === 0 && row.down === 0) return;
		const day = this.#dayOf(row.bucket);
		const name = row.class ?? row.kind;
		const device = row.kind === 'usage' ? (place?.device ?? '') : null;
		for (const cell of [this.#step(row.bucket), this.#day(day)]) {
			grow(cell.classes, name, row);
			if (device === null) continue;
			const room = device in cell.devices || Object.keys(cell.devices).length < mostDevices;
			grow(cell.devices, room ? device : otherDevices, row);
		}
		if (row.kind !== 'usage') return;
		for (const period of [day, day.slice(0, 7)]) {
			const { hosts, nodes } = this.#top(period);
			hosts.add(place?.host ?? '', row);
			nodes.add(place?.node ?? '', row);
			this.#changed.add(`top ${period}`);
		}
	}

	/** The 24 hours that end with the bucket of `seconds`, oldest first; steps without bytes are not there. */
	steps(seconds: number): Step[] {
		const first = firstStep(seconds);
		return [...this.#steps]
			.filter(([from]) => from >= first)
			.sort(([a], [b]) => a - b)
			.map(([from, cell]) => ({ from, ...sums(cell) }));
	}

	/** Oldest first; days without bytes are not there. */
	days(): Day[] {
		return [...this.#days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, cell]) => ({ day, ...sums(cell) }));
	}

	/** The sums of one day; what has no bytes is not there. */
	day(day: string): Sums {
		return sums(this.#days.get(day) ?? { classes: {}, devices: {} });
	}

	/** What each device moved in a day (`2026-03-01`) or a month (`2026-03`). */
	devicesOf(period: string): Readonly<Record<string, Bytes>> {
		const all = Object.create(null) as Record<string, Pair>;
		for (const [day, { devices }] of this.#days) {
			if (!day.startsWith(period)) continue;
			for (const [name, [up, down]] of Object.entries(devices)) grow(all, name, { up, down });
		}
		return bytes(all);
	}

	/** Of a day (`2026-03-01`) or a month (`2026-03`), as far as they are kept: today's and this month's. */
	top(period: string): Top {
		const found = this.#tops.get(period);
		return { hosts: found?.hosts.top(topShown) ?? [], nodes: found?.nodes.top(topShown) ?? [] };
	}

	/** What has changed since the last call, to be kept; drops what is older than is kept. `seconds`: now. */
	takeParts(seconds: number): Part[] {
		this.#forget(seconds);
		const parts: Part[] = [...this.#gone].map((name) => [name, null]);
		for (const name of this.#changed) parts.push([name, this.#text(name)]);
		this.#gone.clear();
		this.#changed.clear();
		return parts;
	}

	#forget(seconds: number): void {
		const first = firstStep(seconds);
		for (const from of this.#steps.keys()) if (from < first) this.#drop(stepPart(from), () => this.#steps.delete(from));
		const days = [...this.#days.keys()].sort();
		for (const day of days.slice(0, -daysKept)) this.#drop(dayPart(day), () => this.#days.delete(day));
		const today = this.#dayOf(seconds);
		// A clock that was wrong may have made days to come; they are kept until their time is over.
		const isOver = (period: string) => period < today.slice(0, period.length);
		for (const period of this.#tops.keys()) {
			if (isOver(period)) this.#drop(`top ${period}`, () => this.#tops.delete(period));
		}
	}

	#drop(name: string, remove: () => void): void {
		remove();
		this.#changed.delete(name);
		this.#gone.add(name);
	}

	#step(bucket: number): Cell {
		const from = bucket - (bucket % bucketSeconds);
		this.#changed.add(stepPart(from));
		return cellOf(this.#steps, from);
	}

	#day(day: string): Cell {
		this.#changed.add(dayPart(day));
		return cellOf(this.#days, day);
	}

	#top(period: string) {
		let found = this.#tops.get(period);
		if (!found) {
			found = { hosts: new TopList(topKept), nodes: new TopList(topKept) };
			this.#tops.set(period, found);
		}
		return found;
	}

	#text(name: string): string {
		const [kind, key] = name.split(' ') as [string, string];
		if (kind === 'step') return JSON.stringify(this.#steps.get(Number(key)));
		if (kind === 'day') return JSON.stringify(this.#days.get(key));
		const { hosts, nodes } = this.#tops.get(key)!;
		return JSON.stringify({ hosts: hosts.state(), nodes: nodes.state() });
	}

	/** A part that is not what it should be is left out: it is for looking at. */
	#restore(name: string, text: string): void {
		const [kind, key = ''] = name.split(' ');
		try {
			const value = JSON.parse(text);
			if (kind === 'step') this.#steps.set(Number(key), checkedCell(value));
			else if (kind === 'day') this.#days.set(key, checkedCell(value));
			else if (kind === 'top') {
				const list = ({ lines, others }: ReturnType<TopList['state']>) => new TopList(topKept, lines, others);
				this.#tops.set(key, { hosts: list(value.hosts), nodes: list(value.nodes) });
			}
		} catch {
			this.#gone.add(name);
		}
	}
}

function firstStep(seconds: number): number {
	return seconds - (seconds % bucketSeconds) - (stepsKept - 1) * bucketSeconds;
}

function cellOf<Key>(cells: Map<Key, Cell>, key: Key): Cell {
	let cell = cells.get(key);
	if (!cell) {
		cell = { classes: Object.create(null), devices: Object.create(null) } as Cell;
		cells.set(key, cell);
	}
	return cell;
}

function grow(pairs: Record<string, Pair>, name: string, { up, down }: Bytes): void {
	const pair = pairs[name];
	if (pair) {
		pair[0] += up;
		pair[1] += down;
	} else pairs[name] = [up, down];
}

function sums({ classes, devices }: Cell): Sums {
	return { classes: bytes(classes), devices: bytes(devices) };
}

function bytes(pairs: Record<string, Pair>): Record<string, Bytes> {
	return Object.fromEntries(Object.entries(pairs).map(([name, [up, down]]) => [name, { up, down }]));
}

function checkedCell(value: unknown): Cell {
	const { classes, devices } = value as Cell;
	const checked = (pairs: Record<string, Pair>) => {
		const fine = Object.values(pairs).every((pair) => pair.length === 2 && pair.every(Number.isSafeInteger));
		if (!fine) throw new SyntaxError('not a cell');
		return Object.assign(Object.create(null), pairs) as Record<string, Pair>;
	};
	return { classes: checked(classes), devices: checked(devices) };
}
