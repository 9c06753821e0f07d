// A client of OpenWrt's ubusd on its unix socket. Promises: every call ends, by an answer, an error in words or its
// own timer (an owner that dies never answers); ids are looked up again when they change; no process is started.
import type { Clock } from '../system/clock.ts';
import type { BlobInput, BlobTable } from './blobmsg.ts';
import { UbusConnection, ubusPaths } from './ubusconnection.ts';
import {
	emptyWorldError,
	missingObjectError,
	statusError,
	statusNoData,
	statusNotFound,
	statusUnknown,
	UbusError,
} from './ubuserror.ts';
import { encodeMessage, type UbusMessage } from './ubusmessage.ts';

/** netifd answers within milliseconds; a router that writes its flash may stall for a second. */
const callTimeoutMs = 3_000;
/** `lookup` of everything gives some 30 parts; an answer without end is not one. */
const maxParts = 1_000;
const maxPartBytes = 4 * 1024 * 1024;
const maxCallsInFlight = 64;
/** ubusd's own object: takes registrations for events. */
const eventObject = 1;

export interface UbusOptions {
	readonly clock: Clock;
	/** ms before the next attempt to connect, after `failures` (1 or more) in a row. */
	readonly retryDelay: (failures: number) => number;
	/** Sockets, tried in order; the default is where releases have it. */
	readonly paths?: readonly string[];
	readonly timeoutMs?: number;
	/** Events to listen for, as `network.interface` or `network.*`. Without the right to them none come. */
	readonly events?: readonly string[];
	readonly onEvent?: (name: string, data: BlobTable) => void;
	/** ubusd is there and said HELLO. */
	readonly onUp?: () => void;
	/** The connection could not be made or was lost; the next attempt is on its way. */
	readonly onDown?: (error: UbusError) => void;
}

export interface UbusObject {
	readonly path: string;
	readonly id: number;
	/** Methods, each with its arguments and their blobmsg types. */
	readonly signature: BlobTable;
}

type Attributes = UbusMessage['attrs'];

interface Answer {
	readonly status: number;
	readonly parts: readonly Attributes[];
}

interface Pending {
	readonly parts: Attributes[];
	bytes: number;
	readonly resolve: (answer: Answer) => void;
	readonly reject: (error: UbusError) => void;
	readonly cancel: () => void;
}

export class UbusClient {
	readonly #options: UbusOptions;
	readonly #timeoutMs: number;
	readonly #connection: UbusConnection;
	#pending = new Map<number, Pending>();
	#seq = 0;
	#ids = new Map<string, number>();
	/** Paths that this user was shown: when one is missing now, its owner is away and no right is. */
	readonly #shown = new Set<string>();
	/** Our object that events are sent to. */
	#listener: number | null = null;

