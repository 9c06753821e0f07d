import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '../fakes/random.ts';
import { call, envFile, errorOf, uci, uciFile } from './calls.ts';
import { attack } from './hostile.ts';

test('it throws nothing and tells no secret over 600 damaged calls', () => attack(1, 600, randomFrom(1)));

test('it answers random bytes with a sentence or with settings', () => {
	const random = randomFrom(2);
	for (let round = 0; round < 300; round += 1) {
		const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)));
		for (const path of [envFile, uciFile]) {
			const made = call({ argv: ['agent'], files: { [path]: bytes } });
			assert.ok(made.command === 'agent' || made.command === 'error', `seed 2, round ${round}`);
		}
	}
});

test('it answers files of 1 MB soon', () => {
	const texts = [
		'\n',
		' ',
		"'",
		'"',
		'\\',
		'#',
		';',
		'$',
		'\x24{',
		'a',
		'A=1\n',
		'A=$A$A\n',
		"option a 'b'\n",
		'config a\n',
		'list a b;',
		'\0',
		'\xff',
	];
	const before = process.cpuUsage();
	for (const text of texts) {
		const bytes = Buffer.from(text.repeat(1_000_000 / text.length), 'latin1');
		for (const path of [envFile, uciFile]) {
			call({ argv: ['agent'], files: { [path]: bytes } });
			const head = path === uciFile ? uci() : 'LUCI_PASSWORD=';
			const made = call({ argv: ['agent'], files: { [path]: Buffer.concat([Buffer.from(head), bytes]) } });
			assert.ok(!('warnings' in made) || made.warnings.length <= 21);
		}
	}
	const { user, system } = process.cpuUsage(before);
	assert.ok(user + system < 20e6, `a hundred files of 1 MB take ${(user + system) / 1e6} s of CPU, not less than 20`);
});

test('it takes a value of 1 MB for what it is', () => {
	const long = 'x'.repeat(1_000_000);
	const made = call({ argv: ['agent'], files: { [envFile]: `LUCI_PASSWORD=${long}` } });
	assert.ok('settings' in made);
	assert.equal(made.settings.luciPassword, long);
	assert.ok(errorOf({ argv: ['agent'], files: { [envFile]: `LISTEN_PORT=${long}` } }).length < 300);
	const list = `${uci()}${'\tlist wan_device wan\n'.repeat(50_000)}`;
	const listed = call({ argv: ['agent'], files: { [uciFile]: list } });
	assert.ok('settings' in listed);
	assert.equal(listed.settings.wanDevice?.length, 50_000);
});
