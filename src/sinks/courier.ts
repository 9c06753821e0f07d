// Carries one body to the master and tells what became of it. Promises an outcome for whatever the other end does, and
// never an exception; sentences hold no token.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from '../system/clock.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../system/http.ts';
import { HttpError } from '../system/httperror.ts';
import type { NetmonAnswer, SyncBody } from '../wire.ts';
import { answerMaxBytes, parseMasterAnswer, parseRefusal } from './masteranswer.ts';
import { retryAfterMs, verdictOn } from './verdict.ts';

/** What the sync needs of `HttpClient`. */
export type Transport = Pick<HttpClient, 'request' | 'close'>;

/** Nothing came of it. `retry`: by itself; `blocked`: a person has to act. */
export interface Trouble {
	readonly kind: 'retry' | 'blocked';
	readonly why: string;
	/** What the master asked to wait; 0 = nothing. */
	readonly askedMs: number;
}

export type Outcome =
	| ({ readonly kind: 'netmon' } & NetmonAnswer)
	| { readonly kind: 'old'; readonly count: number }
	/** The body is refused for what stands in it. */
	| { readonly kind: 'bad'; readonly why: string; readonly tooLarge: boolean }
	| Trouble
	| { readonly kind: 'stopped' };

export interface CourierOptions {
	readonly clock: Clock;
	/** The master's base; a path in it is a reverse proxy's. */
	readonly url: string;
	readonly token: string | null;
	readonly timeoutMs: number;
	readonly transport: Transport;
	readonly signal: AbortSignal;
}

/** Below this gzip gains nothing. */
const gzipFromBytes = 1024;
/** On a line where whole batches time out, shares of them may get through. */
const leastShare = 1 / 64;

export class Courier {
	/** Of bodies, as they went out. */
	bytesSent = 0;
	/** How much of a usual batch the line carries: halved by each that did not get through, doubled by each that did. */
	share = 1;
	/** The master said in its last answer that bodies may be compressed. */
	#gzip = false;
	readonly #options: CourierOptions;
	readonly #base: string;
	readonly #who: string;
	/** It does not read compressed bodies, or something on the way breaks them, whatever it says of itself. */
	#plain = false;

	constructor(options: CourierOptions) {
		this.#options = options;
		this.#base = baseOf(options.url);
		this.#who = new URL(this.#base).host;
	}

	/** Nothing is compressed any more. */
	refuseGzip(): void {
		this.#plain = true;
	}

	post(body: SyncBody): Promise<Outcome> {
		return this.#post(body, this.#gzip && !this.#plain);
	}

	/** Where it is looked for what a master refuses: gzip might be it. */
	postPlain(body: SyncBody): Promise<Outcome> {
		return this.#post(body, false);
	}

	async #post(body: SyncBody, mayZip: boolean): Promise<Outcome> {
		const text = JSON.stringify(body);
		const zip = mayZip && text.length >= gzipFromBytes;
		const bytes = zip ? await promisify(gzip)(text) : Buffer.from(text);
		let answer: HttpAnswer;
		try {
			this.bytesSent += bytes.length;
			answer = await this.#request('POST', 'sync', bytes, zip ? { 'Content-Encoding': 'gzip' } : {});
		} catch (error) {
			return this.#notReached(error as Error);
		}
		const verdict = verdictOn(answer.status, this.#who);
		if (verdict.action === 'read') return this.#read(answer);
		const reason = parseRefusal(answer.body);
		const said = reason === '' ? '' : `: ${reason}`;
		const askedMs = retryAfterMs(answer.headers['retry-after'], this.#options.clock.wall());
		if (verdict.action === 'split') {
			const tooLarge = answer.status === 413;
			return { kind: 'bad', why: `${this.#who} refuses it (${answer.status})${said}`, tooLarge };
		}
		if (verdict.action === 'plain') {
			if (!zip) return { kind: 'blocked', why: `${this.#who} does not take JSON (415)${said}`, askedMs };
			this.#plain = true;
			return this.postPlain(body);
		}
		const hint = answer.status === 404 ? await this.#hint() : '';
		return { kind: verdict.action, why: `${verdict.why}${hint}${said}`, askedMs };
	}

	/** One long question: rejects as `HttpClient` does. */
	wake(transport: Transport, agentId: string, holdMs: number, signal: AbortSignal): Promise<HttpAnswer> {
		return transport.request({
			...this.#common(`wake?agent_id=${encodeURIComponent(agentId)}`),
			timeoutMs: holdMs + this.#options.timeoutMs,
			signal,
		});
	}

	#read({ body }: HttpAnswer): Outcome {
		const answer = parseMasterAnswer(body);
		if (answer.kind === 'none') {
			return { kind: 'retry', why: `${this.#who} answered with ${answer.why}: is it a master?`, askedMs: 0 };
		}
		this.#gzip = answer.kind === 'netmon' && answer.gzip;
		this.share = Math.min(1, this.share * 2);
		return answer;
	}

	#notReached(error: Error): Outcome {
		const code = error instanceof HttpError ? error.code : null;
		if (code === 'stopped') return { kind: 'stopped' };
		if (code === 'timeout' || code === 'reset') this.share = Math.max(leastShare, this.share / 2);
		return { kind: 'retry', why: error.message, askedMs: 0 };
	}

	/** What else a server has that has no sync. */
	async #hint(): Promise<string> {
		try {
			const { status, body } = await this.#request('GET', 'health', undefined, {});
			const master = status === 200 && body.toString().split('\n')[0]!.trim() === 'OK';
			return master ? ', though /api/v1/health answers' : ': nothing of a master answers there';
		} catch {
			return '';
		}
	}

	#request(method: 'GET' | 'POST', route: string, body: Buffer | undefined, headers: Record<string, string>) {
		const { transport, timeoutMs, signal } = this.#options;
		const common = this.#common(route);
		return transport.request({
			...common,
			method,
			headers: { ...common.headers, ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers },
			...(body ? { body } : {}),
			timeoutMs,
			signal,
		});
	}

	#common(route: string): Pick<HttpRequest, 'url' | 'maxBytes'> & { readonly headers: Record<string, string> } {
		const { token } = this.#options;
		return {
			url: new URL(`${this.#base}/api/v1/${route}`),
			headers: token === null ? {} : { Authorization: `Bearer ${token}` },
			maxBytes: answerMaxBytes,
		};
	}
}

/** People copy the whole address of a route, too. */
function baseOf(url: string): string {
	return url.replace(/\/+$/, '').replace(/\/api\/v1(\/sync|\/health)?$/, '');
}
