// Commits transactions to a database for ever and says each on stdout once it is committed: to be killed.
import { writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Disk, nodeDisk } from '../../../src/system/disk.ts';
import { held, type Journal, path as name, open, transact } from './history.ts';

const [path, journal] = process.argv.slice(2) as [string, Journal];
const folder = dirname(path);

/** The history's own path, in the given folder. */
const real = (used: string) => (used === dirname(name) ? folder : used.replace(name, `${folder}/${basename(path)}`));
const disk: Disk = {
	...nodeDisk,
	open: (used, how) => nodeDisk.open(real(used), how),
	stat: (used) => nodeDisk.stat(real(used)),
	unlink: (used) => nodeDisk.unlink(real(used)),
	rename: (from, to) => nodeDisk.rename(real(from), real(to)),
	list: (used) => nodeDisk.list(real(used)),
};

async function write(): Promise<void> {
	const database = await open(disk, journal);
	const before = held(database);
	writeSync(1, `start ${before.length}\n`);
	for (let number = before.length; ; number += 1) {
		transact(database, number);
		writeSync(1, `${number}\n`);
	}
}

write().catch((error) => {
	writeSync(1, `failed ${error}\n`);
	process.exit(1);
});
