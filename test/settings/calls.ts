// What the settings tests share: a file system of texts, and calls against it.
import assert from 'node:assert/strict';
import { type AgentSettings, type Invocation, readSettings, type WithSettings } from '../../src/config.ts';

export interface Given {
	readonly argv?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	/** By absolute path; `/home/u` is the working directory. */
	readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

export function call({ argv = [], env = {}, files = {} }: Given): Invocation {
	return readSettings({
		argv,
		env,
		cwd: '/home/u',
		readFile(path) {
			const bytes = Object.hasOwn(files, path) ? files[path] : undefined;
			if (bytes === undefined) throw Object.assign(new Error(`no such file ${path}`), { code: 'ENOENT' });
			return Buffer.from(bytes as string);
		},
	});
}

/** The settings of a call that must succeed. */
export function run(given: Given): WithSettings {
	const made = call(given);
	assert.ok('settings' in made, JSON.stringify(made));
	return made;
}

export function settingsOf(given: Given): AgentSettings {
	return run(given).settings;
}

/** The sentence of a call that must fail. */
export function errorOf(given: Given): string {
	const made = call(given);
	assert.equal(made.command, 'error');
	assert.ok('text' in made);
	assert.ok(!made.text.includes('\n') && made.text.length < 400, made.text);
	return made.text;
}

export const envFile = '/home/u/.env';
export const uciFile = '/etc/config/netmon';

export function uci(...options: readonly string[]): string {
	return `config agent 'main'\n${options.map((option) => `\toption ${option}\n`).join('')}`;
}
