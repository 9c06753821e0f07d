// `make demo-year`: makes a year of a home (the same for the same end and seed), and a master that serves it. Flags:
// --end DAY, --seed N, --connections N (at most 1,000,000), --database FILE (kept; served as it is when it is there),
// --listen-port N, --make-only.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeYear } from './year.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);
const stepMs = 300_000;
const most = 1_000_000;

function read() {
	const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
	const { values } = parseArgs({
		options: {
			end: text(new Date(Math.floor(Date.now() / stepMs) * stepMs).toISOString()),
			seed: text('1'),
			connections: text('120000'),
			'listen-port': text('0'),
			database: { type: 'string' },
			'make-only': { type: 'boolean', default: false },
		},
	});
	const [end, seed, connections] = [Date.parse(values.end), Number(values.seed), Number(values.connections)];
	if (!Number.isFinite(end)) throw new Error('--end takes a day (2026-01-31) or a time (2026-01-31T12:00:00Z)');
	if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed takes a whole number');
	if (!(Number.isSafeInteger(connections) && connections >= 1000 && connections <= most))
		throw new Error(`--connections takes a whole number from 1000 to ${most}`);
	return {
		end,
		seed,
		connections,
		database: values.database,
		port: values['listen-port'],
		makeOnly: values['make-only'],
	};
}

async function main() {
	const { database, port, makeOnly, ...options } = read();
	const folder = database === undefined ? mkdtempSync(join(tmpdir(), 'netmon-year-')) : null;
	const path = folder ? join(folder, 'year.db') : resolve(database!);
	const clean = () => folder && rmSync(folder, { recursive: true, force: true });
	process.on('SIGINT', () => {});
	try {
		if (!existsSync(path)) {
			const began = performance.now();
			const made = await makeYear({ path, ...options });
			say(`A year with ${made} connections, made in ${((performance.now() - began) / 1000).toFixed(1)} s`);
		}
		if (makeOnly) return;
		const env = { ...process.env, NETMON_CONFIG: 'none', NETMON_ENV_FILE: 'none' };
		const kept = ['--retention-days', '800', '--retention-usage-days', '800'];
		const args = [
			'dist/netmon-master.js',
			'--database',
			path,
			'--listen-port',
			port,
			'--timezone',
			'Europe/Berlin',
			...kept,
		];
		const master = spawn(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'pipe'] });
		process.on('SIGTERM', () => master.kill());
		master.stderr.on('data', (data: Buffer) => {
			process.stderr.write(data);
			const url = /http:\/\/[\d.]+:\d+/.exec(String(data))?.[0];
			if (url) say(`\nThe dashboard: ${url}/\nIts months:    ${url}/#months\n`);
		});
		process.exitCode = await new Promise<number>((ended) => master.on('exit', (code) => ended(code ?? 1)));
	} finally {
		clean();
	}
}

main().catch((error: Error) => {
	process.stderr.write(`${error.message}\n`);
	process.exitCode = 1;
});
