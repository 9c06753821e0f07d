// How a connection is found: by its agent and its name there. A UUID, as mihomo gives, takes 16 bytes; any other id stays
// a text.
import type { Database } from '../../system/database.ts';
import { hashOf } from './hash.ts';

export type ConnectionName = Uint8Array | string;

const words = [0, 0, 0, 0, 0];

/** The key from which on it is looked for in `connection_key_all`. `agent` is the number of the agent's name. */
export function connectionHash(agent: number, name: ConnectionName): number {
	if (typeof name === 'string') return hashOf([agent, ...Buffer.from(name)]);
	words[0] = agent;
	for (let at = 0; at < 4; at += 1) {
		const byte = at * 4;
		words[at + 1] = name[byte]! | (name[byte + 1]! << 8) | (name[byte + 2]! << 16) | (name[byte + 3]! << 24);
	}
	return hashOf(words);
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
	const find = database.prepare<[number], { id: number | null; agent: number | null; name: ConnectionName | null }>(
		`SELECT c.id, c.name, cell.agent FROM connection_key_all AS k LEFT JOIN connection c ON c.id = k.id
		LEFT JOIN cell ON cell.id = c.cell WHERE h = ?`,
	);
	try {
		for (let key = connectionHash(agent, name); ; key += 1) {
			const found = find.get(key);
			if (!found) return null;
			if (found.agent === agent && found.name !== null && sameName(found.name, name)) return found.id;
		}
	} finally {
		find.free();
	}
}
