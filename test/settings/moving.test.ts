import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { envFile, run } from './calls.ts';
import { blocks, page } from './movingpage.ts';

const day = 86_400_000;

interface Spoken {
	readonly argv: readonly string[];
	readonly env: Record<string, string>;
}

/** What a program of the name `netmon` is given when a shell runs `script`. */
function speak(script: string): Spoken {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-'));
	try {
		const print = 'process.stdout.write(JSON.stringify({ argv: process.argv.slice(2), env: process.env }));';
		writeFileSync(join(folder, 'netmon'), `#!${process.execPath}\n${print}\n`, { mode: 0o755 });
		const env = { PATH: `${folder}:${process.env.PATH}` };
		const said: Spoken = JSON.parse(execFileSync('sh', ['-c', script], { env, encoding: 'utf8' }));
		return { argv: said.argv, env: Object.fromEntries(Object.entries(said.env).filter(([name]) => name !== 'PATH')) };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

const clash = { kind: 'tcp', host: '192.168.1.1', port: 9090, basePath: '', token: null };
const luci = { kind: 'tcp', host: '192.168.1.1', port: 80, basePath: '/cgi-bin/luci' };
const monitor = {
	clash,
	luciUrl: luci,
	luciUsername: 'root',
	luciPassword: 'secret',
	listenPort: 17890,
	logLevel: 'info',
};
const own = { ...clash, host: '127.0.0.1' };

/** What the old program understood, in the order of the page. */
const meanings: readonly object[] = [
	monitor,
	{ ...monitor, clash: { ...clash, token: 'my secret' }, luciUrl: { ...luci, basePath: '' } },
	monitor,
	{ ...monitor, luciPassword: 'pa$$word' },
	{
		clash: { ...own, token: 'secret' },
		masterUrl: { kind: 'tcp', host: '192.0.2.1', port: 9091, basePath: '' },
		masterToken: 'secret2',
		localDatabase: '/home/u/agent.db',
		agentId: 'my-router',
		syncIntervalMs: 60_000,
		dataRetentionMs: 7 * day,
	},
	{ clash: own, masterUrl: null, syncIntervalMs: 60_000, dataRetentionMs: 7 * day },
	{ clash: { ...own, port: 9097 }, syncIntervalMs: 30_000 },
];

/** `whole` without the keys that `part` does not speak of, at every depth. */
function likeness(whole: unknown, part: unknown): unknown {
	if (typeof part !== 'object' || part === null || typeof whole !== 'object' || whole === null) return whole;
	return Object.fromEntries(
		Object.entries(part).map(([key, value]) => [key, likeness((whole as Record<string, unknown>)[key], value)]),
	);
}

test('it has a meaning for every command of the page', () => assert.equal(blocks('sh').length, meanings.length));

for (const [index, script] of blocks('sh').entries()) {
	test(`it understands as the old program did: ${script.replace(/\s+/g, ' ')}`, () => {
		const spoken = speak(script);
		// Only the bare command relies on the file.
		const files = script === 'netmon\n' ? { [envFile]: blocks('dotenv')[0]! } : {};
		const made = run({ ...spoken, files });
		assert.equal(made.command, 'agent');
		assert.deepEqual(likeness(made.settings, meanings[index]), meanings[index]);
	});
}

test('it speaks of every flag and variable of the two programs', () => {
	const flags = ['clash-url', 'listen-port', 'luci-url', 'luci-username', 'luci-password'];
	const more = [
		'mihomo-host',
		'mihomo-port',
		'mihomo-token',
		'master-url',
		'master-token',
		'local-database',
		'agent-id',
		'sync-interval',
		'data-retention-days',
	];
	for (const flag of [...flags, ...more]) assert.match(page, new RegExp(`^\\| \`(-\\w, )?--${flag}\` +\\|`, 'm'), flag);
	for (const name of ['CLASH_URL', 'LISTEN_PORT', 'LUCI_URL', 'LUCI_USERNAME', 'LUCI_PASSWORD', 'RUST_LOG']) {
		assert.match(page, new RegExp(`\\| \`${name}\` +\\|`), name);
	}
});
