// Asks the master's API. Addresses are relative to the page, so that it works under any path; the token travels in a
// header. Every failure is an ApiError whose kind says what the viewer can do about it.
import { token } from './session.ts';

/** offline: nothing answered; token: none or a wrong one; refused: the question is wrong; busy: later; fault: the rest. */
export type FailureKind = 'offline' | 'token' | 'refused' | 'busy' | 'fault';

export class ApiError extends Error {
	readonly kind: FailureKind;

	constructor(kind: FailureKind, message: string) {
		super(message);
		this.kind = kind;
	}
}

export type Query = Readonly<Record<string, string | number | null | undefined>>;

interface Envelope<T> {
	readonly data: T;
	readonly message: string | null;
}

const base = 'api/v1/';
let waitingIs: (batches: number) => void = () => {};

/** Told with each answer how many batches its figures lack; 0 = none. */
export function onWaiting(tell: (batches: number) => void): void {
	waitingIs = tell;
}

/** `stats`, `{type: 'summary'}` -> "api/v1/stats?type=summary"; what is null or undefined is left out. */
export function address(path: string, query: Query): string {
	const parameters = new URLSearchParams();
	for (const [name, value] of Object.entries(query)) {
		if (value !== null && value !== undefined) parameters.set(name, String(value));
	}
	const text = parameters.toString();
	return `${base}${path}${text === '' ? '' : `?${text}`}`;
}

/** Rejects with an `ApiError`, or with an `AbortError` when `signal` ended it. */
export async function open(path: string, query: Query, init: RequestInit = {}): Promise<Response> {
	const known = token();
	const headers = { ...(known === null ? {} : { Authorization: `Bearer ${known}` }), ...init.headers };
	let response: Response;
	try {
		response = await fetch(address(path, query), { ...init, headers, cache: 'no-store', credentials: 'omit' });
	} catch (error) {
		if ((error as Error).name === 'AbortError') throw error;
		throw new ApiError('offline', '');
	}
	if (response.ok) {
		// The stream of now has no figures that could lack any.
		if (path !== 'live') waitingIs(Number(response.headers.get('X-Waiting') ?? 0));
		return response;
	}
	const said = await response.json().catch(() => null);
	throw new ApiError(kindOf(response.status), (said as Envelope<null> | null)?.message ?? `HTTP ${response.status}`);
}

/** The whole envelope: `data`, and what some routes put beside it. */
export async function askWhole<T extends object>(path: string, query: Query, signal?: AbortSignal): Promise<T> {
	const response = await open(path, query, signal ? { signal } : {});
	try {
		return (await response.json()) as T;
	} catch (error) {
		if ((error as Error).name === 'AbortError') throw error;
		throw new ApiError('fault', 'the answer is no JSON');
	}
}

export async function ask<T>(path: string, query: Query, signal?: AbortSignal): Promise<T> {
	return (await askWhole<Envelope<T>>(path, query, signal)).data;
}

/** Changes something; answers the `data` of what comes back. A body goes as JSON, null = none. */
export async function send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown): Promise<T> {
	const sent = body === null ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
	return ((await (await open(path, {}, { method, ...sent })).json()) as Envelope<T>).data;
}

function kindOf(status: number): FailureKind {
	if (status === 401) return 'token';
	if (status === 429 || status === 503) return 'busy';
	return status >= 400 && status < 500 ? 'refused' : 'fault';
}
