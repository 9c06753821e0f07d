// The statements that booking a batch needs beside those of connections, cells and sums.
import type { Database } from '../../system/database.ts';
import { cellLimit } from './schema.ts';

/** The WAN's counters were not known; s since the Unix epoch. */
export interface WanlessSpan {
	readonly since: number;
	readonly until: number;
	readonly why: string;
	/** 1: they are known again. */
	readonly over: number;
}

export function bookingStatements(database: Database) {
	return {
		setAgent: database.prepare<[number, number, number, string | null]>(
			`INSERT INTO agent(name, first, last, tz) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET last = max(last, excluded.last), tz = coalesce(excluded.tz, tz)`,
		),
		setHealth: database.prepare<[number, string, number, number]>(
			'UPDATE agent SET told = ?, health = ? WHERE name = ? AND coalesce(told, 0) <= ?',
		),
		findEpoch: database.prepare<[number, string], { id: number; acked: number }>(
			'SELECT id, acked FROM epoch WHERE agent = ? AND name = ?',
		),
		insertEpoch: database.prepare<[number, string]>('INSERT INTO epoch(agent, name, acked, last) VALUES (?, ?, 0, 0)'),
		setAcked: database.prepare<[number, number, number]>('UPDATE epoch SET acked = ?, last = ? WHERE id = ?'),
		insertGap: database.prepare<[number, number, number, string, number | null, number | null]>(
			'INSERT OR IGNORE INTO gap(agent, since, until, what, u, d) VALUES (?, ?, ?, ?, ?, ?)',
		),
		addLate: database.prepare<[number, number, number, number, number, number]>(
			`INSERT INTO late VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET u = u + excluded.u, d = d + excluded.d`,
		),
		lastWanless: database.prepare<[number], WanlessSpan>(
			'SELECT since, until, why, over FROM wanless WHERE agent = ? ORDER BY since DESC LIMIT 1',
		),
		setWanless: database.prepare<[number, number, number, string, number]>(
			'INSERT OR REPLACE INTO wanless VALUES (?, ?, ?, ?, ?)',
		),
		usageOfAddress: database.prepare<
			[number, number, number, number],
			{ bucket: number; cell: number; n: number; u: number; d: number }
		>(
			`SELECT k / ${cellLimit} AS bucket, k & ${cellLimit - 1} AS cell, n, u, d FROM usage WHERE k >= ?
			AND (k & ${cellLimit - 1}) IN (SELECT id FROM cell WHERE agent = ? AND source = ? AND device = ?)`,
		),
		moveConnections: database.prepare<[number, number, number, number]>(
			'UPDATE connection SET cell = ? WHERE last >= ? AND last < ? AND cell = ?',
		),
	};
}
