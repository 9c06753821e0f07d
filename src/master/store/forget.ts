// Erasing names, keeping sums: single connections go; what they named loses its name wherever nobody else has it, and
// in the cells that were meant everywhere.
import type { SqlValue } from '../../system/database.ts';
import { rows, type Store } from '../answers/sums.ts';
import { cellColumns } from '../booking/dimension.ts';
import { bucketSeconds, bucketsAnHour, cellLimit } from '../booking/schema.ts';
import { removeQuota } from '../quota/quotabook.ts';
import { eraseConnections } from './erase.ts';
import { countFrom } from './retention.ts';

/** What is named together must match together; null = any. */
export interface ForgetOrder {
	readonly agent: string | null;
	readonly device: string | null;
	/** A host name or a destination's address. */
	readonly host: string | null;
	/** ms since the Unix epoch: what was last seen before. */
	readonly before: number | null;
}

const forgotten = '(forgotten)';
const rowsAStep = 5_000;
/** Columns of a cell that tell of people; rules and nodes are the owner's settings. */
const personal = ['name', 'host', 'destination', 'device', 'source', 'inbound_user', 'process'] as const;
const texts = ['sniff_host', 'remote', 'detail'] as const;

/** Within a transaction. Answers how many connections were erased. */
export function forget(store: Store, { agent, device, host, before }: ForgetOrder): number {
	const { database } = store;
	const conditions: string[] = [];
	const params: SqlValue[] = [];
	const named = (sql: string, value: string, times: number) => {
		conditions.push(sql);
		for (let i = 0; i < times; i += 1) params.push(store.texts.find(value) ?? -1);
	};
	if (agent !== null) named('agent = ?', agent, 1);
	if (device !== null) named('(device = ? OR source = ?)', device, 2);
	if (host !== null) named('(host = ? OR name = ? OR destination = ?)', host, 3);
	if (before !== null) {
		const hour = Math.floor(before / 1000 / bucketSeconds / bucketsAnHour);
		// A combination may have a second cell, and been seen again by that one.
		const all = cellColumns.join(', ');
		const later = `SELECT k & ${cellLimit - 1} FROM hour WHERE k >= ?`;
		conditions.push(`(${all}) NOT IN (SELECT ${all} FROM cell WHERE id IN (${later}))`);
		params.push(hour * cellLimit);
	}
	database.exec(
		'CREATE TABLE meant(id INTEGER PRIMARY KEY); CREATE TABLE gone(id INTEGER PRIMARY KEY); CREATE TABLE kept(id INTEGER PRIMARY KEY)',
	);
	rows(store, `INSERT INTO meant SELECT id FROM cell WHERE ${conditions.join(' AND ')}`, params);
	for (const column of personal) {
		database.exec(`INSERT OR IGNORE INTO gone SELECT ${column} FROM cell WHERE id IN meant;
			INSERT OR IGNORE INTO kept SELECT ${column} FROM cell WHERE id NOT IN meant`);
	}
	for (const column of texts) {
		database.exec(`INSERT OR IGNORE INTO gone SELECT ${column} FROM connection WHERE cell IN meant;
			INSERT OR IGNORE INTO kept SELECT ${column} FROM connection WHERE cell NOT IN meant`);
	}
	const code = store.texts.number(forgotten);
	const newest = Number(database.value('SELECT max(last) FROM connection'));
	let erased = 0;
	for (let last = 0; ; ) {
		const ids = eraseConnections(database, `c.cell IN meant AND c.id > ? ORDER BY c.id LIMIT ${rowsAStep}`, [last]);
		if (ids.length === 0) break;
		erased += ids.length;
		last = ids.at(-1)!;
	}
	if (erased > 0) countFrom(database, newest + 1);
	database.exec(`UPDATE cell SET ${personal.map((column) => `${column} = ${code}`).join(', ')} WHERE id IN meant`);
	if (agent !== null && device === null && host === null && before === null) forgetAgent(store, agent);
	if (device !== null) {
		rows(store, 'DELETE FROM device WHERE address = ? OR mac = ?', [device, device]);
		rows(store, 'DELETE FROM stranger WHERE address = ?', [device]);
	}
	database.exec(`UPDATE text SET value = '(forgotten ' || id || ')'
		WHERE id IN gone AND id NOT IN kept AND id NOT IN (1, ${code});
		DROP TABLE meant; DROP TABLE gone; DROP TABLE kept`);
	return erased;
}

function forgetAgent(store: Store, agent: string): void {
	const number = store.texts.find(agent) ?? -1;
	for (const table of ['device', 'stranger', 'gap', 'late', 'wanless'])
		rows(store, `DELETE FROM ${table} WHERE agent = ?`, [number]);
	rows(store, 'UPDATE agent SET health = NULL WHERE name = ?', [number]);
	rows(store, 'UPDATE token SET revoked = coalesce(revoked, made) WHERE agent = ?', [agent]);
	removeQuota(store, agent);
	rows(store, 'INSERT OR IGNORE INTO gone VALUES (?)', [number]);
}
