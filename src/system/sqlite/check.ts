// What is wrong with a file, before anything is written to it. SQLite opens anything: an empty file is an empty
// database to it, and a cut one fails at first use.

import { basename, dirname } from 'node:path';
import { type Disk, exists, syncFolder, writeFileAtomic } from '../disk.ts';
import { checksumBytes, emptyDatabase, type Header, headerBytes, pageBytes, parseHeader } from './pages.ts';

/** Why a file cannot be used: the caller sets it aside (`quarantine`) and starts a new one, or tells the user. */
export interface Damaged {
	/** A sentence without the file's name: "is empty". */
	readonly damaged: string;
	/** `foreign`: another program's. `newer`: a later version's schema. Both are whole. */
	readonly why: 'damaged' | 'foreign' | 'newer';
}

/** Makes an empty database, whole or not at all, after removing what a lost one of that name has left. */
export function createDatabase(disk: Disk, path: string, applicationId: number): void {
	for (const rest of [`${path}-journal`, `${path}-wal`]) if (exists(disk, rest)) disk.unlink(rest);
	syncFolder(disk, dirname(path));
	writeFileAtomic(disk, path, emptyDatabase(applicationId));
}

/** Removes temporary files whose process died between making and unlinking them. */
export function removeTemporaries(disk: Disk, path: string): void {
	const start = `${basename(path)}-temp-`;
	for (const name of disk.list(dirname(path))) if (name.startsWith(start)) disk.unlink(`${dirname(path)}/${name}`);
}

/** Looks at the header alone. `applicationId` null: any SQLite file will do. */
export function checkHeader(disk: Disk, path: string, applicationId: number | null): Header | Damaged {
	const start = new Uint8Array(headerBytes);
	const file = disk.open(path, 'read');
	let size: number;
	try {
		size = disk.statFile(file).size;
		disk.read(file, start, 0);
	} finally {
		disk.close(file);
	}
	if (size === 0) return damaged('is empty');
	const header = parseHeader(start);
	if (header === null) return damaged('has no SQLite header');
	if (applicationId === null) return header;
	if (header.applicationId !== applicationId) return { damaged: 'is the database of another program', why: 'foreign' };
	if (header.pageBytes !== pageBytes || header.reservedBytes !== checksumBytes) return damaged('has a damaged header');
	return header;
}

export function damaged(reason: string): Damaged {
	return { damaged: reason, why: 'damaged' };
}
