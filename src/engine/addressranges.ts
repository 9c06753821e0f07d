// Which MAC had an address from when to when. Pure. Bounded: what nobody can be told, then what was told longest ago
// leaves first, and what leaves is counted.
import type { AddressFact } from '../record.ts';

/** ms since the Unix epoch and since boot; until the wall clock is trusted, no time of it is written down. */
export interface When {
	readonly wall: number;
	readonly mono: number;
	readonly trusted: boolean;
}

export interface AddressRange {
	readonly ip: string;
	/** null: nobody has told yet; the first who does, tells it for the whole range. */
	mac: string | null;
	by: AddressFact['by'] | null;
	/** ms since the Unix epoch. */
	from: number;
	/** When another MAC took the address; null = it has not. */
	to: number | null;
	/** When a connection last came from there; 0 = none did. */
	seen: number;
	/** When a source as good as `by` last told it. */
	confirmed: number;
	/** Monotonic ms of the beginning, while the wall clock is not trusted. */
	pending: number | null;
	/** Grows over all ranges with each change; 0 while there is nothing to tell. */
	revision: number;
	/** A connection came from there, and nobody has told since whose it is. */
	wanted: boolean;
	/** How often the tables were looked through for it in vain. */
	asked: number;
}

/** Some 20 devices, each with two new IPv6 addresses a day, for the 50 days; 100 bytes each in the queue's file. */
export const maxRanges = 2048;
export const keepRanges = 1536;
/** An address goes from a source that is better to one that is not, only when the better one has been silent so long. */
const silenceMs = 10 * 60_000;
/** Whose word counts more. */
export const ranks: Readonly<Record<AddressFact['by'], number>> = { guess: 0, lease: 1, kernel: 2 };

export class AddressRanges {
	/** Oldest first; the last is the open one. */
	readonly #byIp = new Map<string, AddressRange[]>();
	readonly #onLeave: (range: AddressRange) => void;
	#size = 0;
	#revision = 0;

	/** @param onLeave for each range that is no longer kept */
	constructor(onLeave: (range: AddressRange) => void) {
		this.#onLeave = onLeave;
	}

	get size(): number {
		return this.#size;
	}

	get revision(): number {
		return this.#revision;
	}

	*all(): Iterable<AddressRange> {
		for (const ranges of this.#byIp.values()) yield* ranges;
	}

	open(ip: string): AddressRange | undefined {
		const last = this.#byIp.get(ip)?.at(-1);
		return last?.to === null ? last : undefined;
	}

	/** The range of that moment; null where none is known. */
	at(ip: string, wall: number): AddressRange | null {
		const newestFirst = [...(this.#byIp.get(ip) ?? [])].reverse();
		const range = newestFirst.find(({ from }) => from <= wall);
		return range && (range.to === null || wall < range.to) ? range : null;
	}

	/** Puts a range back that was kept elsewhere, in order of time. */
	restore(range: AddressRange): void {
		this.#append(range);
		this.#revision = Math.max(this.#revision, range.revision);
	}

	/** Something of the range is to be told (again). */
	touch(range: AddressRange): void {
		this.#revision += 1;
		range.revision = this.#revision;
	}

	/** The address is there. */
	mention(ip: string, when: When): AddressRange {
		return this.open(ip) ?? this.#append(begin(ip, when));
	}

	/** A connection came from there. */
	saw(ip: string, when: When): AddressRange {
		const range = this.mention(ip, when);
		range.seen = Math.max(range.seen, when.wall);
		return range;
	}

	/** A source told whose the address is: believed, unless a better one told otherwise a short while ago. */
	claim(ip: string, mac: string, by: AddressFact['by'], when: When): AddressRange {
		const open = this.mention(ip, when);
		const isBetter = open.by === null || ranks[by] >= ranks[open.by];
		if (open.mac === mac) {
			if (isBetter) open.confirmed = when.wall;
			if (isBetter) open.by = by;
			return open;
		}
		if (!isBetter && Math.abs(when.wall - open.confirmed) < silenceMs) return open;
		return open.mac === null ? this.#take(open, mac, by, when) : this.#replace(open, mac, by, when);
	}

	/** The wall clock is trusted now: what began before gets its time. */
	settle({ wall, mono }: When): void {
		for (const ranges of this.#byIp.values()) {
			for (const [index, range] of ranges.entries()) {
				if (range.pending === null) continue;
				const before = ranges[index - 1];
				range.from = Math.max(wall - (mono - range.pending), before?.from ?? 0);
				range.seen = range.seen === 0 ? 0 : wall;
				range.confirmed = wall;
				range.pending = null;
				if (before) before.to = range.from;
			}
		}
	}

	/** To be called now and then: cuts the table to its bounds. @param acked revision up to which all was told */
	bound(acked: number): void {
		if (this.#size <= maxRanges) return;
		const order = [...this.all()].sort((a, b) => worth(a, acked) - worth(b, acked) || lastHeard(a) - lastHeard(b));
		const leaving = new Set(order.slice(0, this.#size - keepRanges));
		for (const [ip, ranges] of this.#byIp) {
			const staying = ranges.filter((range) => !leaving.has(range));
			if (staying.length === 0) this.#byIp.delete(ip);
			else this.#byIp.set(ip, staying);
		}
		this.#size = keepRanges;
		for (const range of leaving) this.#onLeave(range);
	}

	#take(range: AddressRange, mac: string, by: AddressFact['by'], { wall }: When): AddressRange {
		range.mac = mac;
		range.by = by;
		range.confirmed = wall;
		this.touch(range);
		return range;
	}

	#replace(old: AddressRange, mac: string, by: AddressFact['by'], when: When): AddressRange {
		// A clock that was put back makes no range end before it began.
		const range = begin(old.ip, { ...when, wall: Math.max(when.wall, old.from) });
		old.to = range.from;
		this.touch(old);
		return this.#take(this.#append(range), mac, by, when);
	}

	#append(range: AddressRange): AddressRange {
		const ranges = this.#byIp.get(range.ip);
		if (ranges) ranges.push(range);
		else this.#byIp.set(range.ip, [range]);
		this.#size += 1;
		return range;
	}
}

function begin(ip: string, { wall, mono, trusted }: When): AddressRange {
	const pending = trusted ? null : mono;
	return { ip, mac: null, by: null, from: wall, to: null, seen: 0, confirmed: wall, pending, ...untold };
}

const untold = { revision: 0, wanted: false, asked: 0 };

function lastHeard({ seen, confirmed }: AddressRange): number {
	return Math.max(seen, confirmed);
}

/** What is least worth leaves first: nothing is known of it; the master has it; nobody else has it. */
function worth({ revision }: AddressRange, acked: number): number {
	return revision === 0 ? 0 : revision <= acked ? 1 : 2;
}
