// Fills a database and reads it, and says on stdout by how many MB its own memory grew: the file is far larger.
import { readFileSync, writeSync } from 'node:fs';
import { open } from './scratch.ts';

const [path, megabytes] = process.argv.slice(2) as [string, string];
const rowBytes = 20_000;

/** Own memory in MB, as the kernel counts it. */
function ownMemory(): number {
	const kilobytes = /RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1];
	return Number(kilobytes) / 1024;
}

async function measure(): Promise<void> {
	const database = await open(path, { cachePages: 256 });
	const insert = database.prepare<[Uint8Array]>('INSERT INTO t(blob) VALUES (?)');
	const row = new Uint8Array(rowBytes).fill(7);
	const add = (rows: number) =>
		database.transaction(() => {
			for (let at = 0; at < rows; at += 1) insert.run(row);
		});
	add(200);
	const before = ownMemory();
	add((Number(megabytes) * 1_000_000) / rowBytes);
	const sum = database.value('SELECT sum(length(blob)) FROM t WHERE length(hex(substr(blob, 19000, 5))) = 10');
	const sorted = database.value('SELECT count(*) FROM (SELECT DISTINCT id, substr(blob, 1, 2000) FROM t)');
	const grown = ownMemory() - before;
	database.close();
	writeSync(1, JSON.stringify({ sum, sorted, grown }));
}

measure();
