import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';

/** Which folders a folder's files may import from, besides their own and the vocabulary at the top. */
const allowed: Record<string, readonly string[]> = {
	sources: ['system'],
	engine: [],
	sinks: ['system'],
	system: [],
	commands: ['system', 'sources', 'engine', 'sinks', 'config.ts', 'wansources.ts'],
	settings: ['system', 'engine'],
	master: ['system'],
	// In the browser: it reads the API, and shares no code with it but what both speak.
	dashboard: [],
	// config.ts and masterconfig.ts are the doors of settings/, wansources.ts makes the sources that the settings ask for.
	'': ['system', 'engine', 'settings', 'sources', 'config.ts'],
};
const vocabulary = ['record.ts', 'wire.ts', 'rowgroups.ts'];
/** These wire everything together (readings.ts the sources, displays.ts and routerpages.ts the sinks that show); nothing imports them but one another. */
const knowEverything = [
	'main.ts',
	'agent.ts',
	'mastermain.ts',
	'standalone.ts',
	'master.ts',
	'displays.ts',
	'readings.ts',
	'keeping.ts',
	'routerpages.ts',
	'statusboard.ts',
];

const files = readdirSync('src', { recursive: true })
	.map((name) => String(name).replaceAll('\\', '/'))
	.filter((name) => name.endsWith('.ts'));

function imports(file: string): string[] {
	const text = readFileSync(join('src', file), 'utf8');
	return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);
}

test('it imports along the flow only: own folder, vocabulary, system', () => {
	const wrong: string[] = [];
	for (const file of files) {
		if (knowEverything.includes(file)) continue;
		const folder = file.includes('/') ? file.split('/')[0]! : '';
		for (const name of imports(file).filter((path) => path.startsWith('.'))) {
			const target = relative('.', normalize(join(dirname(file), name)));
			const targetFolder = target.includes('/') ? target.split('/')[0]! : '';
			const fine =
				vocabulary.includes(target) ||
				(folder === targetFolder && !knowEverything.includes(target)) ||
				(allowed[folder] ?? ['system', 'engine']).some((place) => place === targetFolder || place === target);
			if (!fine) wrong.push(`${file} -> ${target}`);
		}
	}
	assert.deepEqual(wrong, []);
});

/** Within the master: from the requests down to the bytes of a body. Each folder imports from those after it. */
const masterFolders = ['http', 'store', 'quota', 'answers', 'booking', 'batch'];
/** Within the page: a view knows no other view, and what they share knows none of them. */
const views = ['now', 'history', 'connections', 'months'];

test('it flows downwards within the master, and keeps the views of the page apart', () => {
	const wrong: string[] = [];
	for (const file of files) {
		const [program, folder] = file.split('/') as [string, string];
		for (const name of imports(file).filter((path) => path.startsWith('../'))) {
			const [, other] = normalize(join(dirname(file), name)).split('/') as [string, string];
			const up = program === 'master' && masterFolders.indexOf(other) < masterFolders.indexOf(folder);
			const aside = program === 'dashboard' && other !== folder && views.includes(other);
			if ((up && masterFolders.includes(other)) || aside) wrong.push(`${file} -> ${name}`);
		}
	}
	assert.deepEqual(wrong, []);
});

test('it keeps the engine pure: no node module, no global clock or timer', () => {
	const wrong = files
		.filter((file) => file.startsWith('engine/'))
		.filter(
			(file) =>
				imports(file).some((name) => !name.startsWith('.')) ||
				/\b(Date\.now|performance\.|setTimeout|setInterval|Math\.random|process\.)/.test(
					readFileSync(join('src', file), 'utf8').replace(/\/\/.*|\/\*[\s\S]*?\*\//g, ''),
				),
		);
	assert.deepEqual(wrong, []);
});

test('it has no drawers: no file is named for what it is not', () => {
	assert.deepEqual(
		files.filter((file) => /(^|\/)(utils?|helpers?|common|misc|manager|types|index)\.ts$/.test(file)),
		[],
	);
});
