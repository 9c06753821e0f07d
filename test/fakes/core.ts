// The simulated core as a controller on TCP, TLS or a unix socket: HTTP and the WebSocket `/connections`, as
// mihomo behaves (reference: docs/accounting.md and test/fixtures/mihomo), and every fault on demand.
import { createHash } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { type Clock, every, sleep, systemClock } from '../../src/system/clock.ts';
import { certificate, key } from './certificate.ts';
import { CoreStream } from './corestream.ts';
import { type Dialect, frameIn, proxiesIn, versions } from './dialect.ts';
import type { Fault } from './fault.ts';
import { goJson } from './flow.ts';
import { reuseFrame } from './frame.ts';
import { drip, pour } from './pour.ts';
import type { Simulation } from './simulation.ts';

export type Listen =
	| { readonly kind: 'tcp' | 'tls'; readonly host?: string; readonly port?: number }
	/** Asks no secret, like the real one. */
	| { readonly kind: 'unix'; readonly path: string };

export interface FakeCoreOptions {
	readonly simulation: Simulation;
	/** "" = none asked. */
	readonly secret?: string;
	/** Default: TCP on 127.0.0.1, a free port. */
	readonly listen?: Listen;
	readonly clock?: Clock;
	/** The simulation is stepped this often while the core lives; 0 = whoever holds it steps it. */
	readonly stepMs?: number;
	readonly dialect?: Dialect;
	/** Each text that was sent as a whole and healthy frame; valid until this returns. */
	readonly onFrame?: (text: Buffer) => void;
}

/** What was asked, as it came. */
export interface Asked {
	readonly method: string;
	/** Path and query. */
	readonly url: string;
	readonly authorization: string | null;
}

