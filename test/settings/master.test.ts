import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type MasterInvocation, readMasterSettings } from '../../src/masterconfig.ts';
import { masterTable } from '../../src/settings/master.ts';

function read(
	argv: readonly string[],
	env: Record<string, string> = {},
	files: Record<string, string> = {},
): MasterInvocation {
	const readFile = (path: string) => {
		const text = files[path];
		if (text === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' });
		return Buffer.from(text);
	};
	return readMasterSettings({ argv, env, cwd: '/srv', readFile });
}

test('it is safe by default', () => {
	const call = read([]);
	assert.ok(call.command === 'master');
	const { listenHost, listenPort, apiToken, allowHosts, database, basePath } = call.settings;
	assert.deepEqual(
		{ listenHost, listenPort, apiToken, database, basePath },
		{ listenHost: '127.0.0.1', listenPort: 9091, apiToken: null, database: '/srv/master.db', basePath: '' },
	);
	assert.deepEqual(allowHosts, ['localhost', '127.0.0.1', '::1']);
	for (const host of ['0.0.0.0', '::', '192.168.1.1']) {
		assert.equal(read(['--listen-host', host]).command, 'error', host);
		assert.equal(read(['master', '--listen-host', host, '--no-token']).command, 'master', host);
		const open = read(['--listen-host', host], { NETMON_API_TOKEN: 'a-token-of-24-characters' });
		assert.ok(open.command === 'master' && open.settings.allowHosts === null);
	}
});

test('it takes flag, environment, .env and UCI, in this order', () => {
	const files = {
		'/srv/.env': 'NETMON_LISTEN_PORT=2\nNETMON_RETENTION_DAYS=3\n',
		'/etc/config/netmon-master': "config master 'main'\n\toption retention_days '4'\n\toption base_path '/x/'\n",
	};
	const call = read(['--listen-port', '1'], { NETMON_LISTEN_PORT: '5' }, files);
	assert.ok(call.command === 'master');
	const { listenPort, retentionMs, basePath } = call.settings;
	assert.deepEqual([listenPort, retentionMs, basePath], [1, 3 * 86_400_000, '/x']);
});

test('it reads orders', () => {
	const cases: [string[], object][] = [
		[['token', 'create', 'attic'], { ask: 'token-create', agent: 'attic' }],
		[['token', 'revoke', '3'], { ask: 'token-revoke', id: 3 }],
		[['query', 'SELECT 1'], { ask: 'query', sql: 'SELECT 1' }],
		[['backup', 'x.db'], { ask: 'backup', file: '/srv/x.db' }],
		[
			['forget', '--device', '192.168.1.2'],
			{ ask: 'forget', agent: null, device: '192.168.1.2', host: null, before: null },
		],
		[
			['forget', '--before', '2026-01-01'],
			{ ask: 'forget', agent: null, device: null, host: null, before: Date.UTC(2026, 0, 1) },
		],
	];
	for (const [argv, order] of cases) {
		const call = read(argv);
		assert.ok(call.command === 'order', argv.join(' '));
		assert.deepEqual(call.order, order);
	}
});

test('it says what is wrong without saying a secret', () => {
	for (const argv of [
		['sing'],
		['--database', 'clickhouse://user:hunter2@host/name'],
		['--api-token', 'hunter2\n'],
		['--listen-host', 'localhost'],
		['--retention-days', '0'],
		['--timezone', 'Mars/Base'],
		['--base-path', 'x'],
		['token', 'create'],
		['query'],
		['forget'],
		['forget', '--before', 'yesterday'],
		['--agent', 'x'],
		['--clash-url', 'x'],
	]) {
		const call = read(argv);
		assert.ok(call.command === 'error', argv.join(' '));
		assert.match(call.text, /.{20,}/);
		assert.doesNotMatch(call.text, /hunter2/);
	}
});

test('it names each flag in docs/master.md and in the help', () => {
	const page = readFileSync('docs/master.md', 'utf8');
	const help = read(['--help']);
	assert.ok(help.command === 'help');
	for (const { flag } of Object.values(masterTable)) {
		assert.ok(page.includes(`--${flag}`), flag);
		assert.ok(help.text.includes(`--${flag}`), flag);
	}
	assert.ok(help.text.split('\n').every((line) => line.length <= 110));
});
