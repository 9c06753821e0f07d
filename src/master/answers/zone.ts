// Time in a zone: where hours, days, weeks and months begin there. Days may have 23 or 25 hours, and a zone may be half
// an hour off.

export type Interval = '5m' | 'hour' | 'day' | 'week' | 'month';

const minuteMs = 60_000;
const stepMs = 300_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** An IANA name, or `UTC+hh:mm` as agents say where they know no name. */
export function isZone(name: string): boolean {
	try {
		return fixedOffset(name) !== null || namedZone(name) !== undefined;
	} catch {
		return false;
	}
}

interface NamedZone {
	readonly format: Intl.DateTimeFormat;
	/** ms ahead of UTC where a day of UTC begins, by the number of the day since the Unix epoch. */
	readonly days: Map<number, number>;
}

const zones = new Map<string, NamedZone>();
/** Making one costs 50 us, a day 10, and names and days may come from anybody. */
const rememberedZones = 30;
const rememberedDays = 4000;

function namedZone(name: string): NamedZone {
	let zone = zones.get(name);
	if (!zone) {
		const format = new Intl.DateTimeFormat('en-US', {
			timeZone: name,
			hourCycle: 'h23',
			...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
		});
		zone = { format, days: new Map() };
		if (zones.size >= rememberedZones) zones.clear();
		zones.set(name, zone);
	}
	return zone;
}

/** ms ahead of UTC, of a zone that is no more than that. */
function fixedOffset(zone: string): number | null {
	const [, sign, hours, minutes] = /^UTC([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
	if (sign === undefined) return zone === 'UTC' ? 0 : null;
	return (sign === '-' ? -1 : 1) * (Number(hours) * hourMs + Number(minutes) * minuteMs);
}

/** ms that the zone's clock is ahead of UTC at a moment. */
export function offsetAt(time: number, zone: string): number {
	const fixed = fixedOffset(zone);
	if (fixed !== null) return fixed;
	const named = namedZone(zone);
	const day = Math.floor(time / dayMs);
	// No zone puts its clock there and back within a day.
	const offset = dayOffset(named, day);
	return offset === dayOffset(named, day + 1) ? offset : toldOffset(named, time);
}

function dayOffset(zone: NamedZone, day: number): number {
	let offset = zone.days.get(day);
	if (offset === undefined) {
		offset = toldOffset(zone, day * dayMs);
		if (zone.days.size >= rememberedDays) zone.days.clear();
		zone.days.set(day, offset);
	}
	return offset;
}

function toldOffset({ format }: NamedZone, time: number): number {
	const parts = format.formatToParts(time);
	const number = (type: string) => Number(parts.find((part) => part.type === type)?.value);
	const local = Date.UTC(
		number('year'),
		number('month') - 1,
		number('day'),
		number('hour'),
		number('minute'),
		number('second'),
	);
	return local - Math.floor(time / 1000) * 1000;
}

/** The moment at which the zone's clock first shows a time, given as if it were UTC; where it is skipped, the moment it is skipped at. */
export function momentOf(local: number, zone: string): number {
	const early = local - offsetAt(local - dayMs, zone);
	const late = local - offsetAt(local + dayMs, zone);
	const [first, second] = early < late ? [early, late] : [late, early];
	if (first + offsetAt(first, zone) === local) return first;
	if (second + offsetAt(second, zone) === local) return second;
	// Skipped: the clock jumps over it between the two; minutes are the finest step any zone has.
	let [low, high] = [first - dayMs, second + dayMs];
	while (high - low > minuteMs) {
		const middle = Math.floor((low + high) / 2 / minuteMs) * minuteMs;
		if (middle + offsetAt(middle, zone) >= local) high = middle;
		else low = middle;
	}
	return high;
}

/** Begins of the buckets that hold any of [from, to), and the end of the last; null when there are more than `max`. */
export function bucketEdges(
	{ from, to }: { from: number; to: number },
	{ interval, zone, max }: { interval: Interval; zone: string; max: number },
): number[] | null {
	const edges = [startOf(from, interval, zone)];
	while (edges.at(-1)! < to) {
		if (edges.length > max) return null;
		edges.push(nextOf(edges.at(-1)!, interval, zone));
	}
	if (edges.length === 1) edges.push(nextOf(edges[0]!, interval, zone));
	return edges;
}

/** From the start of one surely into the next. */
const pastNext = { day: 1.5 * dayMs, week: 7.5 * dayMs, month: 31.5 * dayMs } as const;

function nextOf(start: number, interval: Interval, zone: string): number {
	if (interval === '5m') return start + stepMs;
	return interval === 'hour' ? start + hourMs : startOf(start + pastNext[interval], interval, zone);
}

export function startOf(time: number, interval: Interval, zone: string): number {
	// Every zone is a whole number of these ahead.
	if (interval === '5m') return Math.floor(time / stepMs) * stepMs;
	const local = time + offsetAt(time, zone);
	// An hour that comes twice has two buckets.
	if (interval === 'hour') return time - (((local % hourMs) + hourMs) % hourMs);
	const date = new Date(local);
	const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
	if (interval === 'month') return momentOf(Date.UTC(year, month), zone);
	const midnight = Date.UTC(year, month, day);
	const monday = midnight - ((date.getUTCDay() + 6) % 7) * dayMs;
	return momentOf(interval === 'week' ? monday : midnight, zone);
}

/** `2026-01-01T00:00:00Z`, or with the zone's offset: `2026-01-01T00:00:00+01:00`. */
export function formatTime(time: number, zone: string): string {
	if (zone === 'UTC') return `${new Date(time).toISOString().slice(0, 19)}Z`;
	const offset = offsetAt(time, zone);
	const minutes = Math.abs(Math.round(offset / minuteMs));
	const two = (value: number) => String(value).padStart(2, '0');
	const sign = offset < 0 ? '-' : '+';
	return `${new Date(time + offset).toISOString().slice(0, 19)}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** ISO 8601 -> ms since the Unix epoch; without an offset it is the zone's time. null = no time. */
export function parseMoment(text: string, zone: string): number | null {
	const parts = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)([Zz]|[+-]\d\d:?\d\d)?)?$/.exec(text);
	if (!parts) return null;
	const [, date, clock = '00:00', offset] = parts;
	const local = Date.parse(`${date}T${clock.replace(/(\.\d{3})\d+$/, '$1')}Z`);
	if (!Number.isFinite(local)) return null;
	if (offset === undefined) return momentOf(local, zone);
	if (/z/i.test(offset)) return local;
	const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))];
	return local - (offset.startsWith('-') ? -1 : 1) * (hours * hourMs + minutes * minuteMs);
}
