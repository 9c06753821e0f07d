// Single connections, erased with everything that leads to them; what they moved stays in the sums.
import type { Database, SqlValue } from '../../system/database.ts';
import { type ConnectionName, connectionHash } from '../booking/connectionkey.ts';

/** Within a transaction. `picked`: after `FROM connection c JOIN cell WHERE`. Answers the numbers of those erased. */
export function eraseConnections(database: Database, picked: string, params: readonly SqlValue[]): number[] {
	const find = database.prepare<SqlValue[], { id: number; agent: number; name: ConnectionName }>(
		`SELECT c.id, cell.agent, c.name FROM connection c JOIN cell ON cell.id = c.cell WHERE ${picked}`,
	);
	const keyed = database.prepare<[number], { id: number }>('SELECT id FROM connection_key_all WHERE h = ?');
	// One that has a neighbour behind it stays: that one may have stepped aside for it, and is looked for from here.
	const unkey = ['new_connection_key', 'connection_key'].map((table) =>
		database.prepare<[number]>(
			`DELETE FROM ${table} WHERE h = ?1 AND NOT EXISTS (SELECT 1 FROM connection_key_all WHERE h = ?1 + 1)`,
		),
	);
	const unrecord = database.prepare<[number]>('DELETE FROM record WHERE connection = ?');
	const erase = database.prepare<[number]>('DELETE FROM connection WHERE id = ?');
	try {
		const found = find.all(...params);
		for (const { id, agent, name } of found) {
			let key = connectionHash(agent, name);
			for (let there = keyed.get(key); there && there.id !== id; there = keyed.get(key)) key += 1;
			for (const statement of unkey) statement.run(key);
			unrecord.run(id);
			erase.run(id);
		}
		return found.map(({ id }) => id);
	} finally {
		for (const statement of [find, keyed, ...unkey, unrecord, erase]) statement.free();
	}
}
