// A small living ubusd on a real unix socket: a table of objects whose owners can restart, die or hang, and whatever
// else goes wrong: no HELLO, garbage, half messages, a user without rights. Speaks with our own codec, which the
// transcripts of the real ubusd hold to account.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { BlobInput, BlobTable } from '../../src/sources/blobmsg.ts';
import { encodeMessage, MessageReader, type UbusMessage } from '../../src/sources/ubusmessage.ts';

export type Table = { readonly [name: string]: BlobInput };
/** A status, the parts of an answer, or 'silent': none ever comes. */
export type Reply = number | readonly Table[] | 'silent';
export type Method = (args: BlobTable) => Reply;

interface FakeObject {
	readonly id: number;
	readonly methods: Readonly<Record<string, Method>>;
}

interface Client {
	readonly socket: Socket;
	/** Its object for events, and the patterns registered. */
	listener: number;
	readonly patterns: string[];
}

export class FakeUbusd {
	readonly path: string;
	/** What the next clients meet. */
	hello: 'says' | 'closes' | 'silent' = 'says';
	/** A user whom no ACL file names sees nothing. */
	world: 'whole' | 'empty' = 'whole';
	/** `object method` that ubusd refuses. */
	readonly denied = new Set<string>();
	/** Every call that came, as `object method`. */
	readonly calls: string[] = [];
	connections = 0;
	#server: Server | null = null;
	#clients = new Set<Client>();
	#objects = new Map<string, FakeObject>();
	/** Above 2^31, where an int32 is negative. */
	#nextId = 0xe000_0001;

	constructor(path: string) {
		this.path = path;
	}

	async start(): Promise<void> {
		rmSync(this.path, { force: true });
		this.#server = createServer((socket) => this.#accept(socket));
		this.#server.listen(this.path);
		await once(this.#server, 'listening');
	}

	async stop(): Promise<void> {
		for (const { socket } of this.#clients) socket.destroy();
		this.#clients.clear();
		const server = this.#server;
		this.#server = null;
		if (server) await new Promise((resolve) => server.close(resolve));
	}

	/** Publishes an object, or the same path again under a new id: its owner restarted. */
	publish(path: string, methods: Readonly<Record<string, Method>>): void {
		this.#objects.set(path, { id: this.#nextId++, methods });
	}

	remove(path: string): void {
		this.#objects.delete(path);
	}

	/** An event to all that registered for it. */
	event(name: string, data: Table): void {
		for (const client of this.#clients)
			if (client.patterns.includes(name)) {
				const attrs = { OBJID: client.listener, METHOD: name, DATA: data };
				this.#send(client, { type: 'INVOKE', seq: 7, peer: 0, attrs });
			}
	}

	/** Clients that registered for events. */
	get listeners(): number {
		return [...this.#clients].filter(({ patterns }) => patterns.length > 0).length;
	}

	/** What is registered for now. */
	get patterns(): string[] {
		return [...this.#clients].flatMap((client) => client.patterns);
	}

	/** Raw bytes to every client. */
	send(bytes: Buffer): void {
		for (const { socket } of this.#clients) socket.write(bytes);
	}

	#accept(socket: Socket): void {
		this.connections += 1;
		socket.on('error', () => {});
		if (this.hello === 'closes') {
			socket.destroy();
			return;
		}
		const client: Client = { socket, listener: 0, patterns: [] };
		this.#clients.add(client);
		socket.on('close', () => this.#clients.delete(client));
		if (this.hello === 'says') this.#send(client, { type: 'HELLO', seq: 0, peer: this.#nextId++, attrs: {} });
		const reader = new MessageReader();
		socket.on('data', (chunk) => {
			if (reader.push(chunk, (message) => this.#take(client, message)) !== null) socket.destroy();
		});
	}

	#send(client: Client, message: UbusMessage<Table>): void {
		if (client.socket.writable) client.socket.write(encodeMessage(message));
	}

	#take(client: Client, message: UbusMessage): void {
		const { type, attrs } = message;
		if (type === 'LOOKUP') this.#lookup(client, message);
		else if (type === 'ADD_OBJECT') {
			client.listener = this.#nextId++;
			this.#answer(client, message, 0, [{ OBJID: client.listener }]);
		} else if (type === 'INVOKE' && attrs.OBJID === 1) {
			// The id comes as int32; another one than the client's own is refused.
			const mine = typeof attrs.DATA?.object === 'number' && attrs.DATA.object >>> 0 === client.listener;
			if (mine) client.patterns.push(String(attrs.DATA?.pattern));
			this.#answer(client, message, mine ? 0 : 2);
		} else if (type === 'INVOKE') this.#invoke(client, message);
	}

	#lookup(client: Client, message: UbusMessage): void {
		const path = message.attrs.OBJPATH;
		const visible = this.world === 'empty' ? [] : [...this.#objects];
		const found = visible.filter(([name]) => path === undefined || name === path);
		const parts = found.map(([name, { id, methods }]) => ({
			OBJPATH: name,
			OBJID: id,
			SIGNATURE: Object.fromEntries(Object.keys(methods).map((method) => [method, {}])),
		}));
		this.#answer(client, message, path !== undefined && found.length === 0 ? 4 : 0, parts);
	}

	#invoke(client: Client, message: UbusMessage): void {
		const { OBJID, METHOD = '', DATA = {} } = message.attrs;
		const [path, object] = [...this.#objects].find(([, { id }]) => id === OBJID) ?? [];
		let reply: Reply = 4;
		if (object) {
			this.calls.push(`${path} ${METHOD}`);
			reply = this.denied.has(`${path} ${METHOD}`) ? 6 : (object.methods[METHOD]?.(DATA) ?? 3);
		}
		if (reply === 'silent') return;
		if (typeof reply === 'number') this.#answer(client, message, reply);
		else
			this.#answer(
				client,
				message,
				0,
				reply.map((part) => ({ OBJID: OBJID!, DATA: part })),
			);
	}

	#answer(client: Client, to: UbusMessage, status: number, parts: readonly UbusMessage<Table>['attrs'][] = []): void {
		const { seq, peer } = to;
		for (const attrs of parts) this.#send(client, { type: 'DATA', seq, peer, attrs });
		this.#send(client, { type: 'STATUS', seq, peer, attrs: { STATUS: status } });
	}
}
