// The control socket in the state folder: one line of JSON asks, one line answers. Who listens owns the folder, so it
// is also what keeps two agents from one file; `netmon status`, `export` and `doctor` ask through it.
import { chmodSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { type Clock, systemClock } from './clock.ts';
import type { Log } from './log.ts';

/** What a handler is given and answers: JSON values. */
export type ControlHandler = (request: Readonly<Record<string, unknown>>) => unknown | Promise<unknown>;

export interface ControlOptions {
	/** `control.sock` in the state folder. Linux allows 107 bytes. */
	readonly path: string;
	/** By the request's `ask`. What one throws is told to the asker as `error`, so it must hold no secret. */
	readonly handlers: Readonly<Record<string, ControlHandler>>;
	readonly clock: Clock;
	readonly log: Log;
}

export interface Control {
	/** Closes the socket and removes it. Again: nothing. */
	stop(): Promise<void>;
}

/** Somebody owns the folder already, or nobody can. A sentence for the user; `pid` of the owner where it told. */
export interface ControlRefusal {
	readonly error: string;
	readonly pid: number | null;
}

/** The answer to `ask`: a value, or a sentence. */
export type ControlAnswer = { readonly value: unknown } | { readonly error: string; readonly absent: boolean };

const maxRequestBytes = 64 * 1024;
/** An export goes out in several answers; one of them is never larger. */
const maxAnswerBytes = 8 * 1024 * 1024;
const maxConnections = 16;
/** A request must be there whole by then, and the answer taken. */
const requestMs = 10_000;
const askMs = 10_000;
const ownerMs = 2_000;
const maxPathBytes = 107;

/**
 * Takes the socket. One that a dead owner has left (it refuses a connect) is replaced; where somebody answers, or
 * accepts and is silent, that is said instead. `pid` is asked by the request `{"ask":"pid"}`, which is answered here.
 */
export async function listen(options: ControlOptions): Promise<Control | ControlRefusal> {
	const { path, log } = options;
	if (Buffer.byteLength(path) > maxPathBytes) {
		return { error: `the path of the control socket is longer than ${maxPathBytes} bytes: ${path}`, pid: null };
	}
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		serve(socket, options);
	});
	server.maxConnections = maxConnections;
	// A second try: between two that start at once, one finds the other's fresh socket.
	for (let tries = 0; tries < 2; tries += 1) {
		const failure = await bind(server, path);
		if (failure === null) {
			server.on('error', (error) => log.warn(`control socket: ${error.message}`));
			chmodSync(path, 0o600);
			return { stop: () => close(server, sockets) };
		}
		if (failure !== 'EADDRINUSE') {
			return {
				error: `cannot make the control socket in ${dirname(path)} (${failure}): may this user write there?`,
				pid: null,
			};
		}
		const refusal = await removeStale(path, options.clock);
		if (refusal) return refusal;
	}
	return { error: `somebody else has just taken ${path}`, pid: null };
}

/** null: it listens; else Node's code of what was against it. */
function bind(server: Server, path: string): Promise<string | null> {
	return new Promise((resolve) => {
		const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
		server.once('error', failed);
		server.listen(path, () => {
			server.off('error', failed);
			resolve(null);
		});
	});
}

/** Removes a socket that nobody listens on; else says who is in the way. */
async function removeStale(path: string, clock: Clock): Promise<ControlRefusal | null> {
	try {
		const before = lstatSync(path, { bigint: true });
		if (!before.isSocket()) return { error: `${path} is in the way and is no socket: remove it`, pid: null };
		const answer = await ask(path, { ask: 'pid' }, { clock, timeoutMs: ownerMs });
		if ('value' in answer) {
			const pid = typeof answer.value === 'number' ? answer.value : null;
			return { error: `another netmon (process ${pid ?? 'unknown'}) works in ${dirname(path)}: stop it first`, pid };
		}
		if (!answer.absent) return { error: `another program holds ${path}: ${answer.error}`, pid: null };
		// Moved first, since by now it may be the fresh socket of one that started at the same moment.
		const aside = `${path}.${process.pid}`;
		renameSync(path, aside);
		const moved = lstatSync(aside, { bigint: true });
		// Inode numbers are used again at once; the time tells the two apart.
		if (moved.ino === before.ino && moved.mtimeNs === before.mtimeNs) unlinkSync(aside);
		else renameSync(aside, path);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : error;
		if (code !== 'ENOENT') return { error: `cannot remove the stale ${path} (${code})`, pid: null };
	}
	return null;
}

