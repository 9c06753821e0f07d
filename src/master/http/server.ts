// HTTP: finds the route, checks who asks, reads, answers; and keeps to its limits whatever comes.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import { Hindered, isFull } from '../store/hindrance.ts';
import { TooLong } from '../store/vaultthread.ts';
import type { Access, Caller } from './access.ts';
import { type Answer, Refusal, refused } from './answer.ts';
import { readBody } from './body.ts';
import { BodyMemory } from './bodymemory.ts';
import { bodyMaxBytes, netmonMaxBytes } from './intake.ts';
import { Parameters } from './parameters.ts';
import type { ReadBody, Route, Stream } from './route.ts';

export interface ServerOptions {
	readonly host: string;
	readonly port: number;
	/** '' or `/path`. */
	readonly basePath: string;
	readonly timezone: string;
	readonly routes: readonly Route[];
	readonly access: Access;
	readonly clock: Clock;
	readonly log: Log;
}

const headersMs = 8_000;
/** The longest body at its slowest; `readBody` ends those that drip. */
const requestMs = 300_000;
const keepAliveMs = 65_000;
const checkMs = 1_000;
const maxConnections = 4_096;
const maxHeaderBytes = 8 * 1024;
/** What all bodies may have together, from their first byte to their answer. */
const bodyBytesAtOnce = 64 * 1024 * 1024;
/** Other requests under way. */
const questionsAtOnce = 256;
/** An event stream whose reader has let so much pile up is ended. */
const streamBacklogBytes = 1024 * 1024;

