// What a commit costs, in both journals: `node --liftoff-only --max-semi-space-size=1 --v8-pool-size=0
// build/test/bench/database.program.js [FOLDER]`. Prints the table that docs/database.md keeps.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/system/database.ts';
import { type Disk, nodeDisk } from '../../src/system/disk.ts';

const schema = [
	`CREATE TABLE small (id INTEGER PRIMARY KEY, number INTEGER, text TEXT);
	CREATE TABLE blob (id INTEGER PRIMARY KEY, bytes BLOB);
	CREATE TABLE rows (epoch INTEGER, seq INTEGER, kind INTEGER, connection INTEGER, bucket INTEGER, class INTEGER,
		up INTEGER, down INTEGER, PRIMARY KEY (epoch, seq)) WITHOUT ROWID`,
];
const blobBytes = 60_000;

async function measure(folder: string, journal: 'wal' | 'rollback'): Promise<void> {
	let bytes = 0;
	let syncs = 0;
	const disk: Disk = {
		...nodeDisk,
		write(file, from, position) {
			bytes += from.byteLength;
			return nodeDisk.write(file, from, position);
		},
		sync(file) {
			syncs += 1;
			nodeDisk.sync(file);
		},
	};
	const database = await openDatabase(join(folder, `${journal}.db`), { disk, applicationId: 1, schema, journal });
	if ('damaged' in database) throw new Error(database.damaged);
	const time = (what: string, times: number, run: (at: number) => void) => {
		[bytes, syncs] = [0, 0];
		const cpu = process.cpuUsage();
		const start = performance.now();
		for (let at = 0; at < times; at += 1) run(at);
		const ms = (performance.now() - start) / times;
		const { user, system } = process.cpuUsage(cpu);
		const figures = [ms, (user + system) / 1000 / times].map((value) => value.toFixed(3));
		const disk = [(bytes / times / 1000).toFixed(1), (syncs / times).toFixed(1)];
		console.log(`| ${[journal, what, ...figures, ...disk].join(' | ')} |`);
	};
	const insert = database.prepare<[number, number, string]>('INSERT INTO small VALUES (?, ?, ?)');
	time('one row', 1_000, (at) => insert.run(at, at, 'text'));
	const upsert = database.prepare<[number, number, string]>(
		'INSERT INTO small VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET number = excluded.number',
	);
	time('1,000 upserts', 50, (at) =>
		database.transaction(() => {
			for (let id = 0; id < 1_000; id += 1) upsert.run(id, at + id, 'text');
		}),
	);
	const replace = database.prepare<[Uint8Array]>('INSERT OR REPLACE INTO blob VALUES (1, ?)');
	time('a blob of 60 kB', 200, (at) => replace.run(new Uint8Array(blobBytes).fill(at)));
	const row = database.prepare<number[]>('INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
	time('a blob of 60 kB and 200 rows', 100, (at) =>
		database.transaction(() => {
			replace.run(new Uint8Array(blobBytes).fill(at));
			for (let seq = at * 200; seq < at * 200 + 200; seq += 1) row.run(1, seq, 0, seq % 50, at, 1, seq * 99, seq * 777);
		}),
	);
	time('200,000 rows', 1, () =>
		database.transaction(() => {
			for (let id = 1_000; id < 201_000; id += 1) insert.run(id, id, 'text');
		}),
	);
	const select = database.prepare<[number], { number: number }>('SELECT number, text FROM small WHERE id = ?');
	time('none: 1,000 rows read by key', 50, () => {
		for (let id = 0; id < 1_000; id += 1) select.get(id * 200);
	});
	database.close();
}

async function bench(): Promise<void> {
	const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'netmon-bench-'));
	console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${folder}\n`);
	console.log('| journal | one commit of | ms | CPU ms | kB written | syncs |\n|---|---|---|---|---|---|');
	for (const journal of ['wal', 'rollback'] as const) await measure(folder, journal);
	if (process.argv[2] === undefined) rmSync(folder, { recursive: true });
}

bench();
