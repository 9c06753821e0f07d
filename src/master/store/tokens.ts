// Tokens of single agents: random, stored as SHA-256 alone, bound to the agent's name.
import { createHash, randomBytes } from 'node:crypto';
import type { Database, SqlValue } from '../../system/database.ts';

export interface TokenRow {
	readonly id: number;
	readonly agent: string;
	/** In hex. */
	readonly hash: string;
	/** ms since the Unix epoch. */
	readonly made: number;
	readonly revoked: number | null;
}

const tokenBytes = 32;

export function tokenHash(token: string): Buffer {
	return createHash('sha256').update(token, 'utf8').digest();
}

export function createToken(database: Database, agent: string, now: number): { id: number; token: string } {
	const token = randomBytes(tokenBytes).toString('base64url');
	const [row] = all<{ id: number }>(
		database,
		'INSERT INTO token(agent, hash, made) VALUES (?, ?, ?) RETURNING id',
		agent,
		tokenHash(token),
		now,
	);
	return { id: row!.id, token };
}

export function listTokens(database: Database): TokenRow[] {
	return all(database, 'SELECT id, agent, lower(hex(hash)) AS hash, made, revoked FROM token ORDER BY id');
}

/** False: there is none of that number that was still good. */
export function revokeToken(database: Database, id: number, now: number): boolean {
	return (
		all(database, 'UPDATE token SET revoked = ? WHERE id = ? AND revoked IS NULL RETURNING id', now, id).length > 0
	);
}

function all<Row>(database: Database, sql: string, ...params: SqlValue[]): Row[] {
	const statement = database.prepare<SqlValue[], Row>(sql);
	try {
		return statement.all(...params);
	} finally {
		statement.free();
	}
}
