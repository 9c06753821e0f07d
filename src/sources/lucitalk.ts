// One connection to one router's web server. Goes over to HTTPS when the router asks for that on the same host,
// follows nothing else; the only place from which bytes go to the router.
import type { IncomingHttpHeaders } from 'node:http';
import type { CertificateRule } from '../system/certificate.ts';
import type { Clock } from '../system/clock.ts';
import { type HttpAnswer, HttpClient, type HttpRequest } from '../system/http.ts';
import { asLuciError, luciErrors } from './lucierror.ts';
import type { LuciLocation } from './lucilocation.ts';

export interface LuciQuestion {
	/** From the root of the router: `/ubus`. */
	readonly path: string;
	/** A body makes it a POST. */
	readonly json?: string;
	readonly form?: URLSearchParams;
	readonly cookie?: string | null;
}

export interface LuciAnswer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;
	/** Monotonic ms of the first byte. */
	readonly mono: number;
}

export interface LuciTalkOptions {
	readonly location: LuciLocation;
	readonly certificate: CertificateRule;
	readonly timeoutMs: number;
	readonly clock: Clock;
	/** The router sent us from HTTP to HTTPS on its port 443. */
	readonly onSecured: () => void;
}

export class LuciTalk {
	readonly clock: Clock;
	readonly #http: HttpClient;
	readonly #options: LuciTalkOptions;
	readonly #stop = new AbortController();
	#location: LuciLocation;

	constructor(options: LuciTalkOptions) {
		this.#options = options;
		this.clock = options.clock;
		this.#location = options.location;
		this.#http = new HttpClient({ clock: options.clock, tls: options.certificate });
	}

	get location(): LuciLocation {
		return this.#location;
	}

	/** For sentences. */
	get host(): string {
		return this.#location.name;
	}

	get fingerprint(): string | null {
		return this.#http.fingerprint;
	}

	/** Ends what waits between two questions. */
	get signal(): AbortSignal {
		return this.#stop.signal;
	}

	/** Rejects with `LuciError`. The status is the caller's to judge, and better not trusted. */
	async ask(question: LuciQuestion): Promise<LuciAnswer> {
		const answer = await this.#once(question);
		const to = elsewhere(answer, this.#location.at(question.path));
		if (!to) return answer;
		const secured = this.#location.redirected(to);
		if (!secured) throw luciErrors.redirect(this.host, to.origin);
		this.#location = secured;
		this.#options.onSecured();
		return this.#once(question);
	}

	close(): void {
		this.#stop.abort();
		this.#http.close();
	}

	async #once({ path, json, form, cookie }: LuciQuestion): Promise<LuciAnswer> {
		const body = json ?? form?.toString();
		const type = json === undefined ? 'application/x-www-form-urlencoded' : 'application/json';
		const request: HttpRequest = {
			url: this.#location.at(path),
			timeoutMs: this.#options.timeoutMs,
			headers: { ...(cookie ? { Cookie: cookie } : {}), ...(body === undefined ? {} : { 'Content-Type': type }) },
			...(body === undefined ? {} : { method: 'POST', body }),
		};
		let answer: HttpAnswer;
		try {
			answer = await this.#http.request(request);
		} catch (error) {
			throw asLuciError(error);
		}
		return { status: answer.status, headers: answer.headers, body: answer.body, mono: answer.firstByteMono };
	}
}

/** Where a redirect leads when that is another scheme, host or port; a login's own 302 stays on its host. */
function elsewhere({ status, headers }: LuciAnswer, asked: URL): URL | null {
	if (![301, 302, 303, 307, 308].includes(status) || !headers.location) return null;
	try {
		const to = new URL(headers.location, asked);
		return to.origin === asked.origin ? null : to;
	} catch {
		return null;
	}
}
