import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseUci, type UciFile, type UciSection } from '../../src/system/uci.ts';

const folder = 'test/fixtures/openwrt/uci';

interface Recorded {
	readonly sections: readonly { type: string; name: string; anonymous: boolean; options: object }[] | null;
	readonly uci_show: { readonly rc: number; readonly stderr: string };
}

function sectionsOf(file: UciFile): readonly UciSection[] {
	assert.ok('sections' in file, 'error' in file ? file.error : '');
	return file.sections;
}

function plain({ type, name, anonymous, options }: UciSection) {
	return { type, name, anonymous, options: Object.fromEntries(options) };
}

const names = readdirSync(folder).filter((name) => name.endsWith('.uci'));

test('it has the recorded files to compare with', () => assert.ok(names.length >= 30));

for (const name of names) {
	test(`it reads ${name} as the real parser does`, () => {
		const recorded: Recorded = JSON.parse(readFileSync(`${folder}/${name.replace('.uci', '.json')}`, 'utf8'));
		const file = parseUci(readFileSync(`${folder}/${name}`));
		if (recorded.sections === null) {
			assert.ok('error' in file);
			assert.equal(`/sbin/uci: ${file.error}\n`, recorded.uci_show.stderr);
		} else {
			const expected = recorded.sections.map(({ type, name: own, anonymous, options }) => ({
				type,
				name: own,
				anonymous,
				options,
			}));
			assert.deepEqual(sectionsOf(file).map(plain), expected);
		}
	});
}

test('it keeps the bytes of a value that is no UTF-8', () => {
	const [section] = sectionsOf(parseUci(readFileSync(`${folder}/latin1.uci`)));
	assert.deepEqual(Buffer.from(String(section?.options.get('name')), 'latin1'), Buffer.from('5afc72696368', 'hex'));
});

// What libuci's source (file.c of 2025-12) does with lines that no recording holds.
const odd: readonly [what: string, text: string, expected: object | string][] = [
	['a statement behind an unquoted value and ;', 'c t x\no a 1;o b 2\n', { a: '1' }],
	['a statement behind a quoted value and ;', "c t x\no a '1';o b 2\n", { a: '1', b: '2' }],
	['an empty option behind a set one', "c t x\no a 1\no a ''\n", { a: '1' }],
	['an option over a list', 'c t x\nl a 1\nl a 2\no a 3\n', { a: '3' }],
	['a list over an empty option', "c t x\no a ''\nl a 2\n", { a: ['2'] }],
	['a continued line at the end of the file', 'c t x\no a 1\\', { a: '1' }],
	['a continued line in double quotes', 'c t x\no a "1\\\n2"\n', { a: '12' }],
	['a continued line with CRLF', 'c t x\no a 1\\\r\n2\n', { a: '12' }],
	['a name of the language', 'c t x\no __proto__ 1\no constructor 2\n', { ['__proto__']: '1', constructor: '2' }],
	['an option with no name', 'c t x\no\n', 'Parse error (invalid command) at line 2, byte 0'],
	['an option with nothing behind it', 'c t x\no ', 'Parse error (insufficient arguments) at line 1, byte 2'],
	['a command that ends the file', 'c t x\noption', 'Parse error (option without name) at line 1, byte 0'],
	['an empty name', "c t x\no '' 1\n", 'Parse error (insufficient arguments) at line 2, byte 5'],
	['a command behind nothing but ;', "c t 'x';\n", 'Parse error (invalid command) at line 1, byte 8'],
	[
		'another type under a known name',
		'c t x\nc u x\n',
		'Parse error (section of different type overwrites prior section with same name) at line 2, byte 6',
	],
	['an open double quote', 'c t x\no a "1\n2\n', 'Parse error (EOF with unterminated ") at line 3, byte 9'],
	['a type that is no ASCII', 'c t\u00e9 x\n', 'Parse error (invalid character in type field) at line 1, byte 6'],
	['a NUL byte', 'c t x\no a 1\0\n', 'Parse error (NUL byte) at line 2, byte 5'],
];

for (const [what, text, expected] of odd) {
	test(`it takes ${what} as libuci does`, () => {
		const file = parseUci(Buffer.from(text));
		if (typeof expected === 'string') assert.deepEqual(file, { error: expected });
		else {
			const entries = [...sectionsOf(file)[0]!.options];
			assert.deepEqual(entries, Object.entries(expected));
		}
	});
}

test('it merges what is said of a section by the name it was given for want of one', () => {
	const [first, second] = sectionsOf(
		parseUci(Buffer.from('config device\n\toption a 1\nconfig device cfg010f15\n\toption b 2\n')),
	);
	assert.deepEqual(
		[...first!.options],
		[
			['a', '1'],
			['b', '2'],
		],
	);
	assert.equal(second, undefined);
});

test('it reads a list of 150,000 elements and a value of 1 MB', () => {
	const list = sectionsOf(parseUci(Buffer.from(`c t x\n${'l a b\n'.repeat(150_000)}`)));
	assert.equal(list[0]?.options.get('a')?.length, 150_000);
	const long = sectionsOf(parseUci(Buffer.from(`c t x\no a '${'long\n'.repeat(200_000)}'\n`)));
	assert.equal(long[0]?.options.get('a')?.length, 1_000_000);
});
