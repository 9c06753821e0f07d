// Asks a router in a session that is renewed when it has died: once in a round of questions, then the refusal is
// a missing right. Knows which door works and goes back to it.
import { luciErrors } from './lucierror.ts';
import { call, type Door, isLoginPage, knock, type LuciLogin, type LuciSession, logIn, luciPath } from './lucilogin.ts';
import { accessDenied, isObject, parseJson, permissionDenied, type RpcCall, type RpcReply } from './lucirpc.ts';
import type { LuciTalk } from './lucitalk.ts';

export interface Replies {
	readonly replies: readonly RpcReply[];
	/** Monotonic ms of the answer's first byte. */
	readonly mono: number;
}

export interface Page {
	readonly value: unknown;
	readonly mono: number;
}

export class LuciDesk {
	readonly talk: LuciTalk;
	readonly #login: LuciLogin;
	#session: LuciSession | null = null;
	#door: Door | null = null;
	/** Logged in during this round: another refusal is no expiry. */
	#renewed = false;
	#logins = 0;

	constructor(talk: LuciTalk, login: LuciLogin) {
		this.talk = talk;
		this.#login = login;
	}

	get door(): Door | null {
		return this.#door;
	}

	/** The session's cookie name and token, which tell the generation; null before a login by form. */
	get formSession(): Pick<LuciSession, 'cookie' | 'stok'> | null {
		return this.#session?.door === 'form' ? this.#session : null;
	}

	get logins(): number {
		return this.#logins;
	}

	/** Begins a round of questions (a sample): from here on one renewal is allowed. */
	begin(): void {
		this.#renewed = false;
	}

	/** Logs in at this door, if it is there. */
	async enter(door: Door): Promise<boolean> {
		this.leave();
		if (door !== 'form' && !(await knock(this.talk, door))) return false;
		this.#session = await logIn(this.talk, door, this.#login);
		this.#door = this.#session ? door : null;
		this.#renewed = true;
		this.#logins += this.#session ? 1 : 0;
		return this.#session !== null;
	}

	/** Forgets session and door; the router lets the session expire. */
	leave(): void {
		this.#session = null;
		this.#door = null;
	}

	/** Whether the session may call it; yes when the router did not tell (a login by form). */
	allows(object: string, method: string): boolean {
		const rights = this.#session?.rights;
		return !rights || grants(rights.ubus, object, method);
	}

	/** Whether the session may read a UCI file; no when the router did not tell. */
	mayRead(config: string): boolean {
		return grants(this.#session?.rights?.uci, config, 'read');
	}

	/**
	 * Calls, in one answer. null: no JSON-RPC here (after a form login on old LuCI). Rejects with `LuciError`
	 * (`no-right` when a fresh session is refused too).
	 */
	async call(calls: readonly RpcCall[]): Promise<Replies | null> {
		for (;;) {
			const session = await this.#open();
			const { replies, answer } = await call(this.talk, session, calls);
			const denied = replies === null ? isRefusal(answer) : replies.some(isDenied);
			if (!denied) {
				if (replies === null && answer.status >= 500) throw this.#notReady(answer.status);
				return replies === null ? null : { replies, mono: answer.mono };
			}
			if (this.#renewed) {
				if (replies === null) return null;
				throw luciErrors.noRight(this.talk.host, this.#login.username, nameOf(calls));
			}
			this.#session = null;
		}
	}

	/** A page of LuCI that is JSON, after a form login. null: the page is not there (404, or HTML in its place). */
	async page(path: string): Promise<Page | null> {
		for (;;) {
			const { cookie, stok } = await this.#open();
			const answer = await this.talk.ask({ path: `${luciPath}${stok}/${path}`, cookie });
			const value = parseJson(answer.body);
			if (value !== undefined && !isRefusal(answer)) return { value, mono: answer.mono };
			if (answer.status >= 500) throw this.#notReady(answer.status);
			if (!isRefusal(answer)) return null;
			if (this.#renewed) throw luciErrors.forbidden(this.talk.host, path);
			this.#session = null;
		}
	}

	async #open(): Promise<LuciSession> {
		if (this.#session) return this.#session;
		if (!this.#door) throw luciErrors.notLuci(this.talk.location.base);
		const session = await logIn(this.talk, this.#door, this.#login);
		if (!session) throw luciErrors.away(this.talk.host, 'the login is not there any more');
		this.#session = session;
		this.#renewed = true;
		this.#logins += 1;
		return session;
	}

	#notReady(status: number) {
		return luciErrors.away(this.talk.host, `status ${status}`);
	}
}

/** `network.device status`. */
export function nameOf(calls: readonly RpcCall[]): string {
	return calls[0] ? `${calls[0].object} ${calls[0].method}` : 'nothing';
}

function isDenied(reply: RpcReply): boolean {
	return reply.kind === 'error'
		? reply.code === accessDenied
		: reply.kind === 'status' && reply.status === permissionDenied;
}

/** "Log in first", in the forms LuCI has for it: 403, 15.05's way back to the start, the login page itself. */
function isRefusal({ status, body }: { readonly status: number; readonly body: Buffer }): boolean {
	return status === 401 || status === 403 || (status >= 300 && status < 400) || isLoginPage(body.toString('latin1'));
}

function grants(scope: unknown, name: string, right: string): boolean {
	if (!isObject(scope)) return false;
	return Object.entries(scope).some(
		([pattern, rights]) =>
			matches(pattern, name) &&
			Array.isArray(rights) &&
			rights.some((one) => typeof one === 'string' && matches(one, right)),
	);
}

/** An ACL's pattern: `*` stands for anything. */
function matches(pattern: string, name: string): boolean {
	if (!pattern.includes('*')) return pattern === name;
	const literal = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
	return new RegExp(`^${literal.join('.*')}$`).test(name);
}
