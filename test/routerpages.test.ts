import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSettings } from '../src/config.ts';
import { Engine } from '../src/engine/engine.ts';
import { Keeping } from '../src/keeping.ts';
import { Parts } from '../src/parts.ts';
import { RouterPages } from '../src/routerpages.ts';
import { localDay } from '../src/system/localday.ts';
import { openLog } from '../src/system/log.ts';
import { FakeClock } from './fakes/clock.ts';
import { connectionOf } from './fakes/connection.ts';

const tablet = '02:00:5e:10:00:17';
const ip = '192.168.1.23';

test('it writes pages for who looks, by device and not by address, and leaves none behind', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-routerpages-'));
	try {
		const clock = new FakeClock();
		// Long enough since boot for the clock to be believed.
		await clock.advance(600_000);
		const looked = join(folder, 'looked');
		const config = join(folder, 'config');
		writeFileSync(config, `config agent 'main'\n\nconfig router 'router'\n\toption looked '${looked}'\n`);
		const read = readSettings({
			argv: ['agent', '--config', config, '--state-dir', join(folder, 'state')],
			env: { NETMON_ENV_FILE: 'none' },
			cwd: folder,
		});
		assert.ok(read.command === 'agent');
		const { settings } = read;
		const logOf = openLog({ level: 'error', format: 'text', clock, write: () => {} });
		const parts = new Parts({ names: ['queue', 'sync'], clock, logOf });
		const now = () => ({ wall: clock.wall(), mono: clock.mono() });
		const keeping = new Keeping({
			...{ settings, id: 'a', bootId: null, clock, logOf, parts, handlers: {} },
			live: () => engine.live(now(), 1000),
			about: () => ({ version: '0', started: '', wan: { source: null, devices: [], why: '' } }),
		});
		const engine = new Engine({ bootId: null, intervalMs: 1000, ...(await keeping.open()), now: now(), events: {} });
		keeping.start(engine);
		const pages = new RouterPages({ settings, clock, keeping });
		const frame = (bytes: number) =>
			engine.frame(
				{
					uploadTotal: bytes,
					downloadTotal: bytes,
					connections: [connectionOf(1, { sourceIP: ip })],
					upload: Float64Array.of(bytes),
					download: Float64Array.of(bytes),
				},
				now(),
			);
		engine.learnDevices([{ ip, mac: tablet, name: 'tablet', by: 'lease' }], [], now());
		engine.learnProxies(new Map([['node-1', 'Shadowsocks']]), { bootId: null, directId: null, processStarted: null });
		frame(0);
		await clock.advance(1000);
		frame(5_000);
		await keeping.stop();

		pages.tick(engine.devices, []);
		assert.deepEqual(
			readdirSync(join(folder, 'state')).filter((name) => name.endsWith('.json')),
			[],
		);
		writeFileSync(looked, '');
		utimesSync(looked, clock.wall() / 1000, clock.wall() / 1000);
		pages.tick(engine.devices, ['a note']);
		const page = (name: string) => JSON.parse(readFileSync(join(folder, 'state', `${name}.json`), 'utf8'));
		const day = localDay(clock.wall() / 1000);
		assert.deepEqual(page('history').device_days, [{ day, devices: { [tablet]: [5_000, 5_000] } }]);
		assert.equal(page('history').today, day);
		assert.deepEqual(page('top').today.hosts, [['host-1.example.com', 5_000, 5_000]]);
		const [device] = page('devices').devices;
		assert.deepEqual([device.key, device.today, device.month], [tablet, { up: 5_000, down: 5_000 }, device.today]);
		assert.deepEqual(page('devices').notes, ['a note']);
		assert.deepEqual(keeping.today(), { day, classes: { proxy: { up: 5_000, down: 5_000 } } });
		pages.remove();
		assert.deepEqual(
			readdirSync(join(folder, 'state')).filter((name) => name.endsWith('.json')),
			[],
		);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
