// The reference receiver behind a real HTTP server that fails as told: refuses, resets, freezes, comes late, loses the
// answer after the commit, drips, pours 300 MB, or says what is no JSON.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Receiver } from './receiver.ts';

/** One request's fate. `commits`: the body is taken before. */
export type ReceiverFault =
	| { readonly kind: 'reset' | 'freeze' | 'truncate' | 'cut'; readonly commits?: true }
	| { readonly kind: 'late' | 'drip'; readonly ms: number }
	| { readonly kind: 'pour'; readonly bytes: number }
	| { readonly kind: 'say'; readonly text: string }
	| { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> };

export interface ReceiverServerOptions {
	readonly receiver: Receiver;
	readonly token?: string;
	readonly port?: number;
}

export class ReceiverServer {
	/** Asked for each sync; null = no fault. */
	fault: () => ReceiverFault | null = () => null;
	/** Syncs that came, whatever became of them. */
	syncs = 0;
	/** What came over the line, TCP's payload, of connections that are over and of those that are not. */
	#bytesOver = 0;
	readonly #options: ReceiverServerOptions;
	readonly #sockets = new Set<Socket>();
	readonly #wakes = new Set<ServerResponse>();
	#server: Server | null = null;
	#port: number;

	constructor(options: ReceiverServerOptions) {
		this.#options = options;
		this.#port = options.port ?? 0;
	}

	get url(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	get bytesReceived(): number {
		return [...this.#sockets].reduce((sum, { bytesRead }) => sum + bytesRead, this.#bytesOver);
	}

	/** Listens, on the same port each time: a master that comes back. */
	async start(): Promise<void> {
		const server = createServer((request, response) => void this.#answer(request, response));
		this.#server = server;
		server.on('connection', (socket) => {
			this.#sockets.add(socket);
			socket.on('close', () => {
				this.#sockets.delete(socket);
				this.#bytesOver += socket.bytesRead;
			});
			socket.on('error', () => {});
		});
		server.listen(this.#port, '127.0.0.1');
		await once(server, 'listening');
		this.#port = (server.address() as AddressInfo).port;
	}

	/** Nobody listens any more: connections are refused. */
	async stop(): Promise<void> {
		const server = this.#server;
		this.#server = null;
		for (const socket of this.#sockets) socket.destroy();
		if (server) await new Promise((resolve) => server.close(resolve));
	}

	/** Somebody looks. */
	wake(): void {
		for (const response of this.#wakes) response.end(JSON.stringify({ status: 'success', data: { wake: true } }));
		this.#wakes.clear();
	}

	/** Agents that have a wake open. */
	get waiting(): number {
		return this.#wakes.size;
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		try {
			for await (const chunk of request) chunks.push(chunk as Buffer);
		} catch {
			return;
		}
		const { token, receiver } = this.#options;
		const path = (request.url ?? '').split('?')[0];
		if (path === '/api/v1/health') return void response.end('OK');
		if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
			return send(response, 401, '{"status":"error","data":null,"message":"no or wrong token"}');
		}
		if (path === '/api/v1/wake' && receiver.kind === 'netmon') {
			this.#wakes.add(response);
			response.on('close', () => this.#wakes.delete(response));
			return;
		}
		if (path !== '/api/v1/sync') return send(response, 404, '{"status":"error","data":null,"message":"unknown path"}');
		const body = Buffer.concat(chunks);
		this.#sync(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body, response);
	}

	#sync(body: Buffer, response: ServerResponse): void {
		this.syncs += 1;
		const fault = this.fault();
		const take = () => this.#options.receiver.take(body.toString());
		if (!fault) {
			const { status, body: text } = take();
			return send(response, status, text);
		}
		switch (fault.kind) {
			case 'status':
				return send(response, fault.status, '', fault.headers);
			case 'say':
				return send(response, 200, fault.text);
			case 'late': {
				const { status, body: text } = take();
				setTimeout(() => send(response, status, text), fault.ms);
				return;
			}
			case 'drip':
				return drip(response, take().body, fault.ms);
			case 'pour':
				return pour(response, fault.bytes);
		}
		const answer = fault.commits ? take().body : '{"status":"success","data":{"count":0},"netmon":{"version":1}}';
		if (fault.kind === 'reset') response.socket?.resetAndDestroy();
		if (fault.kind === 'truncate') send(response, 200, answer.slice(0, answer.length / 2));
		if (fault.kind === 'cut') {
			response.writeHead(200, { 'Content-Length': answer.length });
			response.write(answer.slice(0, answer.length / 2), () => response.socket?.destroy());
		}
	}
}

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
	response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
	response.end(body);
}

/** A byte each `ms`. */
function drip(response: ServerResponse, text: string, ms: number): void {
	let at = 0;
	response.writeHead(200, { 'Content-Length': text.length });
	const timer = setInterval(() => {
		response.write(text[at]);
		at += 1;
		if (at === text.length) clearInterval(timer);
	}, ms);
	response.on('close', () => clearInterval(timer));
}

/** As fast as the other end takes it. */
function pour(response: ServerResponse, bytes: number): void {
	const chunk = Buffer.alloc(64 * 1024, ' ');
	let left = bytes;
	response.writeHead(200, { 'Content-Length': bytes });
	const more = () => {
		while (left > 0 && !response.destroyed) {
			left -= chunk.length;
			if (!response.write(chunk)) return void response.once('drain', more);
		}
		response.end();
	};
	more();
}
