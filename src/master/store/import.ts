// The database of mihomo-connections-tracker (its master's or an agent's), read and never altered.
import { type Database, openDatabase, type SqlValue } from '../../system/database.ts';
import type { WireRecord } from '../../wire.ts';
import { faultOf, parseTime } from '../batch/syncbody.ts';

export interface ImportReport {
	readonly connections: number;
	/** Bytes. */
	readonly up: number;
	readonly down: number;
	/** Rows that are no record: their number. */
	readonly refused: number;
}

/** Records by agent, and when the agent was last heard of by them, in ms since the Unix epoch. */
export type RecordsByAgent = ReadonlyMap<string, { readonly records: readonly WireRecord[]; readonly last: number }>;

const rowsAtOnce = 5_000;
/** Records that say of no agent. */
const unknownAgent = 'unknown';

/** Its columns that are named otherwise on the wire. */
const renamed: Readonly<Record<string, string>> = {
	conn_download: 'download',
	conn_upload: 'upload',
	type: 'conn_type',
};

/** Hands over all records, some thousands at a time. Rejects with a sentence. */
export async function importOld(file: string, take: (records: RecordsByAgent) => void): Promise<ImportReport> {
	const opened = await openDatabase(file, { applicationId: null, schema: [], readonly: true, check: 'header' });
	if ('damaged' in opened) throw new Error(`${file} ${opened.damaged}`);
	try {
		if (!hasConnections(opened)) throw new Error(`${file} has no table connections: it is no old master.db`);
		return takeAll(opened, take);
	} finally {
		opened.close();
	}
}

function hasConnections(database: Database): boolean {
	return database.value("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'connections'") === 1;
}

function takeAll(database: Database, take: (records: RecordsByAgent) => void): ImportReport {
	const statement = database.prepare<[], Record<string, SqlValue>>('SELECT * FROM connections');
	const report = { connections: 0, up: 0, down: 0, refused: 0 };
	let waiting: WireRecord[] = [];
	try {
		for (const row of statement.iterate()) {
			const entries = Object.entries(row).map(([name, value]) => [renamed[name] ?? name, value]);
			const record: unknown = Object.fromEntries(entries);
			if (faultOf(record) !== null) {
				report.refused += 1;
				continue;
			}
			const { upload, download } = record as WireRecord;
			report.connections += 1;
			report.up += upload;
			report.down += download;
			waiting.push(record as WireRecord);
			if (waiting.length < rowsAtOnce) continue;
			take(byAgent(waiting));
			waiting = [];
		}
		if (waiting.length > 0) take(byAgent(waiting));
		return report;
	} finally {
		statement.free();
	}
}

function byAgent(records: readonly WireRecord[]): RecordsByAgent {
	const found = new Map<string, { records: WireRecord[]; last: number }>();
	for (const record of records) {
		const agent = record.agent_id ?? unknownAgent;
		const one = found.get(agent) ?? { records: [], last: 0 };
		one.records.push(record);
		one.last = Math.max(one.last, parseTime(record.last_updated)!);
		found.set(agent, one);
	}
	return found;
}
