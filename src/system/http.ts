// A small HTTP(S) client: one kept connection, one request in flight, everything bounded. No proxy of the
// environment, no redirect followed, no status judged: that is the caller's. Errors hold no path, query or header.
import { Agent, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request as open } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type CertificateRule, connectTls } from './certificate.ts';
import type { Clock } from './clock.ts';
import { asHttpError, HttpError } from './httperror.ts';

export interface HttpRequest {
	/** `http:` or `https:`; a user name in it is not sent. Or a path on a unix socket. */
	readonly url: URL | { readonly socketPath: string; readonly path: string };
	readonly method?: 'GET' | 'POST';
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string | Buffer;
	/** For the whole exchange: connect, handshake, answer to its last byte. */
	readonly timeoutMs: number;
	/** Larger answers are an error; default 1 MiB. */
	readonly maxBytes?: number;
	readonly signal?: AbortSignal;
}

export interface HttpAnswer {
	readonly status: number;
	/** Names in lower case; `set-cookie` is a list. */
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;
	/** Monotonic ms (of the client's clock) when the answer's first byte came. */
	readonly firstByteMono: number;
}

const defaultMaxBytes = 1024 * 1024;

/** Who is talked to, resolved from `HttpRequest.url`; rides along in node's request options to the agent. */
interface Target {
	readonly secure: boolean;
	readonly host: string;
	readonly port: number;
	readonly socketPath: string | null;
	/** For errors: `192.168.1.1`, `[::1]:8080`, `/run/x.sock`. */
	readonly name: string;
	/** Is given the socket while its handshake lasts, so that a timeout can end it. */
	pending?: Socket;
}

export class HttpClient {
	readonly #clock: Clock;
	readonly #agent: OneConnection;
	readonly #closing = new AbortController();
	readonly #used = new WeakSet<Socket>();
	#turn: Promise<unknown> = Promise.resolve();

	constructor({ clock, tls }: { readonly clock: Clock; readonly tls: CertificateRule }) {
		this.#clock = clock;
		this.#agent = new OneConnection(tls);
	}

	/**
	 * Sends one request when the ones before it are over. Rejects with `HttpError`. When a kept connection turns out
	 * to have been closed meanwhile, the request is sent once more on a new one: so send only what may be repeated.
	 */
	request(request: HttpRequest): Promise<HttpAnswer> {
		const answer = this.#turn.then(() => this.#exchange(request, true));
		this.#turn = answer.catch(() => {});
		return answer;
	}

	/** SHA-256 of the certificate that the last TLS connection showed and that was accepted; null before. */
	get fingerprint(): string | null {
		return this.#agent.fingerprint;
	}

	/** Ends what is under way (code `stopped`) and closes the connection. Idempotent. */
	close(): void {
		this.#closing.abort();
		this.#agent.destroy();
	}

	#exchange(request: HttpRequest, mayRepeat: boolean): Promise<HttpAnswer> {
		const target = targetOf(request.url);
		const { signal, timeoutMs, body } = request;
		const stops = signal ? [signal, this.#closing.signal] : [this.#closing.signal];
		return new Promise((resolve, reject) => {
			if (stops.some((stop) => stop.aborted)) return reject(new HttpError('stopped', `${target.name}: stopped`));
			let firstByteMono: number | null = null;
			let sent: ClientRequest | null = null;
			let kept = false;
			let over = false;
			const stopped = () => fail(new HttpError('stopped', `${target.name}: stopped`));
			const release = () => {
				over = true;
				cancelTimeout();
				for (const stop of stops) stop.removeEventListener('abort', stopped);
			};
			const fail = (error: Error) => {
				if (over) return;
				release();
				const stale = kept && firstByteMono === null;
				target.pending?.destroy();
				sent?.destroy();
				const failure = asHttpError(error, target.name);
				if (failure.code !== 'reset' || !stale || !mayRepeat) return reject(failure);
				this.#exchange(request, false).then(resolve, reject);
			};
			const cancelTimeout = this.#clock.after(timeoutMs, () => {
				fail(new HttpError('timeout', `${target.name} did not answer within ${timeoutMs / 1000} s`));
			});
			for (const stop of stops) stop.addEventListener('abort', stopped);
			try {
				sent = open({
					agent: this.#agent,
					host: target.host,
					port: target.port,
					path: pathOf(request.url),
					method: request.method ?? 'GET',
					headers: headersOf(request),
					...{ target },
				});
			} catch {
				return fail(new HttpError('protocol', `${target.name}: the request holds characters HTTP does not allow`));
			}
			sent.on('error', fail);
			sent.on('socket', (socket) => {
				kept = this.#used.has(socket);
				this.#used.add(socket);
				socket.prependOnceListener('data', () => {
					firstByteMono ??= this.#clock.mono();
				});
			});
			sent.on('response', (response) => {
				collect(response, request.maxBytes ?? defaultMaxBytes, target, (error, whole) => {
					if (error) return fail(error);
					release();
					const { statusCode: status = 0, headers } = response;
					const first = firstByteMono ?? this.#clock.mono();
					resolve({ status, headers, body: whole, firstByteMono: first });
				});
			});
			sent.end(body);
		});
	}
}