	constructor(options: UbusOptions) {
		this.#options = options;
		this.#timeoutMs = options.timeoutMs ?? callTimeoutMs;
		this.#connection = new UbusConnection({
			clock: options.clock,
			retryDelay: options.retryDelay,
			paths: options.paths ?? ubusPaths,
			onUp: () => {
				options.onUp?.();
				// Only hints come this way, so their absence is no failure; a lost connection is told by onDown.
				this.#listen(options.events ?? []).catch(() => {});
			},
			onDown: (error) => {
				this.#forget(error);
				if (error.code !== 'stopped') options.onDown?.(error);
			},
			onMessage: (message, bytes) => this.#take(message, bytes),
		});
	}

	/** Whether the connection stands. */
	get up(): boolean {
		return this.#connection.up;
	}

	start(): void {
		this.#connection.start();
	}

	stop(): Promise<void> {
		return this.#connection.stop();
	}

	/**
	 * Calls `method` of the object at `path`. @returns the parts of the answer: usually one, none where the owner had
	 * nothing to say (status 0 or 5). Rejects with a `UbusError`.
	 */
	async call(path: string, method: string, args: { readonly [name: string]: BlobInput } = {}): Promise<BlobTable[]> {
		for (let attempt = 1; ; attempt++) {
			const { status, parts } = await this.#invoke(path, await this.#idOf(path), method, args);
			if (status === 0 || status === statusNoData) return parts.flatMap(({ DATA }) => (DATA ? [DATA] : []));
			// The owner restarted and has another id now. Once is enough, for a method may answer 4 itself.
			if (status === statusNotFound) this.#ids.delete(path);
			if (status !== statusNotFound || attempt > 1) throw statusError(status, path, method);
		}
	}

	/** The objects at `path` (a `*` at the end stands for anything); without it all that this user may see. */
	async lookup(path?: string): Promise<UbusObject[]> {
		const attrs = path === undefined ? {} : { OBJPATH: path };
		const { status, parts } = await this.#request(`lookup of ${path ?? 'all'}`, { type: 'LOOKUP', peer: 0, attrs });
		if (status === statusNotFound) return [];
		if (status !== 0) throw statusError(status, path ?? '*', 'lookup');
		return parts.flatMap(({ OBJPATH, OBJID, SIGNATURE }) =>
			OBJPATH !== undefined && OBJID !== undefined ? [{ path: OBJPATH, id: OBJID, signature: SIGNATURE ?? {} }] : [],
		);
	}

	async #idOf(path: string): Promise<number> {
		const known = this.#ids.get(path);
		if (known !== undefined) return known;
		const found = (await this.lookup(path)).find((object) => object.path === path);
		if (!found) {
			const empty = !this.#shown.has(path) && (await this.lookup()).length === 0;
			throw empty ? emptyWorldError() : missingObjectError(path);
		}
		this.#ids.set(path, found.id);
		this.#shown.add(path);
		return found.id;
	}

	#invoke(path: string, id: number, method: string, args: { readonly [name: string]: BlobInput }): Promise<Answer> {
		const attrs = { OBJID: id, METHOD: method, DATA: args };
		return this.#request(`${path} ${method}`, { type: 'INVOKE', peer: id, attrs });
	}

	async #request(what: string, message: Omit<UbusMessage<{ readonly [name: string]: BlobInput }>, 'seq'>) {
		// HELLO and a loss may come in one chunk, so it may be down again when the promise is through.
		while (!this.#connection.up) await this.#connection.whenUp();
		if (this.#pending.size >= maxCallsInFlight)
			throw new UbusError('no answer', `ubus: ${maxCallsInFlight} calls already wait for an answer`);
		do this.#seq = (this.#seq + 1) & 0xffff;
		while (this.#pending.has(this.#seq));
		const seq = this.#seq;
		const bytes = encodeMessage({ ...message, seq });
		return new Promise<Answer>((resolve, reject) => {
			const cancel = this.#options.clock.after(this.#timeoutMs, () => {
				const said = `ubus ${what}: no answer within ${this.#timeoutMs} ms: who should give it died or hangs`;
				this.#settle(seq)?.reject(new UbusError('no answer', said));
				this.#connection.checkHalf();
			});
			this.#pending.set(seq, { parts: [], bytes: 0, resolve, reject, cancel });
			this.#connection.send(bytes);
		});
	}

	#settle(seq: number): Pending | undefined {
		const pending = this.#pending.get(seq);
		pending?.cancel();
		this.#pending.delete(seq);
		return pending;
	}

	#take({ type, seq, attrs }: UbusMessage, bytes: number): void {
		if (type === 'INVOKE' && attrs.OBJID === this.#listener && attrs.METHOD !== undefined)
			this.#options.onEvent?.(attrs.METHOD, attrs.DATA ?? {});
		if (type === 'STATUS') {
			const pending = this.#settle(seq);
			pending?.resolve({ status: attrs.STATUS ?? statusUnknown, parts: pending.parts });
		}
		const pending = type === 'DATA' ? this.#pending.get(seq) : undefined;
		if (!pending) return;
		pending.parts.push(attrs);
		pending.bytes += bytes;
		if (pending.parts.length > maxParts || pending.bytes > maxPartBytes)
			this.#connection.lose(new UbusError('not connected', 'closed the connection to ubusd: an answer has no end'));
	}

	/** Events are sent to an object of the listener's, which needs no path. */
	async #listen(patterns: readonly string[]): Promise<void> {
		if (patterns.length === 0) return;
		const { status, parts } = await this.#request('add object', { type: 'ADD_OBJECT', peer: 0, attrs: {} });
		const id = parts[0]?.OBJID;
		if (status !== 0 || id === undefined) return;
		this.#listener = id;
		// As int32: an id above 2^31 would go as int64, which ubusd does not take for one.
		for (const pattern of patterns) await this.#invoke('event', eventObject, 'register', { object: id | 0, pattern });
	}

	#forget(error: UbusError): void {
		this.#listener = null;
		this.#ids.clear();
		for (const seq of [...this.#pending.keys()]) this.#settle(seq)?.reject(error);
	}
}
