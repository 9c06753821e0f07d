// Single connections, erased with everything that leads to them; what they moved stays in the sums.
import type { Database, SqlValue } from '../../system/database.ts';
import { type ConnectionName, connectionHash, connectionKey, generationOf } from '../booking/connectionkey.ts';
import { lowerPeaks } from '../booking/peaks.ts';

/** Within a transaction. `picked`: after `FROM connection c JOIN cell WHERE`. Answers the numbers of those erased. */
export function eraseConnections(database: Database, picked: string, params: readonly SqlValue[]): number[] {
	const find = database.prepare<SqlValue[], { id: number; agent: number; name: ConnectionName }>(
		`SELECT c.id, cell.agent, c.name FROM connection c JOIN cell ON cell.id = c.cell WHERE ${picked}`,
	);
	const unkey = database.prepare<[number, number]>('DELETE FROM connection_key WHERE k = ? AND connection = ?');
	const unrecord = database.prepare<[number]>('DELETE FROM record WHERE connection = ?');
	const erase = database.prepare<[number]>('DELETE FROM connection WHERE id = ?');
	try {
		const found = find.all(...params);
		for (const { id, agent, name } of found) {
			unkey.run(connectionKey(generationOf(id), connectionHash(agent, name)), id);
			unrecord.run(id);
			erase.run(id);
		}
		const ids = found.map(({ id }) => id);
		lowerPeaks(database, ids);
		return ids;
	} finally {
		for (const statement of [find, unkey, unrecord, erase]) statement.free();
	}
}
