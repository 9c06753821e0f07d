// The vault in a thread of its own. Calls go over as messages, one after the other; one that takes too long ends the
// thread, and the next call finds a new one (the file is then as after a kill: whole).
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Clock } from '../../system/clock.ts';
import { Vault } from './vault.ts';

/** What may be called from another thread. */
type VaultCalls = Pick<
	Vault,
	| 'state'
	| 'move'
	| 'settle'
	| 'ask'
	| 'quotas'
	| 'query'
	| 'createToken'
	| 'listTokens'
	| 'revokeToken'
	| 'retire'
	| 'forget'
	| 'importOld'
	| 'backup'
	| 'fileBytes'
>;
type CallName = keyof VaultCalls;

export interface CallOptions {
	/** After that the thread is ended. */
	readonly timeoutMs?: number;
	/** Memory among the arguments that the caller gives away. */
	readonly transfer?: readonly ArrayBuffer[];
}

/** The vault from where the server is. Rejects with what the call threw, or with `TooLong`. */
export interface VaultPort {
	call<N extends CallName>(
		name: N,
		args: Parameters<VaultCalls[N]>,
		how?: CallOptions,
	): Promise<Awaited<ReturnType<VaultCalls[N]>>>;
	stop(): Promise<void>;
}

/** The call was ended because others wait. */
export class TooLong extends Error {}

interface CallMessage {
	readonly id: number;
	readonly name: CallName;
	readonly args: readonly unknown[];
}
type ReplyMessage =
	| { readonly id: number; readonly value: unknown }
	| { readonly id: number; readonly error: string; readonly code: string | null };

interface Data {
	readonly vaultPath: string;
	readonly wall: number;
}

/** True in the thread: it serves calls from then on, and the program has nothing else to do. */
export function serveVault(): boolean {
	const data = workerData as Partial<Data> | null;
	if (isMainThread || !parentPort || typeof data?.vaultPath !== 'string') return false;
	const port = parentPort;
	void Vault.open(data.vaultPath, data.wall ?? 0).then(
		({ vault, said }) => {
			port.postMessage({ said });
			port.on('message', async (message: CallMessage | 'stop') => {
				if (message === 'stop') {
					vault.close();
					port.close();
					return;
				}
				port.postMessage(await reply(vault, message));
			});
		},
		(error: Error) => port.postMessage({ refused: error.message }),
	);
	return true;
}

async function reply(vault: Vault, { id, name, args }: CallMessage): Promise<ReplyMessage> {
	try {
		const call = vault[name] as (...args: readonly unknown[]) => unknown;
		return { id, value: await call.apply(vault, [...args]) };
	} catch (error) {
		const { message, code } = error as Error & { code?: unknown };
		return { id, error: message, code: typeof code === 'string' ? code : null };
	}
}

/** An error of the vault, with SQLite's name of it. */
export class VaultError extends Error {
	readonly code: string | null;
	constructor(message: string, code: string | null) {
		super(message);
		this.code = code;
	}
}

/** A young generation that fits beside the database's cache; the old one is far from it. */
const resourceLimits = { maxYoungGenerationSizeMb: 12, maxOldGenerationSizeMb: 256 };

export interface ThreadOptions {
	/** The file of this very program. */
	readonly program: string;
	readonly path: string;
	readonly clock: Clock;
	readonly onSaid: (text: string) => void;
}

interface Waiting {
	readonly message: CallMessage;
	readonly transfer: readonly ArrayBuffer[];
	readonly timeoutMs: number;
	readonly resolve: (value: never) => void;
	readonly reject: (error: Error) => void;
}

export class VaultThread implements VaultPort {
	readonly #options: ThreadOptions;
	#worker: Worker | null = null;
	#queue: Waiting[] = [];
	#running: Waiting | null = null;
	#cancelTimeout: () => void = () => {};
	#opening: Promise<void> | null = null;
	#stopped = false;
	#next = 1;

	constructor(options: ThreadOptions) {
		this.#options = options;
	}

	/** Opens the file. Rejects with a sentence when that cannot be. */
	start(): Promise<void> {
		this.#opening ??= new Promise<void>((resolve, reject) => {
			const { program, path, clock, onSaid } = this.#options;
			const data: Data = { vaultPath: path, wall: clock.wall() };
			const worker = new Worker(program, { workerData: data, resourceLimits });
			this.#worker = worker;
			worker.on('message', (message: ReplyMessage | { said: string | null } | { refused: string }) => {
				if ('refused' in message) {
					// At once: the thread ends now, and that may be told in the same turn.
					const refused = new Error(message.refused);
					reject(refused);
					this.#lost(refused);
				} else if ('said' in message) {
					if (message.said) onSaid(message.said);
					resolve();
				} else this.#settle(message);
			});
			worker.on('error', (error) => {
				reject(error);
				this.#lost(error);
			});
			worker.on('exit', () => {
				reject(new Error('the store has ended'));
				if (this.#worker === worker) this.#lost(new Error('the store has ended'));
			});
		});
		return this.#opening;
	}

	call<N extends CallName>(
		name: N,
		args: Parameters<VaultCalls[N]>,
		{ timeoutMs = Number.POSITIVE_INFINITY, transfer = [] }: CallOptions = {},
	): Promise<Awaited<ReturnType<VaultCalls[N]>>> {
		return new Promise((resolve, reject) => {
			if (this.#stopped) return reject(new Error('the store is closed'));
			this.#queue.push({ message: { id: this.#next++, name, args }, timeoutMs, transfer, resolve, reject });
			this.#run();
		});
	}

	async stop(): Promise<void> {
		if (this.#stopped) return;
		this.#stopped = true;
		const worker = this.#worker;
		for (const { reject } of this.#queue.splice(0)) reject(new Error('the store is closed'));
		if (!worker) return;
		const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
		worker.postMessage('stop');
		await ended;
	}

	#run(): void {
		if (this.#running || this.#queue.length === 0) return;
		const next = this.#queue.shift()!;
		this.#running = next;
		this.start().then(
			() => {
				if (this.#running !== next) return;
				if (Number.isFinite(next.timeoutMs)) {
					this.#cancelTimeout = this.#options.clock.after(next.timeoutMs, () => this.#end(next));
				}
				this.#worker!.postMessage(next.message, next.transfer);
			},
			(error: Error) => this.#lost(error),
		);
	}

	#settle(reply: ReplyMessage): void {
		const { message, resolve, reject } = this.#running ?? {};
		if (message?.id !== reply.id) return;
		this.#cancelTimeout();
		this.#running = null;
		if ('error' in reply) reject!(new VaultError(reply.error, reply.code));
		else resolve!(reply.value as never);
		this.#run();
	}

	/** The only way to stop SQLite within a step. */
	#end(late: Waiting): void {
		if (this.#running !== late) return;
		const worker = this.#worker;
		this.#lost(
			new TooLong(`the question took longer than ${late.timeoutMs / 1000} s: narrow it down`),
			worker?.terminate(),
		);
	}

	#lost(error: Error, ended: Promise<unknown> = Promise.resolve()): void {
		this.#cancelTimeout();
		this.#worker = null;
		this.#opening = null;
		const running = this.#running;
		this.#running = null;
		running?.reject(error);
		// The file may be opened again when the thread that had it is gone.
		void ended.then(() => this.#run());
	}
}
