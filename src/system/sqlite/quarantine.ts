// Setting a damaged database aside: renamed with its journal and WAL, so that somebody may look at it later. At most
// two are kept.
import { basename, dirname } from 'node:path';
import { type Disk, exists, nodeDisk, syncFolder } from '../disk.ts';

const keptFiles = 2;
const companions = ['', '-journal', '-wal'] as const;

/**
 * Renames the database at `path` (and its journal and WAL) to `PATH.damaged-DATE` and removes the oldest set aside
 * before, beyond two. Answers the new path. `wall`: ms since 1970; it may be wrong, the order is kept all the same.
 */
export function quarantine(path: string, { wall, disk = nodeDisk }: { wall: number; disk?: Disk }): string {
	const folder = dirname(path);
	const before = setAside(disk, path);
	const last = before[before.length - 1];
	const date = Math.max(wall, last === undefined ? 0 : dateOf(last) + 1);
	const target = `${path}.damaged-${stamp(date)}`;
	for (const end of companions) if (exists(disk, path + end)) disk.rename(path + end, target + end);
	syncFolder(disk, folder);
	for (const old of setAside(disk, path).slice(0, -keptFiles)) {
		for (const end of companions) {
			const name = `${folder}/${basename(path)}.damaged-${old}${end}`;
			if (exists(disk, name)) disk.unlink(name);
		}
	}
	return target;
}

/** The dates of those set aside, oldest first. */
function setAside(disk: Disk, path: string): string[] {
	const start = `${basename(path)}.damaged-`;
	const dates = disk
		.list(dirname(path))
		.filter((name) => name.startsWith(start))
		.map((name) => name.slice(start.length).replace(/-(journal|wal)$/, ''))
		.filter((date) => /^\d{8}T\d{9}Z$/.test(date));
	return [...new Set(dates)].sort();
}

/** "20260102T030405678Z". */
function stamp(wall: number): string {
	return new Date(wall).toISOString().replace(/[-:.]/g, '');
}

function dateOf(date: string): number {
	return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/, '$1-$2-$3T$4:$5:$6.$7Z'));
}
