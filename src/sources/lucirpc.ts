// JSON-RPC as uhttpd's /ubus and LuCI's own gateway speak it: calls -> a body, a body -> replies. The status of
// the HTTP answer says nothing: everything comes as 200, and some routers answer HTML with 200.

export type JsonObject = { readonly [name: string]: unknown };

export interface RpcCall {
	readonly object: string;
	readonly method: string;
	readonly args: JsonObject;
}

export type RpcReply =
	/** `result: [0, {...}]` */
	| { readonly kind: 'data'; readonly data: JsonObject }
	/** `result: [n]`: a ubus status other than 0. */
	| { readonly kind: 'status'; readonly status: number }
	/** A JSON-RPC error. */
	| { readonly kind: 'error'; readonly code: number };

/** The session of nobody; it may log in. */
export const nobody = '0'.repeat(32);
/** No such session, or no right to the call: the two are not told apart. */
export const accessDenied = -32002;
export const objectNotFound = -32000;
/** ubus statuses. */
export const ok = 0;
export const permissionDenied = 6;

export function isObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a JSON text; undefined when it is none (HTML, half an answer, bytes). */
export function parseJson(body: Buffer): unknown {
	try {
		return JSON.parse(body.toString('utf8'));
	} catch {
		return undefined;
	}
}

/** One call as an object, several as a batch. All four params are a must (`-32700` otherwise). */
export function encodeCalls(session: string, calls: readonly RpcCall[]): string {
	const messages = calls.map(({ object, method, args }, id) => ({
		jsonrpc: '2.0',
		id,
		method: 'call',
		params: [session, object, method, args],
	}));
	return JSON.stringify(messages.length === 1 ? messages[0] : messages);
}

/** Replies in the order of the calls; null when the body is not JSON-RPC or leaves a call unanswered. */
export function parseReplies(body: Buffer, count: number): RpcReply[] | null {
	const value = parseJson(body);
	if (isObject(value)) {
		const reply = parseReply(value);
		// One answer to a batch is an error of all of it (`id` is null then).
		if (!reply || (count > 1 && reply.kind !== 'error')) return null;
		return Array.from({ length: count }, () => reply);
	}
	if (!Array.isArray(value)) return null;
	const replies = Array.from({ length: count }, (_, id) => {
		const message = value.find((one) => isObject(one) && one.id === id);
		return message ? parseReply(message) : null;
	});
	return replies.every((reply) => reply !== null) ? replies : null;
}

function parseReply({ result, error }: JsonObject): RpcReply | null {
	if (isObject(error)) return typeof error.code === 'number' ? { kind: 'error', code: error.code } : null;
	if (!Array.isArray(result) || typeof result[0] !== 'number') return null;
	if (result[0] !== ok) return { kind: 'status', status: result[0] };
	return { kind: 'data', data: isObject(result[1]) ? result[1] : {} };
}
