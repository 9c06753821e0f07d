// The store's main file: takes batches, answers questions, retires the old. One connection, one thread; everything
// here blocks, and therefore lives in a thread of its own (vaultthread.ts).
import { constants, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { type Database, openDatabase, quarantine } from '../../system/database.ts';
import { answerTo } from '../answers/answers.ts';
import type { Question } from '../answers/question.ts';
import { rows } from '../answers/sums.ts';
import { parcelOf } from '../batch/packing.ts';
import { openParcel } from '../batch/parcel.ts';
import { Booking } from '../booking/booking.ts';
import { masterApplicationId, masterSchema } from '../booking/schema.ts';
import { QuotaBook } from '../quota/quotabook.ts';
import type { QuotaOrder } from '../quota/quotaorder.ts';
import { type ForgetOrder, forget } from './forget.ts';
import { type ImportReport, importOld } from './import.ts';
import { type Retention, retire } from './retention.ts';
import { createToken, listTokens, revokeToken } from './tokens.ts';

export interface WaitingBatch {
	/** Numbers of the inbox: 1, 2, 3, ... */
	readonly id: number;
	/** ms since the Unix epoch. */
	readonly came: number;
	/** A parcel (parcel.ts). */
	readonly body: Uint8Array;
}

export interface VaultState {
	/** The last batch of the inbox that is in here. */
	readonly moved: number;
	readonly epochs: readonly { readonly agent: string; readonly epoch: string; readonly acked: number }[];
	readonly tokens: readonly { readonly agent: string; readonly hash: string }[];
}

export interface Sparing {
	readonly sparing?: boolean;
}

export interface QueryAnswer {
	readonly rows: readonly unknown[];
	/** There are more rows than are answered. */
	readonly more: boolean;
}

/** 16 MB: the hot ends of the tables. */
const cachePages = 2560;
/** The WAL goes back into the file at this size (16 MB), so that a large move does it once. */
const walPages = 4096;
const maxQueryRows = 10_000;

export class Vault {
	readonly #path: string;
	readonly #database: Database;
	readonly #booking: Booking;
	readonly #quotas = new QuotaBook(() => this.#store());

	private constructor(path: string, database: Database) {
		this.#path = path;
		this.#database = database;
		this.#booking = new Booking(database);
	}

	/** Opens or makes the file. A damaged one is set aside (`said` tells where); a foreign one is an error. */
	static async open(path: string, wall: number): Promise<{ vault: Vault; said: string | null }> {
		let said: string | null = null;
		for (;;) {
			const options = {
				applicationId: masterApplicationId,
				schema: masterSchema,
				cachePages,
				check: 'header',
			} as const;
			const opened = await openDatabase(path, options);
			if (!('damaged' in opened)) {
				opened.exec(`PRAGMA wal_autocheckpoint=${walPages}; PRAGMA journal_size_limit=${walPages * 4096}`);
				// Given back page by page later; a file has it from its first page on or never.
				if (opened.value('PRAGMA auto_vacuum') === 0) opened.exec('PRAGMA auto_vacuum=incremental; VACUUM');
				return { vault: new Vault(path, opened), said };
			}
			if (opened.why === 'foreign') {
				throw new Error(
					`${path} is no store of netmon-master. If it is an old master.db: netmon-master --database NEW.db import ${path}`,
				);
			}
			if (opened.why === 'newer') throw new Error(`${path} ${opened.damaged}: use the netmon-master that made it`);
			said = `${path} ${opened.damaged}; it was set aside as ${quarantine(path, { wall })}`;
		}
	}

	state(): VaultState {
		const store = this.#store();
		return {
			moved: Number(this.#database.value("SELECT value FROM mark WHERE name = 'moved'") ?? 0),
			epochs: rows(
				store,
				'SELECT text.value AS agent, epoch.name AS epoch, acked FROM epoch JOIN text ON text.id = epoch.agent',
				[],
			),
			tokens: listTokens(this.#database)
				.filter(({ revoked }) => revoked === null)
				.map(({ agent, hash }) => ({ agent, hash })),
		};
	}

	/**
	 * All of them in one transaction, with the number of the last. Sums of all times have them after `settle`. `sparing`,
	 * for a disk that is full: the WAL, where a change that failed holds room, is emptied into the file before and after it.
	 */
	move(batches: readonly WaitingBatch[], how: Sparing = {}): void {
		this.#sparingly(how, () => this.#take(batches, how));
	}

	/** To be called before questions: sums of all times get what they lack. `sparing`: as for `move`. */
	settle(how: Sparing = {}): void {
		const { totals } = this.#booking;
		if (!totals.areSettled) this.#sparingly(how, () => this.#change(() => totals.settle()));
	}

	#sparingly({ sparing = false }: Sparing, work: () => void): void {
		const empty = 'PRAGMA wal_checkpoint(TRUNCATE)';
		if (sparing) this.#database.value(empty);
		work();
		if (sparing) this.#database.value(empty);
	}

	#take(batches: readonly WaitingBatch[], { sparing = false }: Sparing): void {
		const last = batches.at(-1);
		if (!last) return;
		this.#change(() => {
			for (const { body, came } of batches) {
				// An empty one stands for a batch that cannot be booked.
				if (body.byteLength > 0) this.#booking.take(openParcel(body), came);
			}
			this.#booking.flush();
			// That can wait for a disk that has room again.
			if (this.#booking.totals.areMany && !sparing) this.#booking.totals.settle();
			rows(this.#store(), "INSERT OR REPLACE INTO mark VALUES ('moved', ?)", [last.id]);
		});
	}

	ask(question: Question): unknown {
		return answerTo(this.#store(), question);
	}

	/** Any one statement that changes nothing. */
	query(sql: string): QueryAnswer {
		this.#database.exec('PRAGMA query_only=on');
		try {
			const statement = this.#database.prepare<[], unknown>(sql);
			const found: unknown[] = [];
			try {
				for (const row of statement.iterate()) {
					if (found.length === maxQueryRows) return { rows: found, more: true };
					found.push(row);
				}
			} finally {
				statement.free();
			}
			return { rows: found, more: false };
		} finally {
			this.#database.exec('PRAGMA query_only=off');
		}
	}

	createToken(agent: string, now: number): { id: number; token: string } {
		return this.#change(() => createToken(this.#database, agent, now));
	}

	listTokens() {
		return listTokens(this.#database).map(({ hash, ...rest }) => rest);
	}

	revokeToken(id: number, now: number): boolean {
		return this.#change(() => revokeToken(this.#database, id, now));
	}

	/** Answers as `QuotaAnswers` says. */
	quotas(order: QuotaOrder): unknown {
		return this.#change(() => this.#quotas.order(order));
	}

	/** One small step; true = there is more to do. */
	retire(retention: Retention): boolean {
		const more = this.#change(() => retire(this.#database, retention));
		// Some pages only: the intake waits for this.
		this.#database.exec('PRAGMA incremental_vacuum(256)');
		return more;
	}

	forget(order: ForgetOrder): number {
		const changed = this.#change(() => {
			// It changes cells, and what is owed is told of cells.
			this.#booking.totals.settle();
			return forget(this.#store(), order);
		});
		this.#booking.forget();
		this.#quotas.forget();
		return changed;
	}

	/** Answers how many connections were taken over, and their sums. */
	importOld(file: string): Promise<ImportReport> {
		return importOld(file, (byAgent) =>
			this.#change(() => {
				for (const [agent, { records, last: timestamp }] of byAgent) {
					this.#booking.take(parcelOf({ agent, timestamp, records, netmon: null }), timestamp);
				}
				this.#booking.flush();
				this.#booking.totals.settle();
			}),
		);
	}

	/** A whole copy; the file must not exist yet. */
	backup(file: string): number {
		if (existsSync(file)) throw new Error(`${file} exists already`);
		const free = `${file}.new`;
		this.#database.value('PRAGMA wal_checkpoint(TRUNCATE)');
		try {
			copyFileSync(this.#path, free, constants.COPYFILE_FICLONE);
			renameSync(free, file);
		} catch (error) {
			rmSync(free, { force: true });
			throw new Error(`${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
		}
		return this.fileBytes();
	}

	fileBytes(): number {
		const { pages, pageBytes } = this.#database.size();
		return pages * pageBytes;
	}

	close(): void {
		this.#database.close();
	}

	#store() {
		return { database: this.#database, texts: this.#booking.texts };
	}

	#change<T>(work: () => T extends PromiseLike<unknown> ? never : T): T {
		try {
			return this.#database.transaction(work);
		} catch (error) {
			this.#booking.forget();
			this.#quotas.forget();
			throw error;
		}
	}
}
