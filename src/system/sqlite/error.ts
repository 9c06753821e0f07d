// What SQLite (or the layer around it) has against a call: a stable code and a sentence.

/** SQLite's result codes by number (sqlite3.h); extended codes are not switched on. */
const codes: Readonly<Record<number, string>> = {
	1: 'SQLITE_ERROR',
	2: 'SQLITE_INTERNAL',
	3: 'SQLITE_PERM',
	4: 'SQLITE_ABORT',
	5: 'SQLITE_BUSY',
	6: 'SQLITE_LOCKED',
	7: 'SQLITE_NOMEM',
	8: 'SQLITE_READONLY',
	9: 'SQLITE_INTERRUPT',
	10: 'SQLITE_IOERR',
	11: 'SQLITE_CORRUPT',
	12: 'SQLITE_NOTFOUND',
	13: 'SQLITE_FULL',
	14: 'SQLITE_CANTOPEN',
	15: 'SQLITE_PROTOCOL',
	17: 'SQLITE_SCHEMA',
	18: 'SQLITE_TOOBIG',
	19: 'SQLITE_CONSTRAINT',
	20: 'SQLITE_MISMATCH',
	21: 'SQLITE_MISUSE',
	22: 'SQLITE_NOLFS',
	25: 'SQLITE_RANGE',
	26: 'SQLITE_NOTADB',
};

/** Codes behind which the disk may stand: only they are told with the disk's last error. */
const ofTheDisk = new Set(['SQLITE_IOERR', 'SQLITE_FULL', 'SQLITE_CANTOPEN', 'SQLITE_READONLY', 'SQLITE_PERM']);

/** Codes that say: the file is not what it should be. */
export const damageCodes: ReadonlySet<string> = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB']);

/** The last call that the disk refused, or the page that was not as it was written. */
export interface DiskFault {
	/** Node's code ("ENOSPC"), or "checksum". */
	readonly code: string;
	/** "write to /var/run/netmon/queue.db-wal". */
	readonly what: string;
}

/** Every error of a database. `code` is SQLite's name of it; `disk` is what the disk said ("ENOSPC"), where it did. */
export class DatabaseError extends Error {
	override readonly name = 'DatabaseError';
	readonly code: string;
	readonly disk: string | null;

	constructor(code: string, sentence: string, fault: DiskFault | null = null) {
		super(fault ? `${sentence} (${fault.code}: ${fault.what})` : sentence);
		this.code = code;
		this.disk = fault?.code ?? null;
	}
}

/** The error of a result code; `fault` is the disk's last refusal since the call began, if any. */
export function resultError(
	result: number,
	{ file, sentence, fault }: { file: string; sentence: string; fault: DiskFault | null },
): DatabaseError {
	const name = codes[result & 0xff] ?? `SQLITE_${result}`;
	if (fault?.code === 'checksum') return new DatabaseError('SQLITE_CORRUPT', `${file}: is damaged`, fault);
	// SQLite takes some pages that cannot be read now for damaged ones.
	if (fault && damageCodes.has(name)) return new DatabaseError('SQLITE_IOERR', `${file}: disk I/O error`, fault);
	return new DatabaseError(name, `${file}: ${sentence}`, ofTheDisk.has(name) ? fault : null);
}
