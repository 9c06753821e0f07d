// The queue's tables, as docs/queue.md describes them, and the numbers that stand for names in them.
import type { Class } from '../record.ts';
import { type Kind, kinds } from '../wire.ts';

/** "nmq1" */
export const queueApplicationId = 0x6e6d_7131;

export const queueSchema: readonly string[] = [
	`CREATE TABLE epochs (
		id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
		sealed INTEGER NOT NULL DEFAULT 0, acked INTEGER NOT NULL DEFAULT 0,
		lent INTEGER NOT NULL DEFAULT 0, gone INTEGER NOT NULL DEFAULT 0,
		folded1 INTEGER NOT NULL DEFAULT 0, folded2 INTEGER NOT NULL DEFAULT 0,
		taken_up INTEGER NOT NULL DEFAULT 0, taken_down INTEGER NOT NULL DEFAULT 0);
	CREATE TABLE rows (
		epoch INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL, bucket INTEGER NOT NULL, since INTEGER,
		class INTEGER, record INTEGER, device TEXT, up INTEGER NOT NULL, down INTEGER NOT NULL,
		PRIMARY KEY (epoch, seq)) WITHOUT ROWID;
	CREATE TABLE shapes (no INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
	CREATE TABLE records (
		epoch INTEGER NOT NULL, no INTEGER NOT NULL, shape INTEGER NOT NULL, own TEXT NOT NULL,
		up INTEGER NOT NULL, down INTEGER NOT NULL, updated INTEGER NOT NULL,
		first INTEGER NOT NULL DEFAULT 0, last INTEGER NOT NULL DEFAULT 0,
		change INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0,
		PRIMARY KEY (epoch, no)) WITHOUT ROWID;
	CREATE INDEX record_changes ON records (change);
	CREATE TABLE sums (
		kind INTEGER PRIMARY KEY,
		sealed_up INTEGER NOT NULL DEFAULT 0, sealed_down INTEGER NOT NULL DEFAULT 0,
		acknowledged_up INTEGER NOT NULL DEFAULT 0, acknowledged_down INTEGER NOT NULL DEFAULT 0,
		queued_up INTEGER NOT NULL DEFAULT 0, queued_down INTEGER NOT NULL DEFAULT 0,
		dropped_up INTEGER NOT NULL DEFAULT 0, dropped_down INTEGER NOT NULL DEFAULT 0);
	INSERT INTO sums (kind) VALUES (0), (1), (2), (3), (4);
	CREATE TABLE marks (
		epoch INTEGER NOT NULL, seq INTEGER NOT NULL, wall INTEGER NOT NULL, up INTEGER NOT NULL, down INTEGER NOT NULL,
		PRIMARY KEY (epoch, seq)) WITHOUT ROWID;
	CREATE TABLE gaps (
		id INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL, last INTEGER NOT NULL, what TEXT NOT NULL,
		up INTEGER, down INTEGER);
	CREATE TABLE kept (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
	CREATE TABLE history (part TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID`,
];

export const kindNo = Object.fromEntries(kinds.map((kind, no) => [kind, no])) as Readonly<Record<Kind, number>>;
/** Kinds that add up to the core. */
export const coreKinds: readonly number[] = [kindNo.usage, kindNo.unattributed];
export const classNames: readonly Class[] = ['direct', 'proxy', 'reject'];

export interface EpochLine {
	readonly id: number;
	readonly name: string;
	/** The highest number given. */
	readonly sealed: number;
	/** What the master has. */
	readonly acked: number;
	/** What the master may have: sent, and perhaps taken though no answer came. Never folded. */
	readonly lent: number;
	/** Rows up to here were acknowledged and are no longer kept. */
	readonly gone: number;
	/** Rows up to here are folded once (twice): nothing is to be gained by another try. */
	readonly folded1: number;
	readonly folded2: number;
	/** Bytes of the core in acknowledged rows. */
	readonly taken_up: number;
	readonly taken_down: number;
}

export interface RowLine {
	readonly epoch: number;
	readonly seq: number;
	readonly kind: number;
	readonly bucket: number;
	readonly since: number | null;
	readonly class: number | null;
	readonly record: number | null;
	readonly device: string | null;
	readonly up: number;
	readonly down: number;
}

/** Numbers of records that stand for folded connections begin here, beyond any connection's. */
export const firstFoldNo = 1e12;
