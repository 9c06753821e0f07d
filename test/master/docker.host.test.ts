// The Dockerfile's steps in a plain folder, as no image can be pulled here: what is copied is enough to build, both
// programs start with the environment and the command of their image, and the health check tells the truth.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../fakes/master.ts';

interface Step {
	readonly stage: string;
	readonly word: string;
	readonly rest: string;
}

function steps(): Step[] {
	let stage = '';
	return readFileSync('Dockerfile', 'utf8')
		.split('\n')
		.filter((line) => line !== '' && !line.startsWith('#'))
		.map((line) => {
			const [word, ...rest] = line.split(' ');
			if (word === 'FROM') stage = rest.at(-1)!;
			return { stage, word: word!, rest: rest.join(' ') };
		});
}

test('it builds and starts both images by the steps of the Dockerfile', async (t) => {
	if (spawnSync('npm', ['--version']).status !== 0) return t.skip('no npm: the image is built with it');
	const root = scratchFolder(t);
	const inside = (path: string) => join(root, path);
	const folder = inside('netmon');
	mkdirSync(folder);
	for (const { word, rest } of steps().filter(({ stage }) => stage === 'build')) {
		if (word === 'COPY') {
			const [target = '', ...sources] = rest.split(' ').reverse();
			for (const source of sources)
				cpSync(source, join(folder, target === './' ? source : target), { recursive: true });
		} else if (word === 'RUN') {
			const { status, stderr } = spawnSync('sh', ['-c', rest], { cwd: folder, encoding: 'utf8' });
			assert.equal(status, 0, `${rest}: ${stderr}`);
		}
	}
	for (const stage of ['agent', 'master']) {
		const own = steps().filter((one) => one.stage === stage);
		const all = (word: string) => own.filter((one) => one.word === word).map(({ rest }) => rest);
		const copied = /--from=build (\S+) (\S+)/.exec(all('COPY')[0]!)!;
		assert.ok(existsSync(inside(copied[1]!)), copied[1]);
		assert.deepEqual(all('USER'), ['node']);
		const data = inside(`data-${stage}`);
		mkdirSync(data);
		const variables = all('ENV').flatMap((text) => text.split(' '));
		const env = Object.fromEntries(variables.map((one) => one.replace('/data', data).split('=') as [string, string]));
		const [entry, command] = ['ENTRYPOINT', 'CMD'].map((word) => JSON.parse(all(word)[0]!) as string[]);
		const args = [...entry!.slice(1), ...command!].map((one) => (one === copied[2] ? inside(copied[1]!) : one));
		const more =
			stage === 'master'
				? { NETMON_API_TOKEN: 'a-token-of-24-characters', NETMON_LISTEN_PORT: '0' }
				: { CLASH_URL: 'ws://127.0.0.1:1/connections', LISTEN_PORT: '0', NETMON_WAN_SOURCE: 'none' };
		const child = spawn(process.execPath, args, {
			cwd: data,
			env: { PATH: process.env.PATH, NETMON_CONFIG: 'none', ...env, ...more },
			stdio: ['ignore', 'ignore', 'pipe'],
		});
		const ended = new Promise((resolve) => child.once('exit', resolve));
		const end = () => {
			child.kill('SIGKILL');
			return ended;
		};
		t.after(end);
		let said = '';
		const port = await new Promise<string>((resolve, reject) => {
			child.stderr.on('data', (text: Buffer) => {
				said += text;
				const found = stage === 'master' ? /http:\/\/0\.0\.0\.0:(\d+)/.exec(said) : /(core) ws/.exec(said);
				if (found) resolve(found[1]!);
			});
			child.once('exit', () => reject(new Error(said)));
		});
		if (stage === 'agent') {
			await end();
			continue;
		}
		const check = all('HEALTHCHECK')[0]!.replace(/^.*? CMD node/, process.execPath);
		const status = (at: string) => spawnSync('sh', ['-c', check.replace('9091', at)]).status;
		assert.deepEqual([status(port), status('1')], [0, 1]);
		assert.ok(existsSync(join(data, 'master.db')));
		// The folder goes when the test is over, and what writes in it has to be gone before.
		await end();
	}
});

test('it names in each compose file a target that the Dockerfile has', () => {
	const stages = new Set(steps().map(({ stage }) => stage));
	for (const file of ['compose.yaml', 'compose.agent.yaml']) {
		const target = /target: (\w+)/.exec(readFileSync(file, 'utf8'))?.[1];
		assert.ok(target && stages.has(target), file);
	}
});
