// Compiled statements that are asked again: compiling one costs more than running it where it reads few rows.
import type { Database, SqlValue, Statement } from '../../system/database.ts';

type Any = Statement<SqlValue[], unknown>;

/** Those that were not asked for longest make room. */
const most = 64;
const known = new WeakMap<Database, Map<string, Any>>();

/** Compiled at the first time. It is the database's, and freed with it: nobody else frees it. */
export function compiled<Row>(database: Database, sql: string): Statement<SqlValue[], Row> {
	let statements = known.get(database);
	if (!statements) {
		statements = new Map();
		known.set(database, statements);
	}
	const statement = statements.get(sql) ?? database.prepare<SqlValue[], unknown>(sql);
	statements.delete(sql);
	statements.set(sql, statement);
	const [[oldest, first] = [sql, statement]] = statements;
	if (statements.size > most) {
		statements.delete(oldest);
		first.free();
	}
	return statement as Statement<SqlValue[], Row>;
}
