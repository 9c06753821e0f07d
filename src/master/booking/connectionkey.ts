// How a connection is found by agent and name. A mihomo id is a UUID and kept in its 16 bytes, anything else as a text.
// Connections that were numbered one after the other share a generation, and their keys lie together: what is new, and
// what is told again soon after, touches few pages whatever the table's size.
import type { Database } from '../../system/database.ts';
import { hashOf } from './hash.ts';

export type ConnectionName = Uint8Array | string;

const generationSize = 2 ** 16;

/** Of a connection's number. */
export const generationOf = (id: number) => Math.floor(id / generationSize);
/** What `connection_key` is ordered by; some share one. `hash` has 32 bits. */
export const connectionKey = (generation: number, hash: number) => generation * 2 ** 32 + hash;
/** From a key: the hash. */
export const keyHash = (key: number) => key % 2 ** 32;

const words = [0, 0, 0, 0, 0];

/** 32 bits. `agent` is the number of the agent's name. */
export function connectionHash(agent: number, name: ConnectionName): number {
	if (typeof name === 'string') return Math.floor(hashOf([agent, ...Buffer.from(name)]) / 2 ** 20);
	words[0] = agent;
	for (let at = 0; at < 4; at += 1) {
		const byte = at * 4;
		words[at + 1] = name[byte]! | (name[byte + 1]! << 8) | (name[byte + 2]! << 16) | (name[byte + 3]! << 24);
	}
	return Math.floor(hashOf(words) / 2 ** 20);
}

export function sameName(a: ConnectionName, b: ConnectionName): boolean {
	if (typeof a === 'string' || typeof b === 'string') return a === b;
	for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
	return a.length === b.length;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** null: it is no UUID as mihomo writes it. */
export function uuidBytes(id: string): Uint8Array | null {
	return uuid.test(id) ? Uint8Array.from(Buffer.from(id.replaceAll('-', ''), 'hex')) : null;
}

/** The number of the connection of an agent with that id; null: there is none. */
export function findConnection(database: Database, agent: number, id: string): number | null {
	const name = uuidBytes(id) ?? id;
	const hash = connectionHash(agent, name);
	const find = database.prepare<[number], { id: number; agent: number; name: ConnectionName }>(
		`SELECT c.id, c.name, cell.agent FROM connection_key AS k JOIN connection c ON c.id = k.connection
		JOIN cell ON cell.id = c.cell WHERE k = ?`,
	);
	try {
		const newest = generationOf(Number(database.value('SELECT max(id) FROM connection') ?? 0));
		for (let generation = newest; generation >= 0; generation -= 1) {
			const found = find
				.all(connectionKey(generation, hash))
				.find((one) => one.agent === agent && sameName(one.name, name));
			if (found) return found.id;
		}
		return null;
	} finally {
		find.free();
	}
}
