// `make bench`: what the master takes and answers, from old agents' bodies by HTTP, at the sizes of the table of figures
// to beat. NETMON_BENCH_CONNECTIONS (default 1000000) and NETMON_BENCH_TRAFFIC (house, mixed) choose; NETMON_BENCH_DATABASE
// is a file that has them already (fill.program.ts), to which 100,000 are added. Prints Markdown and writes it to
// docs/performance.md.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { agents, batch, bodyOf } from './bodies.ts';
import { masterFlags, masterMalloc, stop, usageOf, wait } from './process.ts';
import { firstMs, lastMs, recordMaker, type Traffic } from './traffic.ts';

const connections = Number(process.env.NETMON_BENCH_CONNECTIONS ?? 1_000_000);
const traffic = (process.env.NETMON_BENCH_TRAFFIC ?? 'house') as Traffic;
const given = process.env.NETMON_BENCH_DATABASE ?? null;
/** What is sent from all clients at once. */
const sent = given === null ? { from: 0, count: connections } : { from: connections, count: 100_000 };
const port = 19_291;
const repeats = 9;
const folder = mkdtempSync(join(tmpdir(), 'netmon-bench-'));
const database = given ?? join(folder, 'm.db');
const agent = new Agent({ keepAlive: true, maxSockets: agents + 2 });

const day = (at: number) => new Date(firstMs + at * 86_400_000).toISOString();
const month = `from=${day(0)}&to=${new Date(lastMs).toISOString()}`;
const questions: Readonly<Record<string, string>> = {
	summary: 'stats?type=summary',
	'by host': 'stats?type=group&group_by=host&limit=100',
	'by rule': 'stats?type=group&group_by=rule',
	'by chains': 'stats?type=group&group_by=chains',
	'by process': 'stats?type=group&group_by=process',
	'by geoip': 'stats?type=group&group_by=geoip',
	'by destination, one agent': 'stats?type=group&group_by=destination&agent_id=agent3&limit=100',
	'by host, one rule': 'stats?type=group&group_by=host&rule=GeoIP&limit=100',
	'by host, one device': 'stats?type=group&group_by=host&device=192.168.1.12&limit=100',
	'hours of 30 days': `stats?type=timeseries&interval=hour&metric=total&${month}`,
	'hours of 30 days, one device': `stats?type=timeseries&interval=hour&metric=total&device=192.168.1.12&${month}`,
	'days of 30 days by class': `stats?type=timeseries&metric=total&split_by=class&tz=Europe/Berlin&${month}`,
	'by host, of one day': `stats?type=group&group_by=host&limit=100&from=${day(10)}&to=${day(11)}`,
	list: 'connections?limit=100',
	'list, one agent': 'connections?limit=100&agent_id=agent3',
	'list, one device': 'connections?limit=100&device=192.168.1.12',
	'two filters: by host': 'stats?type=group&group_by=host&agent_id=agent3&network=udp&limit=100',
	'contains: summary': 'stats?type=summary&host=site77',
	'contains: hours of 30 days': `stats?type=timeseries&interval=hour&metric=total&host=site77&${month}`,
	'contains: list': 'connections?limit=100&host=site77',
	'list by download': 'connections?limit=100&sort_by=download',
};

function exchange(method: 'GET' | 'POST', path: string, body?: string): Promise<{ status: number; ms: number }> {
	const started = performance.now();
	return new Promise((resolve, reject) => {
		const headers = { 'Content-Type': 'application/json' };
		const sent = request({ agent, host: '127.0.0.1', port, method, path: `/api/v1/${path}`, headers }, (answer) => {
			answer.resume();
			answer.on('end', () => resolve({ status: answer.statusCode ?? 0, ms: performance.now() - started }));
		});
		sent.on('error', reject);
		sent.end(body);
	});
}

async function start(): Promise<ChildProcess> {
	const env = { ...process.env, ...masterMalloc, NETMON_CONFIG: 'none', NETMON_ENV_FILE: 'none' };
	const args = ['dist/netmon-master.js', '--database', database, '--listen-port', String(port)];
	const child = spawn(
		process.execPath,
		[
			...masterFlags,
			...(process.env.NETMON_BENCH_NODE_FLAGS ?? '').split(' ').filter(Boolean),
			'--',
			...args,
			'--log-level',
			'warn',
			'--retention-days',
			'36500',
			'--retention-usage-days',
			'36500',
		],
		{
			env,
			stdio: ['ignore', 'ignore', 'inherit'],
		},
	);
	for (;;) {
		const answer = await exchange('GET', 'health').catch(() => null);
		if (answer) return child;
		await wait(50);
	}
}

