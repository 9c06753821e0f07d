// `make bench`: what ledger, queue and sync cost beside an account that reads the same frames, on a fast clock; memory
// with a full queue; bytes to flash and up the line; how fast a backlog drains. Prints Markdown and writes it to
// docs/performance.md. Figures of one machine: compare ratios.
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { MemoryDisk } from '../fakes/memorydisk.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Life, minute } from '../fakes/queuelife.ts';
import { muslMalloc, routerFlags, startNode, stop, type Usage, usageOf } from './process.ts';

interface Told {
	readonly cpuMs: number;
	readonly sentBytes: number;
	readonly fileBytes: number;
	readonly rows: number;
	readonly drainedSeconds: number;
	readonly waiting: number;
}

/** Whole buckets of five minutes: at the end of each one rows are made, and copied to flash. */
const longest = Number(process.env.NETMON_BENCH_MINUTES ?? 20);
const flashHours = Number(process.env.NETMON_BENCH_HOURS ?? 24);
const wall = Date.UTC(2026, 2, 1, 8);
/** On a router the state folder is in memory. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const flags = [...routerFlags, '--expose-gc'];

const minutesFor = (connections: number) => (connections > 1_000 ? 5 : longest);

type Mode = 'bare' | 'queue' | 'master' | 'full' | 'drain';

/** One life in a process of its own, under the router's flags. */
async function live(mode: Mode, connections: number, url = ''): Promise<Told & Usage> {
	const folder = mkdtempSync(join(memory, 'netmon-bench-'));
	const options = { mode, connections, minutes: minutesFor(connections), folder, url };
	const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
	let child: ChildProcess | null = null;
	try {
		const [started, line] = await startNode('build/test/bench/queuelife.program.js', args, flags, muslMalloc);
		child = started;
		const { cpuMs, ...told } = JSON.parse(line) as Told;
		return { ...usageOf(child), ...told, cpuMs };
	} finally {
		if (child) await stop(child);
		rmSync(folder, { recursive: true, force: true });
	}
}

/** The table of CPU, and what the house with 1,000 connections sent in an hour and held in memory. */
async function costs() {
	const rows: string[] = [];
	const held = new Map<number, { readonly bare: Usage; readonly queue: Usage; readonly sentBytes: number }>();
	for (const connections of [100, 1_000, 10_000]) {
		const bare = await live('bare', connections);
		const queue = await live('queue', connections);
		const master = await withMaster((url) => live('master', connections, url));
		if (master.waiting > 600) throw new Error(`the master did not keep up: ${master.waiting} s wait`);
		const sentBytes = (master.sentBytes * 60) / minutesFor(connections);
		held.set(connections, { bare, queue, sentBytes });
		const figures = [master.cpuMs - bare.cpuMs, queue.cpuMs - bare.cpuMs, bare.cpuMs].map((ms) => ms.toFixed(2));
		rows.push(`| ${[connections, ...figures, kb(sentBytes)].join(' | ')} |`);
		process.stderr.write(`${rows.at(-1)}\n`);
	}
	return { rows, ...held.get(1_000)! };
}

async function withMaster<T>(run: (url: string) => Promise<T>): Promise<T> {
	const [receiver, line] = await startNode('build/test/fakes/receiver.program.js', []);
	try {
		return await run(`http://127.0.0.1:${JSON.parse(line).port}`);
	} finally {
		await stop(receiver);
	}
}

/** Bytes to flash in the busiest hour, without a master. */
async function flash(): Promise<number> {
	const clock = new FakeClock(wall);
	const core = new MiniCore();
	const dice = new Dice(1);
	const disk = new MemoryDisk();
	const life = await new Life({ clock, core, disk, commitIntervalMs: minute }).start();
	life.frame();
	for (let count = 0; count < 1_000; count += 1) core.openOne();
	let [before, most] = [0, 0];
	for (let hour = 0; hour < flashHours; hour += 1) {
		for (let at = 0; at < 60; at += 1) {
			for (const connection of core.open) core.grow(connection, dice.int(1_000, 200_000), dice.int(10_000, 5_000_000));
			for (const connection of core.open.slice(0, 5)) {
				core.close(connection);
				core.openOne();
			}
			await clock.advance(minute);
			life.frame();
		}
		const written = disk.written.get('/flash') ?? 0;
		most = Math.max(most, written - before);
		before = written;
	}
	await life.stop();
	return most;
}

const kb = (bytes: number) => `${Math.round(bytes / 1_000)} kB`;
const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

async function main() {
	const { rows, bare, queue, sentBytes } = await costs();
	const full = await live('full', 1_000);
	const more = (less: Usage) => mb(full.residentBytes - less.residentBytes);
	const flashBytes = await flash();
	const drained = await withMaster((url) => live('drain', 1_000, url));
	const text = `<!-- made by make bench: queue -->
## The queue and the sync

${cpus().length} x ${cpus()[0]?.model.trim()}, Linux, Node ${process.versions.node}; ${longest} minutes of a fast clock (5 at 10,000), a frame a second, all connections growing in each, 5 new ones a
minute; commit each 5 s, sync each 60 s to a receiver in another process, file in memory. CPU is ms a second of ledger, queue and sync, over an account that
reads the same frames alone. Memory is that after a collection. Flags: \`${routerFlags.join(' ')}\`.

| connections | with a master | without one | the account alone | up the line, an hour |
|---|---|---|---|---|
${rows.join('\n')}

| | goal | found |
|---|---|---|
| resident memory with a full queue of 16 MiB (${full.rows} rows) at 1,000 connections, more than with an empty one | 10 MB | ${more(queue)} (more than without any queue: ${more(bare)}) |
| to flash, busiest of ${flashHours} hours without a master, 1,000 connections that all grow | 1 MB | ${kb(flashBytes)} |
| up the line in an hour, 1,000 connections that all grow | 1 MB | ${kb(sentBytes)} |
| 50,000 rows that wait, drained while 1,000 connections grow | 20 s | ${drained.drainedSeconds.toFixed(1)} s |
`;
	process.stdout.write(text);
	replaceInDocs(text);
}

/** The part of docs/performance.md between this program's mark and the next. */
function replaceInDocs(text: string) {
	const path = 'docs/performance.md';
	const old = readFileSync(path, 'utf8');
	const begin = old.indexOf('<!-- made by make bench: queue -->');
	const end = old.indexOf('<!-- queue end -->');
	writeFileSync(path, `${old.slice(0, begin)}${text}${old.slice(end)}`);
}

main().catch((error) => {
	process.stderr.write(`${error.stack}\n`);
	process.exitCode = 1;
});
