// The three doors into a router, tried from the plainest: /ubus, LuCI's own gateway, the form in the browser's
// page. A door's session is used at that door only. The password goes into the body of the login, nowhere else.
import { type LuciError, luciErrors } from './lucierror.ts';
import {
	accessDenied,
	encodeCalls,
	isObject,
	type JsonObject,
	nobody,
	objectNotFound,
	parseReplies,
	permissionDenied,
	type RpcCall,
	type RpcReply,
} from './lucirpc.ts';
import type { LuciAnswer, LuciTalk } from './lucitalk.ts';

/** In the order they are tried. `form`: LuCI up to 18.06, and routers where the others are shut. */
export const doors = ['ubus', 'gateway', 'form'] as const;
export type Door = (typeof doors)[number];

export interface LuciLogin {
	readonly username: string;
	readonly password: string;
}

export interface LuciSession {
	readonly door: Door;
	/** The id to call with; `nobody` after a form login, whose session rides in the cookie. */
	readonly id: string;
	/** `name=value` to send to LuCI's pages; null at the other doors. */
	readonly cookie: string | null;
	/** 15.05's token in the path of every page; '' where there is none. */
	readonly stok: string;
	/** Scope (`ubus`, `uci`) -> object -> methods that may be called, with `*` as wildcard; null = not told. */
	readonly rights: JsonObject | null;
}

export const luciPath = '/cgi-bin/luci';
const rpcPaths = { ubus: '/ubus', gateway: `${luciPath}/admin/ubus`, form: `${luciPath}/admin/ubus` } as const;
/** Polling keeps a session alive; after a crash of ours it shall not linger for long. */
const sessionSeconds = 3600;

/** Calls at a door; replies are null when something else than JSON-RPC came. Rejects with `LuciError`. */
export async function call(
	talk: LuciTalk,
	{ door, id, cookie }: Pick<LuciSession, 'door' | 'id' | 'cookie'>,
	calls: readonly RpcCall[],
): Promise<{ readonly replies: RpcReply[] | null; readonly answer: LuciAnswer }> {
	const answer = await talk.ask({ path: rpcPaths[door], json: encodeCalls(id, calls), cookie });
	return { replies: parseReplies(answer.body, calls.length), answer };
}

/** Whether there is somebody behind the door, asked without the password: it may still send us to HTTPS. */
export async function knock(talk: LuciTalk, door: 'ubus' | 'gateway'): Promise<boolean> {
	const access = { object: 'session', method: 'access', args: {} };
	return (await call(talk, { door, id: nobody, cookie: null }, [access])).replies !== null;
}

/** A new session; null when there is no such door. Rejects with `LuciError` (`password`, `away`, ...). */
export function logIn(talk: LuciTalk, door: Door, login: LuciLogin): Promise<LuciSession | null> {
	return door === 'form' ? logInByForm(talk, login) : logInByCall(talk, door, login);
}

async function logInByCall(
	talk: LuciTalk,
	door: 'ubus' | 'gateway',
	{ username, password }: LuciLogin,
): Promise<LuciSession | null> {
	const args = { username, password, timeout: sessionSeconds };
	const { replies, answer } = await call(talk, { door, id: nobody, cookie: null }, [
		{ object: 'session', method: 'login', args },
	]);
	const reply = replies?.[0];
	if (!reply) {
		if (answer.status >= 500) throw luciErrors.away(talk.host, `status ${answer.status}`);
		return null;
	}
	if (reply.kind === 'data') {
		const { ubus_rpc_session: id, acls } = reply.data;
		if (typeof id !== 'string' || !/^[0-9a-f]{1,64}$/i.test(id)) {
			throw luciErrors.badAnswer(talk.host, 'session login', 'no session id');
		}
		return { door, id, cookie: null, stok: '', rights: isObject(acls) && isObject(acls.ubus) ? acls : null };
	}
	if (reply.kind === 'status') {
		if (reply.status === permissionDenied) throw luciErrors.password(talk.host, username);
		throw luciErrors.away(talk.host, `session login: ubus status ${reply.status}`);
	}
	if (reply.code === objectNotFound) throw luciErrors.away(talk.host, 'no object "session" on ubus');
	// Nobody may log in here (a stripped rpcd); the form may still work.
	if (reply.code === accessDenied) return null;
	throw luciErrors.badAnswer(talk.host, 'session login', `JSON-RPC error ${reply.code}`);
}

async function logInByForm(talk: LuciTalk, { username, password }: LuciLogin): Promise<LuciSession | null> {
	const form = new URLSearchParams({ luci_username: username, luci_password: password });
	const answer = await talk.ask({ path: `${luciPath}/`, form });
	const cookie = sessionCookie(answer.headers['set-cookie'] ?? []);
	if (cookie) {
		const stok = /\/;stok=([0-9a-f]+)/i.exec(answer.headers.location ?? '')?.[1];
		return { door: 'form', id: nobody, cookie, stok: stok ? `/;stok=${stok}` : '', rights: null };
	}
	const refusal = formRefusal(answer.body.toString('latin1'), talk, username);
	if (refusal) throw refusal;
	if (answer.status === 403 || answer.status === 429) throw luciErrors.forbidden(talk.host, 'the login');
	if (answer.status >= 500) throw luciErrors.away(talk.host, `status ${answer.status}`);
	return null;
}

/** Up to 22.02 `sysauth`, then one name for each scheme. An empty value takes the cookie back. */
function sessionCookie(setCookies: readonly string[]): string | null {
	for (const text of setCookies) {
		const match = /^\s*(sysauth(?:_https?)?=[0-9a-zA-Z]+)/.exec(text);
		if (match) return match[1]!;
	}
	return null;
}

/** The login page came back: with another field than name and password it wants a second factor. */
function formRefusal(html: string, talk: LuciTalk, username: string): LuciError | null {
	if (!isLoginPage(html)) return null;
	const fields = [...html.matchAll(/<input\b[^>]*>/gi)]
		.map(([tag]) => tag)
		.filter((tag) => !/\btype\s*=\s*["']?(submit|reset|button|hidden)/i.test(tag))
		.map((tag) => /\bname\s*=\s*["']?([\w.:-]{1,40})/i.exec(tag)?.[1] ?? '')
		.filter((name) => name !== '' && name !== 'luci_username' && name !== 'luci_password');
	return fields[0] ? luciErrors.secondFactor(talk.host, fields[0]) : luciErrors.password(talk.host, username);
}

/** Whether a page is LuCI's login, in any theme. */
export function isLoginPage(html: string): boolean {
	return /\bname\s*=\s*["']?luci_password\b/i.test(html);
}
