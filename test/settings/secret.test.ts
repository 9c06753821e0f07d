import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSettings } from '../../src/config.ts';
import { readSmallFile } from '../../src/system/smallfile.ts';
import { errorOf, run, settingsOf, uci, uciFile } from './calls.ts';

test('it takes a secret from the first line of a file', () => {
	const files = { '/run/pw': 's3cret\n', '/home/u/token': ' to ken \r\nmore\n', '/t': 'last' };
	const made = settingsOf({
		argv: ['--luci-password-file', '/run/pw', '--mihomo-token-file=token'],
		env: { NETMON_MASTER_TOKEN_FILE: '/t' },
		files,
	});
	assert.deepEqual([made.luciPassword, made.clash.token, made.masterToken], ['s3cret', ' to ken ', 'last']);
});

test('it says what is wrong with the file of a secret, and nothing of what is in it', () => {
	const error = (text: string | null) =>
		errorOf({ argv: ['--luci-password-file=/p'], files: text === null ? {} : { '/p': text } });
	assert.equal(error(null), '--luci-password-file: /p cannot be read: ENOENT');
	assert.equal(error('\nx'), '--luci-password-file: the first line of /p is empty');
	assert.equal(
		error('a\0hunter2'),
		'--luci-password-file: the first line of /p is not a text of one line without control characters',
	);
});

test('it lets the earlier layer decide between a secret and its file, and wants one of them in a layer', () => {
	const files = { '/p': 'file', [uciFile]: uci('luci_password direct', 'master_token_file /p') };
	assert.equal(settingsOf({ argv: ['--luci-password-file=/p'], files }).luciPassword, 'file');
	const env = { NETMON_MASTER_TOKEN: 'direct' };
	assert.equal(settingsOf({ argv: ['agent'], env, files: { ...files, '/p': '' } }).masterToken, 'direct');
	assert.equal(
		errorOf({ argv: ['agent'], env: { LUCI_PASSWORD: 'a', NETMON_LUCI_PASSWORD_FILE: '/p' }, files }),
		'--luci-password and --luci-password-file are both set: give one of them',
	);
});

test('it warns about each secret on the command line once, and about none elsewhere', () => {
	const argv = ['-P', 'hunter2', '--master-token=hunter2', '-c', 'ws://h?token=hunter2'];
	const warnings = ['clash-url', 'luci-password', 'master-token'].map((flag) => {
		const file = flag === 'clash-url' ? 'mihomo-token' : flag;
		return `/proc shows the secret of --${flag} to every user of this machine; --${file}-file FILE hides it`;
	});
	assert.deepEqual(run({ argv }).warnings, warnings);
	const env = { LUCI_PASSWORD: 'hunter2', NETMON_MASTER_TOKEN: 'hunter2', CLASH_URL: 'ws://h?token=hunter2' };
	assert.deepEqual(run({ argv: ['agent'], env }).warnings, []);
	assert.deepEqual(run({ argv: ['-c', 'ws://h'] }).warnings, []);
});

test('it repeats no secret in an error, wherever the secret stands', () => {
	const calls: readonly Parameters<typeof errorOf>[0][] = [
		{ argv: ['--luci-password=hunter2\n'] },
		{ argv: ['agent'], env: { LUCI_PASSWORD: 'hunter2\x07' } },
		{ argv: ['agent'], files: { [uciFile]: uci("master_token 'hunter2\n'") } },
		{ argv: ['agent'], files: { [uciFile]: "config agent 'main'\n\toption master_token 'hunter2\n" } },
		{ argv: ['-c', 'ws//h?token=hunter2'] },
		{ argv: ['-c', 'ws://h:0?token=hunter2'] },
		{ argv: ['-c', 'http://root:hunter2@h/'] },
		{ argv: ['--mihomo-host', 'root:hunter2@h'] },
		{ argv: ['-l', 'https://root:hunter2@router/'] },
		{ argv: ['--master-url', 'http://h?token=hunter2', '-p', 'x'] },
		{ argv: ['-P', 'my', 'hunter2'] },
		{ argv: ['--luci-passwort=hunter2'] },
		{ argv: ['-yhunter2'] },
		{ argv: ['agent', '-P', 'my', 'hunter2'] },
		{ argv: ['-P', 'hunter2', '-P', 'hunter2'] },
		{ argv: ['-P', 'hunter2', '--luci-password-file', '/none'] },
	];
	for (const given of calls) assert.ok(!errorOf(given).includes('hunter2'), errorOf(given));
});

test('it reads small files and pipes whole, and gives up on what never ends', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-'));
	t.after(() => rmSync(folder, { recursive: true }));
	const path = join(folder, 'large');
	writeFileSync(path, 'x'.repeat(200_000));
	assert.equal(readSmallFile(path).length, 200_000);
	assert.throws(() => readSmallFile('/dev/zero'), { message: 'it is larger than 4 MiB' });
	assert.throws(() => readSmallFile(folder), { code: 'EISDIR' });
	const pipe = join(folder, 'pipe');
	execFileSync('mkfifo', [pipe]);
	execFileSync('sh', ['-c', 'printf s3cret > "$0" & true', pipe], { stdio: 'ignore' });
	const made = readSettings({ argv: ['--luci-password-file', pipe, '--config', 'none'], env: {}, cwd: folder });
	assert.ok('settings' in made);
	assert.equal(made.settings.luciPassword, 's3cret');
});

test('it reads the real disk when no reader is given, and takes a folder named .env for none', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-'));
	t.after(() => rmSync(folder, { recursive: true }));
	writeFileSync(join(folder, '.env'), 'LISTEN_PORT=5\n');
	const call = (cwd: string) => readSettings({ argv: ['agent', '--config', 'none'], env: {}, cwd });
	const made = call(folder);
	assert.equal('settings' in made && made.settings.listenPort, 5);
	execFileSync('mkdir', ['-p', join(folder, 'sub', '.env')]);
	const sub = call(join(folder, 'sub'));
	assert.equal('settings' in sub && sub.settings.listenPort, 17890);
});
