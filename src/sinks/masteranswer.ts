// What a master answers to a sync, read strictly: a netmon master by its key `netmon`, an old one by the number of
// connections that it took. Anything else is no master's answer.
import type { NetmonAnswer } from '../wire.ts';

/** More than any answer needs; what is longer is not read to its end. */
export const answerMaxBytes = 64 * 1024;

export type MasterAnswer =
	| ({ readonly kind: 'netmon' } & NetmonAnswer)
	| { readonly kind: 'old'; readonly count: number }
	/** A sentence's end: "answered with ...". */
	| { readonly kind: 'none'; readonly why: string };

/** A tempo below this is not a master's wish but an error; 0 = as configured. */
const longestTempoS = 86_400;

/** Parses the body of a 2xx answer to `POST /api/v1/sync`. */
export function parseMasterAnswer(body: Buffer): MasterAnswer {
	const value = parseObject(body);
	if (value === null) return { kind: 'none', why: 'something that is not JSON' };
	if (value.status !== 'success') return { kind: 'none', why: 'no "status": "success"' };
	if (value.netmon !== undefined) {
		const netmon = parseNetmon(value.netmon);
		return netmon ? { kind: 'netmon', ...netmon } : { kind: 'none', why: 'a key "netmon" that cannot be understood' };
	}
	const count = isObject(value.data) ? value.data.count : undefined;
	return isCount(count) ? { kind: 'old', count } : { kind: 'none', why: 'no count of what it took' };
}

function parseNetmon(value: unknown): NetmonAnswer | null {
	if (!isObject(value)) return null;
	const { version, epoch, acked, next_sync_s, gzip, max_bytes } = value;
	return isCount(version) &&
		version >= 1 &&
		typeof epoch === 'string' &&
		isCount(acked) &&
		isCount(next_sync_s) &&
		next_sync_s <= longestTempoS &&
		typeof gzip === 'boolean' &&
		isCount(max_bytes)
		? { version, epoch, acked, next_sync_s, gzip, max_bytes }
		: null;
}

/** The answer to `GET /api/v1/wake`: whether somebody looks; null = no such answer. */
export function parseWake(body: Buffer): boolean | null {
	const data = parseObject(body)?.data;
	return isObject(data) && typeof data.wake === 'boolean' ? data.wake : null;
}

/** The sentence of an error's envelope, one line of at most 200 characters; '' = none. */
export function parseRefusal(body: Buffer): string {
	const message = parseObject(body)?.message;
	return typeof message === 'string' ? message.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 200) : '';
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> | null {
	try {
		const value: unknown = JSON.parse(body.toString());
		return isObject(value) ? value : null;
	} catch {
		return null;
	}
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}
