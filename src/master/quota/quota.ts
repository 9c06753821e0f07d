// What a quota is: the settings of an agent's billing cycle, read strictly from the body of a request, and how they
// are shown.

import { isZone } from '../answers/zone.ts';
import { coreClasses } from '../booking/dimension.ts';

const countings = ['wan', 'proxy', 'all'] as const;
const directions = ['both', 'up', 'down'] as const;

export interface QuotaSettings {
	/** Of the month, 1 to 31. */
	readonly startDay: number;
	/** null: the agent's own, or else the master's. */
	readonly zone: string | null;
	/** Bytes. */
	readonly limit: number;
	/** `all` is the core's total. */
	readonly counts: (typeof countings)[number];
	readonly direction: (typeof directions)[number];
	/** Percent of the limit, ascending. */
	readonly levels: readonly number[];
}

/** What a PUT asks for. What is undefined stays as it is. */
export interface QuotaChange {
	readonly settings: QuotaSettings;
	/** Bytes of the cycle that is on, from before netmon counted. */
	readonly usedBefore: number | undefined;
	readonly webhook: string | null | undefined;
}

export const classesOf: Readonly<Record<QuotaSettings['counts'], readonly string[]>> = {
	wan: ['wan'],
	proxy: ['proxy'],
	all: coreClasses,
};

export function counted({ direction }: QuotaSettings, { up, down }: { readonly up: number; readonly down: number }) {
	return direction === 'up' ? up : direction === 'down' ? down : up + down;
}

/** Whether so many bytes reach a level. */
export function reaches({ limit }: QuotaSettings, level: number, used: number): boolean {
	return used * 100 >= level * limit;
}

/** Of the limit, two decimals, rounded down: it shows a level when it is reached. */
export function percentOf({ limit }: QuotaSettings, used: number): number {
	return Math.floor((used / limit) * 10_000 + 1e-7) / 100;
}

/** A webhook's URL may be as good as a password: this much of it may be shown. */
export function shownWebhook(url: string): string {
	return `${new URL(url).origin}/***`;
}

const maxLevels = 10;
const maxPercent = 1000;
const maxUrlLength = 2048;
/** 2^50 bytes: more than any line carries in a month, and exact in every sum. */
const maxLimit = 2 ** 50;

const known = ['start_day', 'tz', 'limit', 'counts', 'direction', 'levels', 'used_before', 'webhook'];

/** The body of a PUT: JSON text -> a change, or a sentence. Never throws. */
export function parseQuota(text: string): QuotaChange | { readonly error: string } {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return { error: 'the body is not JSON' };
	}
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		return { error: 'the body is not an object' };
	const body = value as Readonly<Record<string, unknown>>;
	const odd = Object.keys(body).find((key) => !known.includes(key));
	if (odd !== undefined) return { error: `a quota has ${known.join(', ')}` };
	const { start_day: startDay = 1, tz = null, limit, used_before: usedBefore, webhook } = body;
	const counts = countings.find((one) => one === (body.counts ?? 'wan'));
	const direction = directions.find((one) => one === (body.direction ?? 'both'));
	if (!isWhole(startDay, 1, 31)) return { error: 'start_day is a day of the month, 1 to 31' };
	if (tz !== null && !(typeof tz === 'string' && isZone(tz)))
		return { error: "tz is the name of a time zone, as Europe/Berlin, or null for the agent's own" };
	if (!isWhole(limit, 1, maxLimit)) return { error: 'limit is a whole number of bytes, from 1 to 2^50' };
	if (!counts) return { error: `counts is one of ${countings.join(', ')}` };
	if (!direction) return { error: `direction is one of ${directions.join(', ')}` };
	const levels = levelsOf(body.levels ?? [80, 100]);
	if (!levels) return { error: `levels is a list of at most ${maxLevels} whole percents from 1 to ${maxPercent}` };
	if (usedBefore !== undefined && !isWhole(usedBefore, 0, maxLimit))
		return { error: 'used_before is a whole number of bytes, from 0 to 2^50' };
	if (webhook !== undefined && webhook !== null && !isWebhook(webhook))
		return { error: 'webhook is an http or https URL without a user name in it, or null' };
	return { settings: { startDay, zone: tz, limit, counts, direction, levels }, usedBefore, webhook };
}

function isWhole(value: unknown, min: number, max: number): value is number {
	return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

function levelsOf(value: unknown): number[] | null {
	if (!Array.isArray(value) || value.length > maxLevels) return null;
	if (!value.every((level) => isWhole(level, 1, maxPercent))) return null;
	return [...new Set<number>(value)].sort((a, b) => a - b);
}

function isWebhook(value: unknown): value is string {
	if (typeof value !== 'string' || value.length > maxUrlLength || /[\s\u0000-\u001f\u007f]/.test(value)) return false;
	try {
		const { protocol, username, password } = new URL(value);
		return /^https?:$/.test(protocol) && username === '' && password === '';
	} catch {
		return false;
	}
}
