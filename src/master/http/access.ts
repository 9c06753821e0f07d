// Who may ask: tokens, names of this host, other sites' pages. Pure functions of a request's headers.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from './answer.ts';

export interface AccessOptions {
	/** The shared token; null = none is asked for. */
	readonly apiToken: string | null;
	/** Names that `Host` may have; null = any. */
	readonly allowHosts: readonly string[] | null;
}

/** Who asks: anyone (the shared token, or none is needed), or one agent by a token of its own. */
export type Caller = { readonly agent: string | null };

type AgentTokens = () => readonly { readonly agent: string; readonly hash: string }[];

const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();

export class Access {
	readonly #shared: Buffer | null;
	readonly #allowHosts: readonly string[] | null;
	readonly #tokens: AgentTokens;

	/** `tokens`: those of single agents, by SHA-256 in hex. */
	constructor({ apiToken, allowHosts }: AccessOptions, tokens: AgentTokens) {
		this.#shared = apiToken === null ? null : digest(apiToken);
		this.#allowHosts = allowHosts;
		this.#tokens = tokens;
	}

	get open(): boolean {
		return this.#shared === null;
	}

	/** Throws a `Refusal` where the request names a host that is not ours (DNS rebinding). */
	checkHost({ host = '' }: IncomingHttpHeaders): void {
		if (this.#allowHosts === null) return;
		const name = host
			.toLowerCase()
			.replace(/:\d+$/, '')
			.replace(/^\[|\]$/g, '');
		if (!this.#allowHosts.includes(name) && name !== '127.0.0.1')
			throw new Refusal(403, 'this host name is not allowed: see --allow-host');
	}

	/** Throws a `Refusal` where the token is missing or wrong. Compares in constant time. */
	caller({ authorization }: IncomingHttpHeaders): Caller {
		if (authorization === undefined) {
			if (this.#shared) throw unauthorized('a token is needed: Authorization: Bearer TOKEN');
			return { agent: null };
		}
		const token = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1];
		const given = digest(token ?? '');
		const shared = this.#shared !== null && timingSafeEqual(given, this.#shared);
		let agent: string | null = null;
		for (const { agent: name, hash } of this.#tokens()) {
			if (timingSafeEqual(given, Buffer.from(hash, 'hex'))) agent = name;
		}
		if (token === undefined || !(shared || agent !== null || this.#shared === null))
			throw unauthorized('the token is wrong');
		return { agent: shared ? null : agent };
	}

	/** An agent that has a token of its own cannot be spoken for without it, unless by the shared one. */
	mustProve(agent: string): boolean {
		return this.#shared === null && this.#tokens().some((token) => token.agent === agent);
	}

	/** Of an answer to a page of another site: any may read with the token, none without one. */
	corsHeaders({ origin }: IncomingHttpHeaders, method: string): Record<string, string> {
		return origin === undefined || this.open || method !== 'GET' ? {} : { 'Access-Control-Allow-Origin': '*' };
	}

	/** Of an answer to OPTIONS; null = no page may. */
	preflight(headers: IncomingHttpHeaders): Record<string, string> | null {
		if (this.open || headers.origin === undefined || headers['access-control-request-method'] !== 'GET') return null;
		return {
			'Access-Control-Allow-Origin': '*',
			'Access-Control-Allow-Methods': 'GET',
			'Access-Control-Allow-Headers': 'Authorization',
			'Access-Control-Max-Age': '600',
		};
	}

	/** Throws a `Refusal` where a page of another site sends something that changes state. */
	checkOrigin({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): void {
		const foreign = site !== undefined && site !== 'same-origin' && site !== 'none';
		const other = origin !== undefined && origin.replace(/^https?:\/\//, '') !== host;
		if (foreign || other) throw new Refusal(403, 'pages of other sites may not send this');
	}
}

function unauthorized(message: string): Refusal {
	return new Refusal(401, message, { 'WWW-Authenticate': 'Bearer' });
}