const security = { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store' };

export class MasterServer {
	readonly #options: ServerOptions;
	readonly #server: Server;
	readonly #streams = new Set<() => void>();
	readonly #bodyMemory = new BodyMemory(bodyMaxBytes);
	#bodyBytes = 0;
	#questions = 0;

	constructor(options: ServerOptions) {
		this.#options = options;
		this.#server = createServer(
			{
				...{ headersTimeout: headersMs, requestTimeout: requestMs, keepAliveTimeout: keepAliveMs },
				...{ connectionsCheckingInterval: checkMs, maxHeaderSize: maxHeaderBytes },
			},
			(request, response) => void this.#serve(request, response),
		);
		this.#server.maxConnections = maxConnections;
	}

	/** Resolves with the port. Rejects with a sentence. */
	start(): Promise<number> {
		const { host, port } = this.#options;
		return new Promise((resolve, reject) => {
			this.#server.once('error', ({ code }: NodeJS.ErrnoException) =>
				reject(new Error(`cannot listen on ${host} port ${port} (${code})`)),
			);
			this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port));
		});
	}

	async stop(): Promise<void> {
		for (const end of this.#streams) end();
		const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
		this.#server.closeAllConnections();
		await closed;
	}

	async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		response.on('error', () => {});
		const method = request.method ?? '';
		const { access } = this.#options;
		const cors = access.corsHeaders(request.headers, method);
		try {
			const answer = await this.#answer(request, response);
			if ('open' in answer) this.#stream(response, answer, cors);
			else send(response, answer, cors);
		} catch (error) {
			send(response, refused(this.#refusalOf(error)), cors);
			// What was not read of a body would be taken for the next request.
			if (!request.complete) request.destroy();
		}
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<Answer | Stream> {
		const { access, routes, basePath, timezone } = this.#options;
		access.checkHost(request.headers);
		const method = request.method ?? '';
		if (method === 'OPTIONS') {
			const headers = access.preflight(request.headers);
			if (!headers) throw new Refusal(403, 'pages of other sites may not ask');
			return { status: 204, headers, body: '' };
		}
		const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
		// The page's addresses are relative to a folder.
		if (basePath !== '' && path === basePath) return { status: 308, headers: { Location: `${basePath}/` }, body: '' };
		const found = findRoute(routes, path, basePath);
		if (!found) throw new Refusal(404, 'there is no such path');
		const { id, on } = found;
		const route = on.find((one) => one.method === method);
		if (!route)
			throw new Refusal(405, `this path takes ${on.map((one) => one.method).join(', ')}`, {
				Allow: on.map((one) => one.method).join(', '),
			});
		const caller: Caller = route.access === 'anybody' ? { agent: null } : access.caller(request.headers);
		if (caller.agent !== null && route.access === 'reader') {
			throw new Refusal(403, 'the token of an agent is for its sync alone');
		}
		const parameters = new Parameters(new URLSearchParams(query), timezone);
		const gone = new AbortController();
		response.on('close', () => gone.abort());
		const body: ReadBody = (use) => this.#body(request, response, use);
		const handle = () => route.handle({ parameters, id, caller, headers: request.headers, body, signal: gone.signal });
		if (route.method !== 'GET') access.checkOrigin(request.headers);
		const withBody = route.method === 'POST' || route.method === 'PUT';
		if (withBody && !/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
			throw new Refusal(415, 'Content-Type is application/json');
		}
		return withBody || route.access === 'agent' ? handle() : this.#counted(handle);
	}

	/** Read as it comes, and made less at once: what `use` answers is all that waits for the store. */
	#body<T>(request: IncomingMessage, response: ServerResponse, use: (bytes: Buffer) => T): Promise<T> {
		let bytes = 0;
		response.once('close', () => {
			this.#bodyBytes -= bytes;
		});
		const limits = {
			maxBytes: bodyMaxBytes,
			maxUnsaidBytes: netmonMaxBytes,
			clock: this.#options.clock,
			memory: this.#bodyMemory,
			admit: (more: number) => {
				bytes += more;
				this.#bodyBytes += more;
				return this.#bodyBytes <= bodyBytesAtOnce;
			},
		};
		return readBody(request, limits, use);
	}

	async #counted<T>(work: () => Promise<T>): Promise<T> {
		if (this.#questions >= questionsAtOnce)
			throw new Refusal(503, 'too many at once: come back', { 'Retry-After': '1' });
		this.#questions += 1;
		try {
			return await work();
		} finally {
			this.#questions -= 1;
		}
	}

	#refusalOf(error: unknown): Refusal {
		if (error instanceof Refusal) return error;
		if (error instanceof TooLong) return new Refusal(503, error.message, { 'Retry-After': '10' });
		if (error instanceof Hindered) return new Refusal(503, error.message, { 'Retry-After': '60' });
		if (isFull(error)) return new Refusal(507, 'the disk is full', { 'Retry-After': '60' });
		this.#options.log.error(`a request failed: ${error instanceof Error ? error.message : error}`);
		return new Refusal(500, 'the store could not answer');
	}

	#stream(response: ServerResponse, { headers, open }: Stream, cors: Record<string, string>): void {
		response.writeHead(200, { ...security, ...cors, ...headers });
		const close = open((text) => {
			if (response.writableLength > streamBacklogBytes) response.destroy();
			else response.write(text);
			return !response.destroyed;
		});
		const end = () => {
			close();
			this.#streams.delete(end);
			response.end();
		};
		this.#streams.add(end);
		response.on('close', end);
	}
}

function findRoute(
	routes: readonly Route[],
	path: string,
	basePath: string,
): { readonly id: string; readonly on: readonly Route[] } | null {
	if (!path.startsWith(`${basePath}/`)) return null;
	const rest = path.slice(basePath.length);
	const exact = routes.filter((route) => route.path === rest);
	if (exact.length > 0) return { id: '', on: exact };
	for (const route of routes) {
		const [before, after] = route.path.split('{id}');
		if (after === undefined || !rest.startsWith(before!) || !rest.endsWith(after)) continue;
		const id = rest.slice(before!.length, rest.length - after.length);
		if (/^[\w.-]{1,64}$/.test(id)) return { id, on: routes.filter(({ path: one }) => one === route.path) };
	}
	return null;
}

function send(response: ServerResponse, { status, headers, body }: Answer, cors: Record<string, string>): void {
	if (response.headersSent || response.destroyed) return;
	// RFC 9110: with 304 the length would be that of what is not sent.
	const length = status === 304 ? {} : { 'Content-Length': Buffer.byteLength(body) };
	response.writeHead(status, { ...security, ...cors, ...headers, ...length });
	response.end(body);
}
