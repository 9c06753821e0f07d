import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
	chmodSync,
	chownSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildPackages, Router, whyNoRouter } from '../fakes/router.ts';
import { until } from '../fakes/until.ts';

const netmonId = 32_768;
/** What procd waits before it kills. */
const termTimeoutMs = 15_000;

test('it runs the agent from what was rendered, as user netmon and with the flags of the wrapper', async (t: TestContext) => {
	const why = whyNoRouter();
	if (why) return t.skip(why);
	const folder = mkdtempSync(join(tmpdir(), 'netmon-agent-'));
	const router = new Router();
	const display = createSocket('udp4');
	let frameMs = 0;
	try {
		display.bind(0, '127.0.0.1');
		await once(display, 'listening');
		const packages = buildPackages(join(folder, 'ipk'));
		const installed = performance.now();
		display.once('message', () => {
			frameMs = performance.now() - installed;
		});
		router.install(packages.get('netmon')!);
		const options = {
			clash_url: 'ws://127.0.0.1:1',
			udp_broadcast: `127.0.0.1:${display.address().port}`,
			listen_port: '0',
			persist_dir: 'none',
		};
		router.setUci('netmon', [{ type: 'agent', name: 'main', options }]);
		router.service('restart');

		// The agent runs outside the box, so its folders stand elsewhere.
		chmodSync(folder, 0o755);
		const run = join(folder, 'run');
		mkdirSync(run);
		chownSync(run, netmonId, netmonId);
		const config = join(run, 'config');
		writeFileSync(config, router.read('var/run/netmon/config').replaceAll('/var/run/netmon', run), { mode: 0o600 });
		chownSync(config, netmonId, netmonId);
		const program = join(folder, 'netmon.js');
		cpSync(router.path('usr/lib/netmon/netmon.js'), program);

		const flags = [...router.read('usr/bin/netmon').matchAll(/--(?:max-semi|v8|liftoff)[^ ]*/g)].map(
			(match) => match[0],
		);
		assert.equal(flags.length, 3);
		const agent = spawn(process.execPath, ['--max-old-space-size=49', ...flags, program, 'agent', '--config', config], {
			uid: netmonId,
			gid: netmonId,
			cwd: '/',
			env: { NETMON_ENV_FILE: 'none' },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let said = '';
		agent.stdout.on('data', (text) => {
			said += text;
		});
		agent.stderr.on('data', (text) => {
			said += text;
		});
		const ended = once(agent, 'exit');
		try {
			const status = join(run, 'status.json');
			await until(() => existsSync(status) || agent.exitCode !== null, 'the agent wrote its status');
			assert.ok(existsSync(status), said);
			assert.equal(JSON.parse(readFileSync(status, 'utf8')).process.pid, agent.pid);
			await until(() => frameMs > 0, 'the first UDP frame came');
			t.diagnostic(`from the install to the first UDP frame: ${Math.round(frameMs)} ms (goal: 3000)`);
		} finally {
			const start = Date.now();
			agent.kill('SIGTERM');
			const [code] = await ended;
			assert.equal(code, 0, said);
			assert.ok(Date.now() - start < termTimeoutMs);
		}
		assert.ok(!/warn.*(router|host)/i.test(said), said);
		assert.ok(!existsSync(join(run, 'status.json')), 'a status that stayed would be believed');
	} finally {
		display.close();
		router.remove();
		rmSync(folder, { recursive: true, force: true });
	}
});
