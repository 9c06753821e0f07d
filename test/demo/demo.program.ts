// `make demo`: a simulated home, the real agent that watches it, and a master that keeps what it counts. The core is test/fakes/core.ts; the WAN counters
// come from a simulated router's LuCI: what the core moves, its headers, and a game console that bypasses the core.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { every, systemClock } from '../../src/system/clock.ts';
import { FakeCore } from '../fakes/core.ts';
import { FakeLuci } from '../fakes/luci.ts';
import { Simulation } from '../fakes/simulation.ts';

const stepMs = 250;
/** Of a full packet of 1,000 bytes 66 are headers. */
const headers = 1.0707;
/** An acknowledgement for each two packets. */
const acknowledged = 0.033;
/** Bytes a second past the core. */
const bypass = { up: 60_000, down: 700_000 };

/** Resolves with where it answers. */
function startMaster(folder: string): Promise<[ChildProcess, string]> {
	const args = ['--', 'dist/netmon-master.js', '--config', 'none', '--env-file', 'none', '--listen-port', '0'];
	const master = spawn(process.execPath, [...args, '--database', join(folder, 'master.db')], {
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	let said = '';
	return new Promise((resolve, reject) => {
		master.stderr!.on('data', (text: Buffer) => {
			said += text;
			const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
			if (url) resolve([master, url]);
		});
		master.once('exit', () => reject(new Error(`the master ended: ${said}`)));
	});
}

/** What flowed in each hour of this day, by class. */
function todayByClass(): string {
	const day = (at: number) => new Date(at).toISOString().slice(0, 10);
	const now = Date.now();
	return `type=timeseries&interval=hour&metric=total&from=${day(now)}&to=${day(now + 86_400_000)}&split_by=class`;
}

async function main() {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-demo-'));
	const simulation = new Simulation({ seed: 1, connections: 300, startWall: Date.now() });
	const core = new FakeCore({ simulation, stepMs });
	const router = new FakeLuci('24.10');
	await Promise.all([core.start(), router.start()]);
	writeFileSync(join(folder, 'password'), router.password, { mode: 0o600 });

	const [master, url] = await startMaster(folder);
	process.stdout.write(`The dashboard: ${url}/\nA day of figures: curl -s '${url}/api/v1/stats?${todayByClass()}'\n\n`);

	let before = simulation.total;
	let phase = 0;
	const stopWan = every(systemClock, stepMs, () => {
		const { total } = simulation;
		const up = total.up - before.up;
		const down = total.down - before.down;
		before = total;
		phase += stepMs / 9000;
		const console_ = (0.6 + 0.4 * Math.sin(phase)) * (stepMs / 1000);
		const rx = down * headers + up * acknowledged + bypass.down * console_;
		const tx = up * headers + down * acknowledged + bypass.up * console_;
		router.grow('eth1', BigInt(Math.round(rx)), BigInt(Math.round(tx)));
	});

	const flags = [
		'--config',
		'none',
		'--env-file',
		'none',
		'--state-dir',
		folder,
		'--view',
		'on',
		'--log-connections',
		'off',
	];
	const peers = [
		'--clash-url',
		`http://127.0.0.1:${core.port}`,
		'--luci-url',
		router.url,
		'--luci-password-file',
		join(folder, 'password'),
		'--master-url',
		url,
		'--sync-interval',
		'5',
	];
	const agent = spawn(
		process.execPath,
		['--', 'dist/netmon.js', 'agent', ...flags, ...peers, ...process.argv.slice(2)],
		{ stdio: 'inherit' },
	);
	// ^C reaches the agent by the terminal; a plain kill of this program is handed on.
	process.on('SIGINT', () => {});
	process.on('SIGTERM', () => agent.kill());
	process.exitCode = await new Promise<number>((resolve) => agent.on('exit', (code) => resolve(code ?? 1)));
	stopWan();
	const ended = new Promise((resolve) => master.once('exit', resolve));
	master.kill();
	await Promise.all([core.stop(), router.stop(), ended]);
	rmSync(folder, { recursive: true, force: true });
}

main().catch((error) => {
	process.stderr.write(`${error.stack}\n`);
	process.exitCode = 1;
});