const make = recordMaker(traffic, connections);

/** Clients send one body after the other; answers how long each took, in order. */
async function send(from: number, count: number, clients: number): Promise<{ times: number[]; refused: number }> {
	let next = from;
	const times: number[] = [];
	let refused = 0;
	const client = async () => {
		while (next < from + count) {
			const at = next;
			next += batch;
			const { status, ms } = await exchange('POST', 'sync', bodyOf(make, at, Math.min(batch, from + count - at)));
			if (status === 200) times.push(ms);
			else refused += 1;
		}
	};
	await Promise.all(Array.from({ length: clients }, client));
	return { times, refused };
}

const share = (times: readonly number[], part: number) =>
	[...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
const ms = (value: number) => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const mb = (bytes: number) => (bytes / 1e6).toFixed(0);

async function main() {
	const child = await start();
	let resident = 0;
	const watch = setInterval(() => {
		resident = Math.max(resident, usageOf(child).residentBytes);
	}, 100);
	const before = usageOf(child).cpuMs;
	const began = performance.now();
	const { times, refused } = await send(sent.from, sent.count, agents);
	await exchange('GET', 'stats?type=summary');
	const seconds = (performance.now() - began) / 1000;
	const cpuSeconds = (usageOf(child).cpuMs - before) / 1000;
	const bytes = statSync(database).size;
	const alone = await send(connections + 130_000, 50_000, 1);
	const waited = alone.times.reduce((sum, one) => sum + one, 0) / 1000;
	const rows: string[] = [];
	for (const [name, path] of Object.entries(questions)) {
		const took: number[] = [];
		for (let at = 0; at < repeats; at += 1) {
			const answer = await exchange('GET', path);
			if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
			took.push(answer.ms);
		}
		rows.push(`| ${name} | ${ms(took[0]!)} | ${ms(share(took, 0.5))} | ${ms(Math.max(...took))} |`);
		process.stderr.write(`${rows.at(-1)}\n`);
	}
	let asking = true;
	const asker = (async () => {
		const paths = Object.values(questions);
		for (let at = 0; asking; at += 1) await exchange('GET', paths[at % paths.length]!);
	})();
	const busy = await send(connections + 100_000, 30_000, 2);
	asking = false;
	await asker;
	clearInterval(watch);
	await stop(child);
	rmSync(folder, { recursive: true, force: true });
	const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${mb(totalmem())} MB, Linux, Node ${process.versions.node}`;
	const text = `<!-- master ${connections} ${traffic} -->
## The master, ${connections.toLocaleString('en')} connections (${traffic})

${machine}; the clients run on the same machine. Flags: \`${masterFlags.join(' ')}\`, and the settings of malloc
that the file and the image give. Old agents' bodies of ${batch} whole records from ${agents} clients at once, 30 days.

| | |
|---|---|
| taken | ${(sent.count / seconds).toFixed(0)} records a second (until the sums are ready)${given === null ? '' : ', 100,000 of them'}, ${refused} refused |
| CPU | ${(cpuSeconds / (sent.count / 1e6)).toFixed(0)} s per million |
| an acknowledgement | p50 ${ms(share(times, 0.5))} ms, p99 ${ms(share(times, 0.99))} ms, with ${agents} clients |
| one client, without what it takes to make its bodies | ${(50_000 / waited).toFixed(0)} records a second, ${alone.refused} refused; p50 ${ms(share(alone.times, 0.5))} ms, p99 ${ms(share(alone.times, 0.99))} ms |
| while questions are asked without a pause | p50 ${ms(share(busy.times, 0.5))} ms, p99 ${ms(share(busy.times, 0.99))} ms, with 2 clients; ${busy.refused} refused |
| resident memory, highest | ${mb(resident)} MB |
| disk | ${mb(bytes / ((sent.from + sent.count) / 1e6))} MB per million |

| question | first, ms | median of ${repeats} | longest |
|---|---|---|---|
${rows.join('\n')}
<!-- master end -->
`;
	process.stdout.write(text);
	const path = 'docs/performance.md';
	const old = readFileSync(path, 'utf8');
	const mark = old.indexOf(`<!-- master ${connections} ${traffic} -->`);
	const end = '<!-- master end -->\n';
	const rest = mark < 0 ? '' : old.slice(old.indexOf(end, mark) + end.length);
	writeFileSync(path, mark < 0 ? `${old.trimEnd()}\n\n${text}` : `${old.slice(0, mark)}${text}${rest}`);
}

main().catch((error) => {
	process.stderr.write(`${error.stack}\n`);
	process.exitCode = 1;
});
