// What the figures of a view are about: a range and filters; and the sums and series that the API has of them. Down and
// up are bytes. Where nobody counted there is null, never 0.
import type { Bytes } from '../record.ts';
import type { Band, Layer } from './chart.ts';
import { type ClassName, classNames } from './classes.ts';
import { ask, type Query } from './client.ts';
import { type Filter, filterParameters } from './filter.ts';
import { say } from './language.ts';
import type { Interval, Range } from './range.ts';

export interface Scope {
	readonly range: Range;
	readonly filters: readonly Filter[];
}

/** Bytes by class; what is missing was not counted. */
export type ClassSums = Readonly<Partial<Record<ClassName | 'wan', Bytes>>>;

export interface Series {
	/** Where each point begins, s since the Unix epoch. */
	readonly times: readonly number[];
	readonly layers: readonly Layer[];
}

/** The viewer's: days and months begin there. */
export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function scopeQuery({ range, filters }: Scope): Query {
	const time = (ms: number) => new Date(ms).toISOString();
	return { from: time(range.from), to: time(range.to), tz: zone(), ...filterParameters(filters) };
}

/** Whether WAN = core + overhead + bypass can be said: a filter by device or host has no line. */
export const isWhole = ({ filters }: Scope): boolean => filters.every(({ name }) => name === 'agent_id');

export async function loadSums(scope: Scope, signal: AbortSignal): Promise<ClassSums> {
	const query = { type: 'group', group_by: 'class', ...scopeQuery(scope) };
	const rows = await ask<{ class: ClassName | 'wan'; upload: number; download: number }[]>('stats', query, signal);
	return Object.fromEntries(rows.map((row) => [row.class, { up: row.upload, down: row.download }]));
}

/** What the core moved; null when it was not heard. */
export function coreOf(sums: ClassSums): Bytes | null {
	return added([sums.direct, sums.proxy, sums.reject, sums.unattributed]);
}

export function added(parts: readonly (Bytes | null | undefined)[]): Bytes | null {
	const known = parts.filter((part) => part !== null && part !== undefined);
	if (known.length === 0) return null;
	return known.reduce((a, b) => ({ up: a.up + b.up, down: a.down + b.down }), { up: 0, down: 0 });
}

interface Line {
	readonly class: string;
	readonly points: readonly { readonly time: string; readonly value: number }[];
}

export async function loadSeries(scope: Scope, interval: Interval, signal: AbortSignal): Promise<Series> {
	const query = { type: 'timeseries', interval, split_by: 'class', ...scopeQuery(scope) };
	const [down, up] = await Promise.all(
		(['download', 'upload'] as const).map((metric) => ask<Line[]>('stats', { ...query, metric }, signal)),
	);
	const times = (down![0]?.points ?? up![0]?.points ?? []).map(({ time }) => Date.parse(time) / 1000);
	const valuesOf = (lines: readonly Line[], name: string) => lines.find((line) => line.class === name)?.points;
	const layers = classNames.flatMap((name): Layer[] => {
		const [downs, ups] = [valuesOf(down!, name), valuesOf(up!, name)];
		if (!downs && !ups) return [];
		const numbers = (points: Line['points'] | undefined) => times.map((_, at) => points?.[at]?.value ?? 0);
		return [{ name, down: numbers(downs), up: numbers(ups) }];
	});
	return { times, layers };
}

/** A row of `/api/v1/gaps`. */
interface Gap {
	readonly agent_id: string;
	readonly from: string;
	readonly to: string;
	readonly what: string;
}

/** The times in which something may be missing, of the agents that are meant. */
export async function loadBands({ range, filters }: Scope, signal: AbortSignal): Promise<Band[]> {
	const agent = filters.find(({ name }) => name === 'agent_id')?.value;
	const gaps = await ask<Gap[]>('gaps', {}, signal);
	return gaps
		.filter(({ agent_id }) => agent === undefined || agent === agent_id)
		.map(({ agent_id, from, to, what }) => ({
			from: Date.parse(from) / 1000,
			to: Date.parse(to) / 1000,
			text: say('gap', { agent: agent_id, what }),
		}))
		.filter(({ from, to }) => to * 1000 > range.from && from * 1000 < range.to);
}
