// A WebSocket client that only listens (RFC 6455), as mihomo's controller is one that never does: opens, reads text
// messages, answers neither ping nor close. Its own because each byte of the core goes through it each second: read
// into one piece of memory, a frame costs half of what a library's chunks and buffers do (docs/performance.md).
import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connectTls } from '../system/certificate.ts';
import { HttpError } from '../system/httperror.ts';
import { authorization, type ControllerAddress, nameOf } from './controller.ts';
import { Messages, type MessagesEnd } from './messages.ts';

export type WebSocketEnd =
	| MessagesEnd
	/** It answered, but not with a WebSocket. */
	| { readonly kind: 'refused'; readonly status: number }
	/** Of the connection. */
	| { readonly kind: 'failed'; readonly error: Error };

export interface WebSocketOptions {
	readonly address: ControllerAddress;
	/** With its query. */
	readonly path: string;
	/** Of one message. */
	readonly maxBytes: number;
	readonly onOpen: () => void;
	/** A whole message. Its memory is the caller's until `release`. */
	readonly onMessage: (message: Buffer) => void;
	/** Once; nothing follows. Not after `close()`. */
	readonly onEnd: (end: WebSocketEnd) => void;
}

const readBytes = 65_536;
const maxHeadBytes = 16_384;
const headEnd = '\r\n\r\n';
/** RFC 6455, 1.3. */
const acceptKey = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export class WebSocket {
	readonly #options: WebSocketOptions;
	readonly #messages: Messages;
	readonly #key = randomBytes(16).toString('base64');
	readonly #socket: Socket;
	/** The answer to the upgrade, until it is whole; null afterwards. */
	#head: Buffer | null = Buffer.alloc(0);
	#over = false;

	constructor(options: WebSocketOptions) {
		this.#options = options;
		this.#messages = new Messages({ ...options, onEnd: (end) => this.#end(end) });
		this.#socket = this.#connect();
	}

	/** Gives a message's memory back. */
	release(message: Buffer): void {
		this.#messages.release(message);
	}

	/** Leaves without a word. Idempotent. */
	close(): void {
		this.#over = true;
		this.#socket.destroy();
	}

	#connect(): Socket {
		const { kind, host, port, socketPath, certificate } = this.#options.address;
		if (kind === 'tls') {
			return connectTls({ host, port }, certificate, (error, socket) => {
				if (error) return this.#end({ kind: 'failed', error });
				socket!.on('data', (bytes: Buffer) => this.#read(bytes));
				this.#begin(socket!);
			});
		}
		const buffer = Buffer.allocUnsafeSlow(readBytes);
		const callback = (length: number) => {
			this.#read(buffer.subarray(0, length));
			return true;
		};
		const socket = connect({
			...(kind === 'unix' ? { path: socketPath } : { host, port }),
			onread: { buffer, callback },
		});
		socket.setNoDelay(true);
		socket.once('connect', () => this.#begin(socket));
		socket.on('error', (error) => this.#end({ kind: 'failed', error }));
		return socket;
	}

	#begin(socket: Socket): void {
		if (this.#over) return void socket.destroy();
		socket.on('error', (error) => this.#end({ kind: 'failed', error }));
		socket.on('end', () => this.#closed());
		socket.on('close', () => this.#closed());
		const { address, path } = this.#options;
		const headers = {
			Host: address.kind === 'unix' ? 'localhost' : nameOf(address),
			Upgrade: 'websocket',
			Connection: 'Upgrade',
			'Sec-WebSocket-Version': '13',
			'Sec-WebSocket-Key': this.#key,
			...authorization(address),
		};
		const lines = [`GET ${path} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
		if (lines.some((line) => /[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]/.test(line))) {
			const what = `${nameOf(address)}: the request holds characters HTTP does not allow`;
			return this.#end({ kind: 'failed', error: new HttpError('protocol', what) });
		}
		socket.write(`${lines.join('\r\n')}${headEnd}`, 'latin1');
	}

	#read(bytes: Buffer): void {
		if (this.#over) return;
		if (this.#head === null) this.#messages.push(bytes);
		else this.#readHead(Buffer.concat([this.#head, bytes]));
	}

	#readHead(bytes: Buffer): void {
		this.#head = bytes;
		const end = bytes.indexOf(headEnd);
		const [line = '', ...fields] = bytes.toString('latin1', 0, end < 0 ? maxHeadBytes : end).split('\r\n');
		const status = /^HTTP\/1\.[01] (\d{3})( |$)/.exec(line)?.[1];
		const isHttp =
			end < 0 ? 'HTTP/1.'.startsWith(line.slice(0, 7)) && bytes.length < maxHeadBytes : status !== undefined;
		if (!isHttp) {
			const what = `${nameOf(this.#options.address)} does not speak HTTP`;
			return this.#end({ kind: 'failed', error: new HttpError('protocol', what) });
		}
		if (end < 0) return;
		if (status !== '101') return this.#end({ kind: 'refused', status: Number(status) });
		const accept = createHash('sha1').update(`${this.#key}${acceptKey}`).digest('base64');
		const accepted = fields.some((field) => /^sec-websocket-accept:/i.test(field) && field.slice(21).trim() === accept);
		if (!accepted) return this.#end({ kind: 'broken', what: 'the upgrade is not that which was asked for' });
		this.#head = null;
		this.#options.onOpen();
		this.#messages.push(bytes.subarray(end + headEnd.length));
	}

	#closed(): void {
		if (this.#head === null) return this.#end({ kind: 'closed' });
		this.#end({ kind: 'failed', error: Object.assign(new Error('closed'), { code: 'ECONNRESET' }) });
	}

	#end(end: WebSocketEnd): void {
		if (this.#over) return;
		this.close();
		this.#options.onEnd(end);
	}
}
