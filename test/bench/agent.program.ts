// `make bench`: what the agent costs beside a simulated core at 1 Hz, held against a receiver that only takes the
// frames; its memory under the router's flags; time to the first datagram and jitter of the 1 Hz ones. Prints
// Markdown and writes it to docs/performance.md. Figures of one machine: compare ratios. With numbers of connections as
// arguments (`make bench BENCH_FLAGS="100 1000"`) it measures these alone and only prints.
import type { ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { muslMalloc, routerFlags, startNode, startQuietNode, stop, type Usage, usageOf, wait } from './process.ts';

interface Load {
	readonly connections: number;
	readonly growing: number;
	readonly churn: number;
}

interface Cost {
	/** ms of CPU per second, which is per tick. */
	readonly cpuMs: number;
	/** The highest of all seconds. */
	readonly anonBytes: number;
	readonly residentBytes: number;
}

const all: readonly Load[] = [
	...[100, 1000, 5000, 10_000].flatMap((connections) =>
		[1, 0.1].map((growing) => ({ connections, growing, churn: 0 })),
	),
	{ connections: 1000, growing: 1, churn: 50 },
	{ connections: 10_000, growing: 1, churn: 50 },
];
const asked = process.argv.slice(2).map(Number);
const loads = all.filter(({ connections }) => asked.length === 0 || asked.includes(connections));
const seconds = Number(process.env.NETMON_BENCH_SECONDS ?? 20);
/** At one tick a second V8 is long in compiling what is used: most of it is done after a minute, some never. */
const warmUpMs = Number(process.env.NETMON_BENCH_WARM_UP ?? 60) * 1000;
const firstPort = 19_190;
/** Datagrams of the first seconds come beside the compiler's work. */
const settleMs = 8000;
/** On a router the state folder is in memory. */
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'netmon-bench-'));

/** Where one agent and its core are, beside others. */
interface Place {
	readonly corePort: number;
	readonly udpPort: number;
	readonly state: string;
}

function placeOf(index: number): Place {
	const corePort = firstPort + 2 * index;
	return { corePort, udpPort: corePort + 1, state: join(folder, String(index)) };
}

function startCore({ connections, growing, churn }: Load, { corePort }: Place): Promise<[ChildProcess, string]> {
	const options = { seed: 1, connections, growing, churn, port: corePort };
	return startNode(
		'build/test/fakes/core.program.js',
		Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
	);
}

function startAgent({ corePort, udpPort, state }: Place): Promise<ChildProcess> {
	const core = ['--clash-url', `http://127.0.0.1:${corePort}`];
	const quiet = [
		'--config',
		'none',
		'--env-file',
		'none',
		'--view',
		'off',
		'--log-connections',
		'off',
		'--log-level',
		'warn',
	];
	const args = ['agent', ...quiet, ...core, '--listen-port', String(udpPort), '--state-dir', state];
	return startQuietNode('dist/netmon.js', args, { flags: routerFlags, sign: join(state, 'status.json') });
}

/** Several programs over the same seconds. */
async function measure(children: readonly ChildProcess[]): Promise<Cost[]> {
	await wait(warmUpMs);
	const before = children.map(usageOf);
	const samples: Usage[][] = [];
	for (let second = 0; second < seconds; second += 1) {
		await wait(1000);
		samples.push(children.map(usageOf));
	}
	return children.map((_, index) => {
		const own = samples.map((sample) => sample[index]!);
		return {
			cpuMs: (own.at(-1)!.cpuMs - before[index]!.cpuMs) / seconds,
			anonBytes: Math.max(...own.map(({ anonBytes }) => anonBytes)),
			residentBytes: Math.max(...own.map(({ residentBytes }) => residentBytes)),
		};
	});
}

async function costOf(load: Load, place: Place): Promise<{ agent: Cost; receiver: Cost }> {
	const [core] = await startCore(load, place);
	try {
		const agent = await startAgent(place);
		const [receiver] = await startNode('build/test/bench/receiver.program.js', [String(place.corePort)], routerFlags);
		const [agentCost, receiverCost] = await measure([agent, receiver]);
		await stop(agent);
		await stop(receiver);
		return { agent: agentCost!, receiver: receiverCost! };
	} finally {
		await stop(core);
	}
}

