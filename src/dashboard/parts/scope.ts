// What the figures of a view are about: a range and filters; and the sums and series that the API has of them. Down and
// up are bytes. Where nobody counted there is null, never 0.
import type { Bytes } from '../../record.ts';
import type { Band, Layer } from '../chart/chartdata.ts';
import { ask, type Query } from '../client.ts';
import { say } from '../language/language.ts';
import { type ClassName, classNames } from './classes.ts';
import { type Filter, filterParameters, withoutFilter } from './filter.ts';
import type { Interval, Range } from './range.ts';

export interface Scope {
	readonly range: Range;
	readonly filters: readonly Filter[];
}

/**
 * Bytes by class and what else there is (`type=balance`); null = unknown. core = attributed + unattributed, and
 * wan = core - unmeasured + overhead + bypass - local + wan_only.
 */
export type Balance = Readonly<Record<BalanceName, Bytes | null>>;
export type BalanceName = ClassName | 'core' | 'attributed' | 'wan' | 'local' | 'wan_only' | 'unmeasured';

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

/** Asked for alone, what is beside the core is known of whole agents: of the rest nothing is said then. */
export async function loadBalance(scope: Scope, signal: AbortSignal): Promise<Balance> {
	type Told = Readonly<Record<BalanceName, { readonly upload: number; readonly download: number } | null>>;
	const alone = scope.filters.find(({ name, value }) => name === 'class' && beside.includes(value))?.value;
	const filters = alone ? withoutFilter(scope.filters, 'class') : scope.filters;
	const told = await ask<Told>('stats', { type: 'balance', ...scopeQuery({ ...scope, filters }) }, signal);
	const named = Object.entries(told).map(([name, sum]) => {
		const meant = sum && (!alone || name === alone);
		return [name, meant ? { up: sum.upload, down: sum.download } : null];
	});
	return Object.fromEntries(named) as Balance;
}

const beside: readonly string[] = ['wan', 'overhead', 'bypass'];

/** Whether the filters ask for what neither a WAN nor bytes without a connection have: a device, a host, a class. */
export const isNarrow = ({ filters }: Scope): boolean => filters.some(({ name }) => name !== 'agent_id');

/** All paths, as a stack of all classes has them: the core, overhead and bypass. That is the WAN where all of it was counted. */
export function wholeOf({ core, overhead, bypass }: Balance): Bytes | null {
	const known = [core, overhead, bypass].filter((part) => part !== null);
	if (known.length === 0) return null;
	return known.reduce((all, { up, down }) => ({ up: all.up + up, down: all.down + down }), { up: 0, down: 0 });
}

export const sumOf = (part: Bytes | null): number | null => part && part.up + part.down;

/** A series of the API: one of a class, where they are split by it. */
interface Line {
	readonly class?: string;
	readonly metric: 'download' | 'upload';
	readonly points: readonly Point[];
}

export interface Point {
	/** Where its time begins, with the offset of the zone: "2026-01-31T00:00:00+01:00". */
	readonly time: string;
	readonly value: number;
}

/** Down and up by one question. */
export function askLines(query: Query, signal: AbortSignal): Promise<Line[]> {
	return ask<Line[]>('stats', { type: 'timeseries', metric: 'download,upload', ...query }, signal);
}

export async function loadSeries(scope: Scope, interval: Interval, signal: AbortSignal): Promise<Series> {
	const lines = await askLines({ interval, split_by: 'class', ...scopeQuery(scope) }, signal);
	const times = (lines[0]?.points ?? []).map(({ time }) => Date.parse(time) / 1000);
	const layers = classNames.flatMap((name): Layer[] => {
		const of = (metric: Line['metric']) => lines.find((line) => line.class === name && line.metric === metric)?.points;
		const [downs, ups] = [of('download'), of('upload')];
		if (!downs && !ups) return [];
		const numbers = (points: readonly Point[] | undefined) => times.map((_, at) => points?.[at]?.value ?? 0);
		return [{ name, down: numbers(downs), up: numbers(ups) }];
	});
	return { times, layers };
}

/** A row of `/api/v1/gaps`. */
interface Gap {
	readonly agent_id: string;
	readonly kind: 'missing' | 'late' | 'wan_unknown' | 'away';
	readonly from: string;
	readonly to: string;
	readonly what: string;
}

/** The times of which less is known, of the agents that are meant. */
export async function loadBands({ range, filters }: Scope, signal: AbortSignal): Promise<Band[]> {
	const agent = filters.find(({ name }) => name === 'agent_id')?.value;
	const time = (ms: number) => new Date(ms).toISOString();
	const gaps = await ask<Gap[]>('gaps', { from: time(range.from), to: time(range.to), agent_id: agent }, signal);
	return gaps.map(({ agent_id, kind, from, to, what }) => ({
		from: Date.parse(from) / 1000,
		to: Date.parse(to) / 1000,
		kind,
		text: `${say(`gap ${kind}`, { agent: agent_id })}${what === '' ? '' : ` (${what})`}`,
	}));
}
