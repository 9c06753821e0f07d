import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const app = 'openwrt/luci-app-netmon';
const pages = readdirSync(`${app}/htdocs`, { recursive: true, withFileTypes: true })
	.filter((entry) => entry.isFile())
	.map((entry) => readFileSync(join(entry.parentPath ?? entry.path, entry.name), 'utf8'))
	.join('\n');
const menu: Record<string, { title: string }> = JSON.parse(
	readFileSync(`${app}/root/usr/share/luci/menu.d/luci-app-netmon.json`, 'utf8'),
);
const used = new Set([
	...[...pages.matchAll(/_\('((?:[^'\\]|\\.)*)'\)/g)].map((match) => match[1]!.replaceAll("\\'", "'")),
	...Object.values(menu).map(({ title }) => title),
]);
const unquoted = (text: string) => JSON.parse(`"${text}"`) as string;
const messages = (file: string) =>
	[...readFileSync(`${app}/po/${file}`, 'utf8').matchAll(/^msgid "(.+)"\nmsgstr "(.*)"$/gm)].map(
		(match) => [unquoted(match[1]!), unquoted(match[2]!)] as const,
	);

test('it has every text of the pages in the template, and no other', () => {
	assert.deepEqual(
		messages('templates/netmon.pot')
			.map(([id]) => id)
			.sort(),
		[...used].sort(),
	);
});

test('it says everything in Chinese, with the same places for values', () => {
	const chinese = new Map(messages('zh_Hans/netmon.po'));
	assert.deepEqual([...chinese.keys()].sort(), [...used].sort());
	for (const [id, text] of chinese) {
		assert.notEqual(text, '', id);
		assert.deepEqual(text.match(/%[sd]/g), id.match(/%[sd]/g), id);
	}
});

test('it compiles translations to the very bytes that po2lmo of LuCI 25.12 wrote', () => {
	const po = `msgid ""
msgstr ""
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Core"
msgstr "内核"

msgid "é"
msgstr "e"

msgid "It adds \\"up\\""
msgstr "相符"

msgid "same"
msgstr "same"
`;
	const program = `import('./openwrt/lmo.mjs').then(({ lmo }) => process.stdout.write(lmo(${JSON.stringify(po)}).toString('hex')))`;
	assert.equal(
		execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }),
		'6e706c7572616c733d313b20706c7572616c3d303b000000e58685e6a0b8000065000000e79bb8e7aca6000000000000000000000000000000000015' +
			'c16fca26000000010000002400000006c3ee0350000000010000001800000006c4fba5540000000100000020000000010000002c',
	);
});