/** ms from the agent's start to its first datagram, and of each further one how far from a whole second it came. */
async function jitter(): Promise<{ firstMs: number; p50: number; p99: number; frames: number }> {
	const place = placeOf(0);
	const [core] = await startCore({ connections: 5000, growing: 1, churn: 50 }, place);
	const socket = createSocket('udp4');
	const times: number[] = [];
	socket.on('message', () => times.push(performance.now()));
	await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
	const register = setInterval(() => socket.send(Buffer.from([1, 0]), place.udpPort, '127.0.0.1'), 100);
	const began = performance.now();
	const agent = await startAgent(place);
	await wait(settleMs + 3 * seconds * 1000);
	clearInterval(register);
	await stop(agent);
	await stop(core);
	socket.close();
	const settled = times.filter((time) => time > began + settleMs);
	const off = settled
		.slice(1)
		.map((time, index) => Math.abs(time - settled[index]! - 1000))
		.sort((a, b) => a - b);
	const at = (share: number) => off[Math.min(off.length - 1, Math.floor(off.length * share))] ?? Number.NaN;
	return { firstMs: (times[0] ?? Number.NaN) - began, p50: at(0.5), p99: at(0.99), frames: settled.length };
}

const mb = (bytes: number) => (bytes / 1e6).toFixed(0);

function rowOf({ connections, growing, churn }: Load, { agent, receiver }: { agent: Cost; receiver: Cost }): string {
	const cells = [
		connections,
		growing === 1 ? 'all' : 'a tenth',
		churn,
		agent.cpuMs.toFixed(1),
		receiver.cpuMs.toFixed(1),
		(agent.cpuMs - receiver.cpuMs).toFixed(1),
		mb(agent.anonBytes),
		mb(agent.residentBytes),
	];
	return `| ${cells.join(' | ')} |`;
}

async function main() {
	const sizes = [...new Set(loads.map(({ connections }) => connections))];
	const rows = new Map<Load, string>();
	// The sizes side by side: a minute of warming up for each load would be a quarter of an hour.
	await Promise.all(
		sizes.map(async (size, index) => {
			for (const load of loads.filter(({ connections }) => connections === size)) {
				rows.set(load, rowOf(load, await costOf(load, placeOf(index))));
				process.stderr.write(`${rows.get(load)}\n`);
			}
		}),
	);
	if (asked.length > 0) return;
	const udp = await jitter();
	const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${mb(totalmem())} MB, Linux, Node ${process.versions.node}`;
	const text = `<!-- made by make bench -->
## The agent

${machine}; ${seconds} s each after ${warmUpMs / 1000} s of warming up; each with a simulated core at 1 Hz on the same machine, the four sizes side by side. CPU is user + system per tick (a second), memory the highest of
all seconds. "Receiver" is a program that takes the same frames over the same seconds with the npm package ws and does nothing with them. Flags: \`${routerFlags.join(' ')}\`; malloc as
musl's on OpenWrt (\`${Object.entries(muslMalloc)
		.map((pair) => pair.join('='))
		.join(' ')}\`: a freed frame goes back to the kernel).

| connections | growing | new a second | agent, CPU ms | receiver, CPU ms | beyond it | own memory, MB | resident, MB |
|---|---|---|---|---|---|---|---|
${loads.map((load) => rows.get(load)).join('\n')}

First datagram ${udp.firstMs.toFixed(0)} ms after start; with 5,000 connections the 1 Hz datagrams came p50 ${udp.p50.toFixed(1)} ms, p99 ${udp.p99.toFixed(1)} ms off (${udp.frames} of them).
\`dist/netmon.js\`: ${readFileSync('dist/netmon.js').length} bytes.
`;
	process.stdout.write(text);
	replaceInDocs(text);
	rmSync(folder, { recursive: true, force: true });
}

/** The part of docs/performance.md between this program's mark and the next. */
function replaceInDocs(text: string) {
	const path = 'docs/performance.md';
	const old = readFileSync(path, 'utf8');
	const begin = old.indexOf('<!-- made by make bench -->');
	const end = old.indexOf('<!-- end -->');
	writeFileSync(path, `${old.slice(0, begin)}${text}${old.slice(end)}`);
}

main().catch((error) => {
	process.stderr.write(`${error.stack}\n`);
	process.exitCode = 1;
});