function serve(socket: Socket, { handlers, clock, log }: ControlOptions): void {
	const all: Readonly<Record<string, ControlHandler>> = { ...handlers, pid: () => process.pid };
	const limit = () => clock.after(requestMs, () => socket.destroy());
	let cancel = limit();
	socket.on('close', () => cancel());
	socket.on('error', (error) => log.debug(`control: ${error.message}`));
	readLine(socket, maxRequestBytes, async (line) => {
		// A handler may take its time: a backup does.
		cancel();
		const answer = await answerTo(line, all);
		if (!socket.destroyed) cancel = limit();
		const text = JSON.stringify(answer);
		socket.end(`${Buffer.byteLength(text) > maxAnswerBytes ? '{"error":"the answer is too large"}' : text}\n`);
	});
}

async function answerTo(line: string | null, handlers: Readonly<Record<string, ControlHandler>>): Promise<object> {
	if (line === null) return { error: `a request is one line of JSON, at most ${maxRequestBytes} bytes` };
	const request = parseObject(line);
	if (request === null) return { error: 'a request is one JSON object' };
	const name = request.ask;
	if (typeof name !== 'string' || !Object.hasOwn(handlers, name)) {
		return { error: `no such request; there are: ${Object.keys(handlers).sort().join(', ')}` };
	}
	try {
		return { value: (await handlers[name]!(request)) ?? null };
	} catch (error) {
		return { error: error instanceof Error ? error.message : String(error) };
	}
}

function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
	for (const socket of sockets) socket.destroy();
	// Node removes the socket's file itself.
	return new Promise((resolve) => server.close(() => resolve()));
}

/**
 * Asks whoever listens at `path`. Never rejects: `absent` is true where nobody listens (the agent does not run, or
 * has died), false for every other failure.
 */
export function ask(
	path: string,
	request: Readonly<Record<string, unknown>>,
	{ clock = systemClock, timeoutMs = askMs }: { clock?: Clock; timeoutMs?: number } = {},
): Promise<ControlAnswer> {
	return new Promise((resolve) => {
		if (Buffer.byteLength(path) > maxPathBytes) {
			return resolve({ error: `the path of the control socket is too long: ${path}`, absent: true });
		}
		const socket = createConnection(path);
		const finish = (answer: ControlAnswer) => {
			cancel();
			socket.destroy();
			resolve(answer);
		};
		const cancel = clock.after(timeoutMs, () =>
			finish({ error: `no answer within ${timeoutMs / 1000} s`, absent: false }),
		);
		socket.on('error', (error: NodeJS.ErrnoException) => {
			const absent = error.code === 'ECONNREFUSED' || error.code === 'ENOENT' || error.code === 'ENOTSOCK';
			finish({ error: absent ? `nobody listens on ${path}` : `${path}: ${error.message}`, absent });
		});
		readLine(socket, maxAnswerBytes + 1024, (line) => {
			const answer = line === null ? null : parseObject(line);
			if (answer && Object.hasOwn(answer, 'value')) finish({ value: answer.value });
			else if (answer && typeof answer.error === 'string') finish({ error: answer.error, absent: false });
			else finish({ error: `${path}: the answer is not one of netmon`, absent: false });
		});
		socket.write(`${JSON.stringify(request)}\n`);
	});
}

/** Calls `onLine` once, with the first line, or with null when it is too long or the peer ends before it does. */
function readLine(socket: Socket, maxBytes: number, onLine: (line: string | null) => void): void {
	const pieces: Buffer[] = [];
	let bytes = 0;
	let done = false;
	const finish = (line: string | null) => {
		if (done) return;
		done = true;
		socket.off('data', take);
		socket.resume();
		onLine(line);
	};
	const take = (piece: Buffer) => {
		const end = piece.indexOf(10);
		pieces.push(end < 0 ? piece : piece.subarray(0, end));
		bytes += piece.byteLength;
		if (bytes > maxBytes) finish(null);
		else if (end >= 0) finish(Buffer.concat(pieces).toString('utf8'));
	};
	socket.on('data', take);
	socket.on('end', () => finish(null));
}

function parseObject(line: string): Record<string, unknown> | null {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' && value !== null && !Array.isArray(value)
			? (value as Record<string, unknown>)
			: null;
	} catch {
		return null;
	}
}
