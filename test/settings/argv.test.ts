import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentTable } from '../../src/settings/agent.ts';
import { type CommandLine, readArgv } from '../../src/settings/argv.ts';

const switches = [{ flag: 'help', short: 'h' }, { flag: 'json' }];
const read = (...argv: string[]) => readArgv(argv, agentTable, switches);

function given(...argv: string[]): Record<string, readonly string[]> {
	const line = read(...argv);
	assert.ok('given' in line, JSON.stringify(line));
	return Object.fromEntries(line.given);
}

test('it takes a value behind a blank, behind =, and behind a letter', () => {
	for (const argv of [['--listen-port', '5'], ['--listen-port=5'], ['-p', '5'], ['-p5'], ['-p=5']]) {
		assert.deepEqual(given(...argv), { 'listen-port': ['5'] }, argv.join(' '));
	}
});

test('it takes values as texts, whatever they look like', () => {
	for (const value of ['-x', '--luci-url=y', '1e3', '0x10', 'true', '', ' ', 'a=b', '--', 'no-', '\n']) {
		assert.deepEqual(given(`--luci-password=${value}`), value === '' ? {} : { 'luci-password': [value] }, value);
		assert.deepEqual(given(`-P=${value}`), value === '' ? {} : { 'luci-password': [value] }, value);
	}
});

test('it does not take the next flag for an empty value', () => {
	assert.deepEqual(given('--luci-password=', 'agent', '--interval=', '--listen-port', '5'), { 'listen-port': ['5'] });
});

test('it joins flags that are repeated, also under both names', () => {
	assert.deepEqual(given('--wan-device', 'a', '--wan-device=b'), { 'wan-device': ['a', 'b'] });
	assert.deepEqual(given('-p', '1', '--listen-port=2'), { 'listen-port': ['1', '2'] });
});

test('it keeps words and switches apart from the values', () => {
	const line = read('status', '--json', '-p', '1', 'x', '--', '-y', '--listen-port=2') as CommandLine;
	assert.deepEqual(line.words, ['status', 'x', '-y', '--listen-port=2']);
	assert.deepEqual([...line.switches], ['json']);
	assert.deepEqual([...line.given], [['listen-port', ['1']]]);
	const number = read('--json', '5', '-') as CommandLine;
	assert.deepEqual(number.words, ['5', '-']);
});

test('it refuses flags without a value, and says how one with a dash is written', () => {
	for (const argv of [['-p'], ['--listen-port'], ['-p', '-1'], ['--listen-port', '--json'], ['-p', '--']]) {
		assert.deepEqual(read(...argv), {
			error: '--listen-port has no value; one that begins with a dash is written --listen-port=VALUE',
		});
	}
	assert.deepEqual(read('--json=1'), { error: '--json takes no value' });
	assert.deepEqual(read('-hx'), { error: '--help takes no value' });
});

test('it refuses what it does not know, and tells no value of it', () => {
	for (const flag of [
		'--luci-passwort',
		'--no-json',
		'--__proto__',
		'--constructor',
		'--toString',
		'---listen-port',
		'--LISTEN-PORT',
		'--c',
	]) {
		assert.deepEqual(read(`${flag}=hunter2`), { error: `${flag} is no flag of netmon; netmon --help lists them` });
	}
	assert.deepEqual(read('-xhunter2'), { error: '-x is no flag of netmon; netmon --help lists them' });
});
