import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as kind from '../../src/settings/kind.ts';
import { mostVerbose } from '../../src/settings/logdirective.ts';

const port = kind.integer({ min: 0, max: 65535 });

test('it takes whole numbers in decimal digits only', () => {
	assert.deepEqual(['0', '65535', '017890'].map(port.parse), [0, 65535, 17890]);
	for (const text of [
		'-1',
		'+1',
		'65536',
		'0x10',
		'1e3',
		'1.0',
		'1 ',
		' 1',
		'',
		'Infinity',
		'NaN',
		'١',
		'9'.repeat(400),
	]) {
		assert.equal(port.parse(text), undefined, text);
	}
});

test('it turns a unit into the one that the program counts in', () => {
	assert.equal(kind.integer({ min: 1, max: 60, times: 1000 }).parse('60'), 60_000);
	assert.equal(kind.decimal({ min: 0.1, max: 10, times: 1e6 }).parse('0.3'), 300_000);
	for (const text of ['0', '.5', '1.', '1e1', '-1', '10.1']) {
		assert.equal(kind.decimal({ min: 0.1, max: 10 }).parse(text), undefined, text);
	}
});

test('it knows the words for on and off that UCI files have', () => {
	assert.deepEqual(['on', '1', 'yes', 'true', 'enabled'].map(kind.onOff.parse), Array(5).fill(true));
	assert.deepEqual(['off', '0', 'no', 'false', 'disabled'].map(kind.onOff.parse), Array(5).fill(false));
	assert.deepEqual(['ON', '2', 'constructor'].map(kind.onOff.parse), Array(3).fill(undefined));
});

test('it takes a choice as it is written', () => {
	const { parse } = kind.choice('text', 'json');
	assert.deepEqual(['text', 'json', 'JSON', 'toString', '__proto__'].map(parse), [
		'text',
		'json',
		undefined,
		undefined,
		undefined,
	]);
});

test('it takes texts and paths of one line', () => {
	assert.deepEqual(['a b', 'ü', 'a\nb', 'a\0', '\x1b[2J', '\x7f'].map(kind.text.parse), [
		'a b',
		'ü',
		...Array(4).fill(undefined),
	]);
	assert.equal(kind.path.parse('/a\0b'), undefined);
});

test('it takes lists by commas, without empty parts, all right or none', () => {
	const { parse } = kind.list(port);
	assert.deepEqual(parse(' 1, 2 ,,3,'), [1, 2, 3]);
	assert.deepEqual(parse('none'), []);
	for (const text of ['1,x', ',', 'none,1']) assert.equal(parse(text), undefined, text);
});

test('it takes agent ids of 1 to 64 plain characters', () => {
	assert.equal(kind.agentId.parse('My-router_1.home'), 'My-router_1.home');
	for (const text of ['a b', 'ü', 'a/b', 'a'.repeat(65), 'a\n'])
		assert.equal(kind.agentId.parse(text), undefined, text);
});

test('it takes addresses to bind and no names', () => {
	assert.deepEqual(['0.0.0.0', '::', 'fe80::1%eth0'].map(kind.address.parse), ['0.0.0.0', '::', 'fe80::1%eth0']);
	for (const text of ['localhost', '[::]', '1.2.3', '1.2.3.4:5'])
		assert.equal(kind.address.parse(text), undefined, text);
});

test('it takes the names of devices and networks', () => {
	assert.deepEqual(['eth0.2', 'pppoe-wan', '@wan', 'wan:1'].map(kind.device.parse), [
		'eth0.2',
		'pppoe-wan',
		'@wan',
		'wan:1',
	]);
	for (const text of ['a/b', 'a b', 'a\0', 'x'.repeat(65)]) assert.equal(kind.device.parse(text), undefined, text);
});

test('it takes retry profiles by name and by their numbers', () => {
	assert.deepEqual(kind.retry.parse('fast'), { tries: 5, minMs: 100, maxMs: 5_000 });
	assert.deepEqual(kind.retry.parse('default'), { tries: 10, minMs: 500, maxMs: 30_000 });
	assert.deepEqual(kind.retry.parse('slow'), { tries: 15, minMs: 1_000, maxMs: 60_000 });
	assert.equal(kind.retry.parse('infinite')?.tries, 0);
	assert.deepEqual(kind.retry.parse('0:250:2000'), { tries: 0, minMs: 250, maxMs: 2_000 });
	for (const text of ['Fast', 'constructor', '1:2', '1:2:3:4', '1:0:5', '1:6:5', '-1:1:1', '1:1:86400001', '1.5:1:1']) {
		assert.equal(kind.retry.parse(text), undefined, text);
	}
});

test('it takes the most verbose of the old directives, and none for an error', () => {
	const levels: readonly (readonly [directives: string, level: string | undefined])[] = [
		['info', 'info'],
		['INFO', 'info'],
		['trace', 'debug'],
		['off', 'error'],
		['error,warn', 'warn'],
		['info,hyper=warn', 'info'],
		['warn,network_monitor=debug', 'debug'],
		['hyper=trace', 'debug'],
		['network_monitor', 'debug'],
		['hyper', undefined],
		['info/regex,x', 'info'],
		['a[span{field=1}]=info', 'info'],
		['', undefined],
		[',,=,==,/', undefined],
		['constructor', undefined],
		[','.repeat(500_000), undefined],
	];
	for (const [directives, level] of levels) assert.equal(mostVerbose(directives), level, directives.slice(0, 40));
});
