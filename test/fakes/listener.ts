// How the tests of the simulated core talk to it: a plain WebSocket client that keeps what it got, and plain HTTP.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import WebSocket from 'ws';
import { FakeCore, type FakeCoreOptions } from './core.ts';
import { Simulation } from './simulation.ts';

/** A listening core that ends with the test. */
export async function started(t: TestContext, options: Partial<FakeCoreOptions> = {}): Promise<FakeCore> {
	const simulation = options.simulation ?? new Simulation({ seed: 1, connections: 20 });
	const core = new FakeCore({ ...options, simulation });
	await core.start();
	t.after(() => core.stop());
	return core;
}

/** A connection to the stream that is no WebSocket client by any book: it only hears how many bytes came. */
export function bareStream(t: TestContext, core: FakeCore, path: string) {
	const socket = connect(core.port, '127.0.0.1');
	t.after(() => socket.destroy());
	const key = Buffer.alloc(16, 1).toString('base64');
	const head = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
	socket.write(`${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`);
	const heard = (bytes: number) =>
		new Promise<void>((resolve) => {
			let sum = 0;
			socket.on('data', (data) => {
				sum += data.length;
				if (sum > bytes) resolve();
			});
		});
	return { socket, heard };
}

/** A WebSocket client by the book that keeps what it got. */
export class Listener {
	readonly texts: string[] = [];
	readonly binary: boolean[] = [];
	pings = 0;
	pongs = 0;
	error = '';
	status: number | undefined;
	code: number | undefined;
	readonly socket: WebSocket;
	#wake = () => {};

	constructor(url: string, options: WebSocket.ClientOptions = {}) {
		// autoPong: ws leaves a peer that takes no pongs.
		this.socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 0, autoPong: false, ...options });
		this.#on('message', (data: Buffer, isBinary: boolean) => {
			this.texts.push(String(data));
			this.binary.push(isBinary);
		});
		this.#on('ping', () => {
			this.pings += 1;
		});
		this.#on('pong', () => {
			this.pongs += 1;
		});
		this.#on('error', (error: Error) => {
			this.error = error.message;
		});
		this.#on('unexpected-response', (_request: unknown, response: IncomingMessage) => {
			this.status = response.statusCode;
			this.socket.terminate();
		});
		this.#on('close', (code: number) => {
			this.code = code;
		});
		this.#on('open', () => {});
	}

	/** Waits for a fact; the test's own time limit ends it. */
	async until(fact: () => boolean): Promise<void> {
		while (!fact()) {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}

	frames(count: number): Promise<void> {
		return this.until(() => this.texts.length >= count);
	}

	closed(): Promise<void> {
		return this.until(() => this.code !== undefined);
	}

	// biome-ignore lint/suspicious/noExplicitAny: ws has one signature per event
	#on(event: string, take: (...args: any[]) => void) {
		// biome-ignore lint/suspicious/noExplicitAny: see above
		this.socket.on(event, (...args: any[]) => {
			take(...args);
			this.#wake();
		});
	}
}

export function listen(
	t: TestContext,
	core: FakeCore,
	query = '?interval=20',
	options: WebSocket.ClientOptions = {},
): Listener {
	const listener = new Listener(`ws://127.0.0.1:${core.port}/connections${query}`, options);
	t.after(() => listener.socket.terminate());
	return listener;
}

type Ask = { readonly method?: string; readonly headers?: Record<string, string>; readonly socketPath?: string };

/** One plain HTTP request. */
export function ask(
	core: FakeCore,
	path: string,
	options: Ask = {},
): Promise<{ status: number | undefined; body: string }> {
	return new Promise((resolve, reject) => {
		const asked = httpRequest({ host: '127.0.0.1', port: core.port, path, agent: false, ...options }, (response) => {
			const parts: Buffer[] = [];
			response.on('data', (part) => parts.push(part));
			response.on('end', () => resolve({ status: response.statusCode, body: String(Buffer.concat(parts)) }));
		});
		asked.on('error', reject);
		asked.end();
	});
}