const defaultStepMs = 250;
/** RFC 6455, 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const page = '<!DOCTYPE html><html><head><title>Router</title></head><body><h1>It works!</h1></body></html>\n';

export class FakeCore {
	/** What is wrong from now on; null = nothing. */
	fault: Fault | null = null;
	/** Every request and upgrade so far. */
	readonly asked: Asked[] = [];
	/** Connections that were ever taken. */
	connects = 0;
	readonly simulation: Simulation;
	readonly #options: FakeCoreOptions;
	readonly #clock: Clock;
	readonly #http = createHttpServer((request, response) => void this.#answer(request, response));
	readonly #sockets = new Set<Socket>();
	readonly #streams = new Set<CoreStream>();
	#server: Server | null = null;
	#port: number;
	#stopSteps = () => {};

	constructor(options: FakeCoreOptions) {
		this.#options = options;
		this.simulation = options.simulation;
		this.#clock = options.clock ?? systemClock;
		this.#port = options.listen && options.listen.kind !== 'unix' ? (options.listen.port ?? 0) : 0;
		this.#http.on('upgrade', (request, socket) => void this.#upgrade(request, socket));
		this.#http.on('clientError', (_error, socket) => socket.destroy());
	}

	/** The same one after each `start`. */
	get port(): number {
		return this.#port;
	}

	/** WebSockets that are open just now. */
	get openStreams(): number {
		return this.#streams.size;
	}

	/** Listens; after `stop` on the same port. Rejects where the port or path is taken. */
	async start(): Promise<void> {
		const { listen = { kind: 'tcp' }, stepMs = defaultStepMs } = this.#options;
		const server =
			listen.kind === 'tls'
				? createTlsServer({ cert: certificate, key }, (socket) => this.#connected(socket))
				: createServer((socket) => this.#connected(socket));
		this.#server = server;
		// A TLS socket comes to `#connected` after its handshake; one that never makes it must end too.
		server.on('connection', (socket: Socket) => this.#keep(socket));
		server.on('tlsClientError', () => {});
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			const where = listen.kind === 'unix' ? listen : { host: listen.host ?? '127.0.0.1', port: this.#port };
			server.listen(where, resolve);
		});
		if (listen.kind !== 'unix') this.#port = (server.address() as AddressInfo).port;
		if (stepMs > 0) this.#stopSteps = this.#stepEach(stepMs);
	}

	/** Every socket ends as with a dying process (no close frame), and connects are refused. The run stays. */
	async stop(): Promise<void> {
		this.#stopSteps();
		const server = this.#server;
		this.#server = null;
		for (const stream of this.#streams) stream.stop();
		for (const socket of this.#sockets) socket.destroy();
		if (server) await new Promise((resolve) => server.close(resolve));
	}

	/** The process dies; `start` brings another one with a new run. */
	async kill(): Promise<void> {
		await this.stop();
		this.simulation.restart();
	}

	#stepEach(ms: number): () => void {
		let last = this.#clock.mono();
		return every(this.#clock, ms, () => {
			const now = this.#clock.mono();
			this.simulation.step(now - last);
			last = now;
		});
	}

	#keep(socket: Socket): void {
		this.connects += 1;
		this.#sockets.add(socket);
		socket.on('close', () => this.#sockets.delete(socket));
		socket.on('error', () => {});
	}

	#connected(socket: Socket): void {
		socket.setNoDelay(true);
		socket.on('error', () => {});
		if (this.fault?.kind === 'banner') socket.write(this.fault.text);
		else if (this.fault?.kind !== 'deaf') this.#http.emit('connection', socket);
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		await this.#heard(request);
		if (this.fault?.kind === 'huge answer') return this.#answerHugely(response, this.fault);
		const { status, type, body } = this.#bodyOf(request);
		response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
		response.end(body);
	}

	#answerHugely(response: ServerResponse, { bytes, bytesPerSecond }: Extract<Fault, { kind: 'huge answer' }>): void {
		response.writeHead(200, { 'content-type': 'application/json' });
		response.write('{"version":"');
		const end = () => response.end('"}\n');
		if (bytesPerSecond === undefined) return pour(response, bytes, end);
		const stop = drip(response, Buffer.alloc(bytes, ' '), { perSecond: bytesPerSecond, clock: this.#clock }, end);
		response.on('close', stop);
	}

	#bodyOf(request: IncomingMessage): { status: number; type: string; body: string | Buffer } {
		const fault = this.fault;
		if (fault?.kind === 'html') return { status: 200, type: 'text/html', body: page };
		if (fault?.kind === 'status') return { status: fault.status, type: 'text/plain', body: 'no\n' };
		const json = (body: string | Buffer, status = 200) => ({ status, type: 'application/json', body });
		if (fault?.kind === 'answer') return json(fault.body);
		if (!this.#mayAsk(request, null)) return json('{"message":"Unauthorized"}\n', 401);
		const { simulation } = this;
		const { dialect = 'mihomo' } = this.#options;
		const path = new URL(request.url ?? '/', 'http://core').pathname;
		switch (`${request.method} ${path}`) {
			case 'GET /':
				return json('{"hello":"mihomo"}\n');
			case 'GET /version':
				return json(`${goJson(versions[dialect])}\n`);
			case 'GET /proxies':
				return json(proxiesIn(dialect, simulation.proxiesText()));
			case 'GET /configs':
				return json('{"port":0,"socks-port":0,"redir-port":7892,"mixed-port":7890,"mode":"rule","log-level":"info"}\n');
			case 'PUT /configs':
				simulation.reload();
				return { status: 204, type: 'application/json', body: '' };
			case 'GET /connections':
				return json(this.#frame());
			default:
				return { status: 404, type: 'text/plain', body: '404 page not found\n' };
		}
	}

	async #upgrade(request: IncomingMessage, socket: Duplex): Promise<void> {
		await this.#heard(request);
		const { pathname, searchParams } = new URL(request.url ?? '/', 'http://core');
		const wrong = this.fault?.kind === 'html' || this.fault?.kind === 'status';
		if (wrong || pathname !== '/connections' || !this.#mayAsk(request, searchParams.get('token'))) {
			const { status, type, body } = wrong ? this.#bodyOf(request) : refusal(pathname);
			const head = `HTTP/1.1 ${status} No\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
			socket.end(`${head}connection: close\r\n\r\n${body}`);
			return;
		}
		const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${acceptSuffix}`).digest('base64');
		const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
		socket.write(`${head}Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
		const stream = new CoreStream({
			socket,
			clock: this.#clock,
			interval: searchParams.get('interval'),
			read: () => this.#frame(),
			onSent: (text) => {
				this.#options.onFrame?.(text);
				if ((this.#options.dialect ?? 'mihomo') === 'mihomo') reuseFrame(text);
			},
			onClose: () => this.#streams.delete(stream),
			fault: () => this.fault,
		});
		this.#streams.add(stream);
		stream.start();
	}

	async #heard({ method = '', url = '', headers }: IncomingMessage): Promise<void> {
		this.asked.push({ method, url, authorization: headers.authorization ?? null });
		if (this.fault?.kind === 'slow') await sleep(this.#clock, this.fault.ms);
	}

	/** `token` is a WebSocket's `?token=`; where there is one it alone decides. */
	#mayAsk({ headers }: IncomingMessage, token: string | null): boolean {
		const { secret = '', listen } = this.#options;
		if (secret === '' || listen?.kind === 'unix') return true;
		return token ? token === secret : headers.authorization === `Bearer ${secret}`;
	}

	#frame(): Buffer {
		return frameIn(this.#options.dialect ?? 'mihomo', this.simulation.read());
	}
}

function refusal(pathname: string): { status: number; type: string; body: string } {
	if (pathname !== '/connections') return { status: 404, type: 'text/plain', body: '404 page not found\n' };
	return { status: 401, type: 'application/json', body: '{"message":"Unauthorized"}\n' };
}
