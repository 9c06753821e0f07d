import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDotEnv } from '../../src/system/dotenv.ts';

function values(text: string, environment: Record<string, string> = {}): object {
	const file = parseDotEnv(Buffer.from(text), environment);
	assert.ok('values' in file, 'error' in file ? file.error : '');
	return Object.fromEntries(file.values);
}

function error(text: string): string {
	const file = parseDotEnv(Buffer.from(text), {});
	assert.ok('error' in file, 'it was taken');
	return file.error;
}

// Each pair is what dotenvy 0.15.7, which the old program uses, makes of the line.
const forms: readonly [line: string, value: string][] = [
	['KEY=1', '1'],
	['KEY="2"', '2'],
	["KEY='3'", '3'],
	["KEY='fo ur'", 'fo ur'],
	['KEY=s\\ ix', 's ix'],
	['KEY=', ''],
	['KEY=     ', ''],
	['KEY=   # foo', ''],
	['KEY=#foo', ''],
	['KEY  ="space before"', 'space before'],
	['KEY=    "space behind"', 'space behind'],
	['export KEY=1', '1'],
	['  export   KEY = 1  ', '1'],
	['KEY=value # comment', 'value'],
	['KEY=value#none', 'value#none'],
	['KEY="lol" # well', 'lol'],
	['KEY="#none"', '#none'],
	['KEY=\\$sweet', '$sweet'],
	['KEY="awesome \\"stuff\\""', 'awesome "stuff"'],
	["KEY='sweet $\\fgs'\\''fds'", "sweet $\\fgs'fds"],
	['KEY="\'\\"yay\\\\"\\ "stuff"', '\'"yay\\ stuff'],
	['KEY="line 1\\nline 2"', 'line 1\nline 2'],
	['KEY="line 1\nline 2"', 'line 1\nline 2'],
	["KEY='line 1\nline 2' # end", 'line 1\nline 2'],
	['KEY=a=b==', 'a=b=='],
	['KEY=ws://127.0.0.1:9090/connections?token=a&b=c', 'ws://127.0.0.1:9090/connections?token=a&b=c'],
	['KEY=one"two"\'three\'', 'onetwothree'],
	['KEY=abc\\', 'abc'],
	['KEY=$HOME', '/root'],
	['KEY=">\x24{HOME}<"', '>/root<'],
	["KEY='$HOME'", '$HOME'],
	['KEY=$HOME_1', '/root_1'],
	['KEY=$HOME$HOME', '/root/root'],
	['KEY=>$none<>\x24{NONE}<', '><><'],
	['KEY="$HOME"', '/root'],
	['KEY=a$', 'a'],
	['KEY=value\r', 'value'],
];

for (const [line, value] of forms) {
	test(`it reads ${JSON.stringify(line)} as dotenvy does`, () =>
		assert.deepEqual(values(`${line}\nNEXT=1\n`, { HOME: '/root' }), { KEY: value, NEXT: '1' }));
}

test('it reads a file without a final newline, with CRLF, with a BOM, with comments and empty lines', () => {
	assert.deepEqual(values('\ufeffA=1\r\n\r\n  # no\r\nB="2"\r\nC.d=3'), { A: '1', B: '2', 'C.d': '3' });
});

test('it lets the first of two values count and the environment win in a substitution', () => {
	assert.deepEqual(values('A=1\nA=2\nB=$A\nHOME=/x\nC=$HOME\n', { HOME: '/root' }), {
		A: '1',
		B: '2',
		HOME: '/x',
		C: '/root',
	});
});

test('it takes export as a name when = follows it', () =>
	assert.deepEqual(values('export=1\nexport = 2\n'), { export: '1' }));

test('it keeps names of the language as names', () => {
	const file = parseDotEnv(Buffer.from('__proto__=1\nconstructor=2\nA=$toString\n'), {});
	assert.ok('values' in file);
	assert.deepEqual(
		[...file.values],
		[
			['__proto__', '1'],
			['constructor', '2'],
			['A', ''],
		],
	);
});

const refused: readonly [text: string, error: string][] = [
	['A=1\n  invalid    \n', 'line 2 is not of the form NAME=VALUE'],
	['=value', 'line 1 is not of the form NAME=VALUE'],
	['1A=2', 'line 1 is not of the form NAME=VALUE'],
	['.A=2', 'line 1 is not of the form NAME=VALUE'],
	['very bacon = yes', 'line 1 is not of the form NAME=VALUE'],
	['A=my uncool value', 'line 1 has a value with a blank in it: put it between quotes'],
	['A=1\nB="why\nC=3\n', 'line 2 opens a quote (") that nothing closes'],
	["A='please stop''", "line 1 opens a quote (') that nothing closes"],
	['A=h\\8u', 'line 1 has a backslash before a character that needs none'],
	['A="h\\8u"', 'line 1 has a backslash before a character that needs none'],
	['A="h\\', 'line 1 has a backslash before a character that needs none'],
	['A=1\n\nB=>\x24{KEY{<\n', 'line 3 opens \x24{ that nothing closes'],
	['A=1\nB=\0\n', 'line 2 holds a NUL byte'],
];

for (const [text, sentence] of refused) {
	test(`it refuses ${JSON.stringify(text)} without quoting it`, () => assert.equal(error(text), sentence));
}

test('it refuses what is no UTF-8', () => {
	assert.deepEqual(parseDotEnv(Buffer.from('413dff0a', 'hex'), {}), { error: 'it is not UTF-8' });
});

test('it reads 1 MB in one value, and in a hundred thousand', () => {
	assert.deepEqual(values(`A="${'x'.repeat(1_000_000)}"`), { A: 'x'.repeat(1_000_000) });
	assert.equal(
		Object.keys(
			values(
				Array.from({ length: 100_000 }, (_, i) => `A${i}=$A${i - 1}x`)
					.join('\n')
					.replace(/\$A\d+/g, ''),
			),
		).length,
		100_000,
	);
});

test('it refuses values that grow without end', () => {
	assert.equal(error(`A=xxxxxxxx\n${'B=$A$A\nA=$B$B\n'.repeat(40)}`), 'line 22 makes a value of more than 4 MiB');
	assert.equal(
		error(`A=${'x'.repeat(100_000)}\nB="${'$A'.repeat(100_000)}"`),
		'line 2 makes a value of more than 4 MiB',
	);
});
