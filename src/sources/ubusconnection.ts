// The connection to ubusd: finds the socket, waits for HELLO, puts messages together, comes back when it is lost.
import { connect, type Socket } from 'node:net';
import type { Clock } from '../system/clock.ts';
import { connectError, noHelloError, UbusError } from './ubuserror.ts';
import { MessageReader, type UbusMessage } from './ubusmessage.ts';

/** Since 2020-10 (releases from 21.02) and before. */
export const ubusPaths = ['/var/run/ubus/ubus.sock', '/var/run/ubus.sock'] as const;
/** ubusd speaks first and at once. */
const helloTimeoutMs = 3_000;

export interface ConnectionOptions {
	readonly clock: Clock;
	/** ms before the next attempt to connect, after `failures` (1 or more) in a row. */
	readonly retryDelay: (failures: number) => number;
	/** Tried in order at each attempt. */
	readonly paths: readonly string[];
	readonly onUp: () => void;
	/** Could not be made or was lost; the next attempt is on its way unless `error.code` is 'stopped'. */
	readonly onDown: (error: UbusError) => void;
	/** Everything but HELLO, with its size. */
	readonly onMessage: (message: UbusMessage, bytes: number) => void;
}

export class UbusConnection {
	readonly #options: ConnectionOptions;
	#started = false;
	#socket: Socket | null = null;
	#reader = new MessageReader();
	#up = false;
	#failures = 0;
	/** Why there is no connection now; null while an attempt is under way. */
	#lastError: UbusError | null = null;
	#cancelTimer: () => void = () => {};
	#waiting: { resolve: () => void; reject: (error: UbusError) => void }[] = [];

	constructor(options: ConnectionOptions) {
		this.#options = options;
	}

	/** Whether ubusd has said HELLO on the connection that is open now. */
	get up(): boolean {
		return this.#up;
	}

	start(): void {
		if (this.#started) return;
		this.#started = true;
		this.#attempt();
	}

	async stop(): Promise<void> {
		const socket = this.#socket;
		if (this.#started) {
			this.#started = false;
			this.#leave(new UbusError('stopped', 'ubus: stopped'));
		}
		if (socket && !socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
	}

	/** Resolves once up, or rejects with why it is not; never waits for more than one attempt. */
	whenUp(): Promise<void> {
		if (this.#up) return Promise.resolve();
		if (!this.#started) return Promise.reject(new UbusError('stopped', 'ubus: not started'));
		if (this.#lastError) return Promise.reject(this.#lastError);
		return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
	}

	/** Only while up. */
	send(bytes: Buffer): void {
		this.#socket?.write(bytes);
	}

	/** What follows half a message can never be read: to be asked when an answer does not come. */
	checkHalf(): void {
		if (this.#reader.waiting > 0)
			this.lose(
				new UbusError('not connected', 'closed the connection to ubusd: it stopped in the middle of a message'),
			);
	}

	/** Closes the connection for a reason and tries again after a while. */
	lose(error: UbusError): void {
		if (!this.#started) return;
		this.#failures += 1;
		this.#leave(error);
		this.#cancelTimer = this.#options.clock.after(this.#options.retryDelay(this.#failures), () => this.#attempt());
	}

	#attempt(): void {
		this.#lastError = null;
		this.#connect(0, null);
	}

	#connect(index: number, earlier: NodeJS.ErrnoException | null): void {
		const path = this.#options.paths[index]!;
		const socket = connect({ path });
		this.#socket = socket;
		this.#reader = new MessageReader();
		let opened = false;
		const current = (): boolean => this.#socket === socket;
		socket.on('connect', () => {
			opened = true;
		});
		socket.on('error', (error: NodeJS.ErrnoException) => {
			if (!current()) return;
			// An old release's path, or a leftover: the next may be the living one.
			const telling = earlier && error.code === 'ENOENT' ? earlier : error;
			if (opened) this.lose(this.#brokenBy(path, error.message));
			else if (index + 1 < this.#options.paths.length) this.#connect(index + 1, telling);
			else this.lose(connectError(this.#options.paths, telling));
		});
		socket.on('close', () => {
			if (current()) this.lose(this.#brokenBy(path, 'ubusd closed it'));
		});
		socket.on('data', (chunk) => {
			if (!current()) return;
			const error = this.#reader.push(chunk, (message, bytes) => {
				if (current()) this.#take(message, bytes);
			});
			if (error !== null && current())
				this.lose(new UbusError('not connected', `closed the connection to ubusd at ${path}: ${error}`));
		});
		this.#cancelTimer();
		this.#cancelTimer = this.#options.clock.after(helloTimeoutMs, () =>
			this.lose(new UbusError('not connected', `ubusd at ${path} did not say HELLO within ${helloTimeoutMs} ms`)),
		);
	}

	#brokenBy(path: string, what: string): UbusError {
		return this.#up ? new UbusError('not connected', `the connection to ubusd was lost: ${what}`) : noHelloError(path);
	}

	#take(message: UbusMessage, bytes: number): void {
		if (message.type !== 'HELLO') {
			if (this.#up) this.#options.onMessage(message, bytes);
			return;
		}
		if (this.#up) return;
		this.#cancelTimer();
		this.#up = true;
		this.#failures = 0;
		for (const { resolve } of this.#waiting.splice(0)) resolve();
		this.#options.onUp();
	}

	#leave(error: UbusError): void {
		this.#cancelTimer();
		this.#up = false;
		this.#lastError = error;
		const socket = this.#socket;
		this.#socket = null;
		socket?.destroy();
		for (const { reject } of this.#waiting.splice(0)) reject(error);
		this.#options.onDown(error);
	}
}