/** One request on a connection of its own. */
export async function request(
	options: HttpRequest & { readonly clock: Clock; readonly tls?: CertificateRule },
): Promise<HttpAnswer> {
	const client = new HttpClient({ clock: options.clock, tls: options.tls ?? null });
	try {
		return await client.request(options);
	} finally {
		client.close();
	}
}

/** Node's own pool, cut down to one connection a target, which it opens our way. */
class OneConnection extends Agent {
	fingerprint: string | null = null;
	readonly #tls: CertificateRule;

	constructor(tls: CertificateRule) {
		super({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
		this.#tls = tls;
	}

	override getName(options?: object): string {
		const { secure, name } = (options as { target: Target }).target;
		return `${secure} ${name}`;
	}

	override createConnection(options: object, callback?: unknown): Socket | undefined {
		const { target } = options as { target: Target };
		const done = callback as (error: Error | null, socket?: Socket) => void;
		const { host, port, socketPath } = target;
		if (!target.secure) return connect(socketPath === null ? { host, port, noDelay: true } : { path: socketPath });
		target.pending = connectTls({ host, port }, this.#tls, (error, socket) => {
			this.fingerprint = socket?.getPeerCertificate().fingerprint256 ?? this.fingerprint;
			done(error, socket);
		});
		return undefined;
	}
}

/** The body up to `maxBytes`; calls `done` once. */
function collect(
	response: IncomingMessage,
	maxBytes: number,
	target: Target,
	done: (error: Error | null, body: Buffer) => void,
): void {
	const chunks: Buffer[] = [];
	let size = 0;
	let over = false;
	const finish = (error: Error | null) => {
		if (over) return;
		over = true;
		done(error, Buffer.concat(error ? [] : chunks));
	};
	const cut = () => finish(new HttpError('reset', `${target.name} broke off in the middle of its answer`));
	response.on('data', (chunk: Buffer) => {
		size += chunk.length;
		if (size <= maxBytes) chunks.push(chunk);
		else finish(new HttpError('too-large', `${target.name} answered more than ${maxBytes} bytes`));
	});
	response.on('end', () => (response.complete ? finish(null) : cut()));
	response.on('error', cut);
	response.on('close', cut);
}

function targetOf(url: HttpRequest['url']): Target {
	if (!(url instanceof URL)) {
		return { secure: false, host: 'localhost', port: 0, socketPath: url.socketPath, name: url.socketPath };
	}
	const secure = url.protocol === 'https:';
	const host = url.hostname.replace(/^\[|\]$/g, '');
	return { secure, host, port: Number(url.port) || (secure ? 443 : 80), socketPath: null, name: url.host };
}

function pathOf(url: HttpRequest['url']): string {
	return url instanceof URL ? url.pathname + url.search : url.path;
}

function headersOf({ url, headers, body }: HttpRequest): Record<string, string | number> {
	return {
		Host: url instanceof URL ? url.host : 'localhost',
		'User-Agent': 'netmon',
		...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
		...headers,
	};
}
