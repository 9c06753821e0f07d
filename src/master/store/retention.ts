// What is kept for how long: single connections, 5-minute rows; hours and sums stay. In small steps, so that the
// intake and questions wait for none of them.
import type { Database, SqlValue } from '../../system/database.ts';
import { bucketSeconds, cellLimit } from '../booking/schema.ts';
import { eraseConnections } from './erase.ts';

export interface Retention {
	/** ms since the Unix epoch: connections last seen before it go. */
	readonly connectionsBefore: number;
	/** And 5-minute rows, and what is told of such times (gaps). */
	readonly usageBefore: number;
}

/** Some 30 ms. */
const rowsAStep = 2_000;

/** Removes some; true = there is more. */
export function retire(database: Database, { connectionsBefore, usageBefore }: Retention): boolean {
	const picked = `c.last < ? ORDER BY c.last LIMIT ${rowsAStep}`;
	const connections = eraseConnections(database, picked, [connectionsBefore]).length;
	const usageFrom = Math.floor(usageBefore / 1000 / bucketSeconds);
	const usage = changed(
		database,
		`DELETE FROM usage WHERE k IN (SELECT k FROM usage WHERE k < ? ORDER BY k LIMIT ${rowsAStep})`,
		[usageFrom * cellLimit],
	);
	if (usage > 0) {
		changed(
			database,
			`INSERT INTO mark VALUES ('usage_from', ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)`,
			[usageFrom],
		);
	}
	for (const table of ['gap', 'late', 'wanless']) {
		changed(database, `DELETE FROM ${table} WHERE until < ?`, [Math.floor(usageBefore / 1000)]);
	}
	if (connections > 0) countFrom(database, connectionsBefore);
	return connections === rowsAStep || usage === rowsAStep;
}

/** Sums before it (ms since the Unix epoch) count connections that are not there any more. */
export function countFrom(database: Database, time: number): void {
	changed(
		database,
		`INSERT INTO mark VALUES ('connections_from', ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)`,
		[time],
	);
}

function changed(database: Database, sql: string, params: readonly SqlValue[]): number {
	const statement = database.prepare<SqlValue[]>(sql);
	try {
		return statement.run(...params);
	} finally {
		statement.free();
	}
}
