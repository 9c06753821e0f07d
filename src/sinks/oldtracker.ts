// The file of an old program (mihomo-connections-tracker's agent.db) at the place of the queue: recognised, kept as
// NAME.old, and what it had not synced is queued once. Its marks: `sync_state.last_sync_time`, a text that it compares
// with each record's `last_updated`; totals are of the connection's life.
import { basename, dirname } from 'node:path';
import { openDatabase } from '../system/database.ts';
import { type Disk, exists, syncFolder } from '../system/disk.ts';
import type { Log } from '../system/log.ts';
import type { WireRecord } from '../wire.ts';
import { storedWire } from './connectionrecord.ts';
import type { QueueFile } from './queuefile.ts';
import { kindNo } from './queueschema.ts';

type OldLine = Omit<WireRecord, 'download' | 'upload' | 'conn_type'> & {
	readonly conn_download: number;
	readonly conn_upload: number;
	readonly type: string;
};

/** While its rows are on their way into the queue. */
const importing = (path: string) => `${path}.importing`;
const bucketSeconds = 300;
const companions = ['-journal', '-wal', '-shm', ''] as const;

/** Looks at the place of the queue's file before it is opened; moves an old program's file out of the way. */
export async function moveOldTracker(path: string, disk: Disk): Promise<void> {
	if (!exists(disk, path) || exists(disk, importing(path)) || !(await isOldTracker(path, disk))) return;
	move(disk, path, importing(path));
}

/** Once the queue is open: answers how many records were queued; null: there was no old program's file. */
export async function takeOldTracker(
	file: QueueFile,
	path: string,
	{ disk, epoch, log }: { readonly disk: Disk; readonly epoch: string; readonly log: Log },
): Promise<number | null> {
	const from = importing(path);
	if (!exists(disk, from)) return null;
	const done = file.kept('imported') === 1;
	const count = done ? 0 : await importRows(file, from, { disk, epoch });
	let target = `${path}.old`;
	for (let no = 2; exists(disk, target); no += 1) target = `${path}.old-${no}`;
	move(disk, from, target);
	if (!done) log.info(`the file of an old program is kept as ${basename(target)}; ${count} records are queued`);
	return count;
}

async function isOldTracker(path: string, disk: Disk): Promise<boolean> {
	try {
		const database = await openDatabase(path, {
			disk,
			applicationId: null,
			schema: [],
			readonly: true,
			check: 'header',
		});
		if ('damaged' in database) return false;
		try {
			const count = database.value(
				`SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND (name = 'sync_state'
				OR (name = 'connections' AND sql LIKE '%conn_download%' AND sql LIKE '%agent_id%'))`,
			);
			return count === 2;
		} finally {
			database.close();
		}
	} catch {
		// Whatever this file is, opening it as a queue will tell.
		return false;
	}
}

async function importRows(
	file: QueueFile,
	from: string,
	{ disk, epoch }: { readonly disk: Disk; readonly epoch: string },
): Promise<number> {
	const old = await openDatabase(from, { disk, applicationId: null, schema: [], readonly: true });
	if ('damaged' in old) {
		file.database.transaction(() => file.keep('imported', 1));
		return 0;
	}
	try {
		return file.database.transaction(() => {
			const { id } = file.addEpoch(epoch);
			let seq = 0;
			const lines = old.prepare<[], OldLine>(
				`SELECT * FROM connections WHERE last_updated > (SELECT last_sync_time FROM sync_state WHERE id = 1)
				ORDER BY last_updated`,
			);
			for (const line of lines.iterate()) {
				seq += 1;
				importRow(file, id, seq, line);
			}
			file.setEpoch(id, 'sealed', seq);
			file.keep('imported', 1);
			if (seq === 0) file.removeEpoch(id);
			return seq;
		});
	} finally {
		old.close();
	}
}

function importRow(file: QueueFile, epoch: number, seq: number, line: OldLine): void {
	const [up, down] = [whole(line.conn_upload), whole(line.conn_download)];
	const last = seconds(line.last_updated);
	const bucket = last - (last % bucketSeconds);
	const start = seconds(line.start);
	file.records.add(epoch, seq, storedWire(textual(line)), { up: 0, down: 0, updated: last });
	const row = { kind: 'usage', class: classOf(line.chains), record: seq, device: null, up, down } as const;
	file.addRow(epoch, seq, { ...row, bucket, since: start < bucket ? start : null });
	const change = Number(file.kept('change') ?? 0) + 1;
	file.keep('change', change);
	file.records.grow(epoch, seq, { up, down, seq, updated: last, change });
	file.records.end(epoch, seq);
	for (const name of ['sealed', 'queued'] as const) file.addSum(kindNo.usage, name, { up, down });
}

/** Its columns have no constraint: what is no text becomes one. */
function textual({ type, conn_upload, conn_download, ...line }: OldLine): WireRecord {
	const texts = Object.entries(line).map(([key, value]) => {
		return [key, key === 'uid' || key === 'dscp' ? whole(value as number) : String(value ?? '')];
	});
	return { ...(Object.fromEntries(texts) as WireRecord), conn_type: String(type ?? '') };
}

/** Group first, leaf last; it knows no types. */
function classOf(chains: string): 'direct' | 'proxy' | 'reject' {
	let leaf: unknown;
	try {
		leaf = (JSON.parse(chains) as unknown[]).at(-1);
	} catch {
		leaf = '';
	}
	const name = String(leaf).toLowerCase();
	if (name === 'direct' || name === 'compatible') return 'direct';
	return name.startsWith('reject') ? 'reject' : 'proxy';
}

function whole(value: number | null): number {
	return Number.isSafeInteger(value) && value! >= 0 ? value! : 0;
}

function seconds(text: string): number {
	const ms = Date.parse(String(text));
	return Number.isFinite(ms) && ms > 0 ? Math.floor(ms / 1000) : 0;
}

function move(disk: Disk, from: string, to: string): void {
	for (const end of companions) if (exists(disk, from + end)) disk.rename(from + end, to + end);
	syncFolder(disk, dirname(to));
}
