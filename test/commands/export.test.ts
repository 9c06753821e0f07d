import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ExportOptions, exportCommand } from '../../src/commands/export.ts';
import { readSettings } from '../../src/config.ts';
import { History } from '../../src/engine/history.ts';
import { systemClock } from '../../src/system/clock.ts';
import { listen } from '../../src/system/control.ts';
import { nodeDisk } from '../../src/system/disk.ts';
import { localDay } from '../../src/system/localday.ts';
import { FakeClock } from '../fakes/clock.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Life } from '../fakes/queuelife.ts';

const wall = Date.UTC(2026, 2, 1, 8);
const log = { error() {}, warn() {}, info() {}, debug() {}, debugs: false };

function scratch(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-export-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

async function filled(folder: string) {
	const clock = new FakeClock(wall);
	const core = new MiniCore();
	const options = { disk: nodeDisk, path: join(folder, 'queue.db'), persistDir: null };
	const history = new History(localDay);
	const life = await new Life({ ...options, clock, core, history }).start();
	life.frame();
	const hostile = core.openOne({ host: '=cmd|"x",1', chains: ['node, one'], sourceIP: '192.168.1.9' });
	for (let step = 0; step < 20; step += 1) {
		core.grow(hostile, 10, 1000);
		core.grow(core.openOne(), 1, 100);
		await clock.advance(60_000);
		life.frame();
	}
	life.frame();
	life.queue.outbox.seal();
	return { clock, core, life };
}

async function run(folder: string, clock: FakeClock, rest: Partial<ExportOptions>) {
	const printed: string[] = [];
	const complaints: string[] = [];
	const code = await exportCommand({
		...{ format: 'json', by: 'connection', from: null, to: null },
		...{ socket: join(folder, 'control.sock'), database: join(folder, 'queue.db') },
		clock: Object.assign(Object.create(systemClock), { wall: clock.wall }),
		print: (text) => printed.push(text),
		complain: (text) => complaints.push(text),
		...rest,
	});
	return { code, printed, complaints };
}

test("it writes all that is kept, whether the agent runs or not, and the sums are the core's", async (t) => {
	const folder = scratch(t);
	const { clock, core, life } = await filled(folder);
	const control = await listen({
		...{ path: join(folder, 'control.sock'), clock: systemClock, log },
		handlers: { export: (request) => life.queue.answerExport(request) },
	});
	assert.ok('stop' in control);
	const asked = await run(folder, clock, {});
	const byClass = await run(folder, clock, { by: 'class' });
	await control.stop();
	await life.stop();
	const read = await run(folder, clock, {});
	assert.deepEqual([asked.code, asked.complaints, read.complaints], [0, [], []]);
	for (const { printed } of [asked, read]) {
		const rows = printed.map((line) => JSON.parse(line));
		assert.equal(
			rows.reduce((sum, { down }) => sum + down, 0),
			core.down,
		);
		assert.equal(
			rows.filter(({ host }) => host === '=cmd|"x",1').reduce((sum, { up }) => sum + up, 0),
			200,
		);
		assert.deepEqual(rows[0], {
			...{ time: '2026-03-01T08:00:00Z', since: '', kind: 'usage', class: 'proxy', network: 'tcp' },
			...{ id: rows[0].id, start: '2026-03-01T08:00:00.123456789+08:00', rule: 'DomainSuffix example.com' },
			...{ device: '192.168.1.9', host: '=cmd|"x",1', destination: '93.184.216.34 443', node: 'node, one' },
			...{ up: rows[0].up, down: rows[0].down },
		});
	}
	const classes = byClass.printed.map((line) => JSON.parse(line));
	assert.equal(
		classes.reduce((sum, { down }) => sum + down, 0),
		core.down,
	);
});

test('it answers by time, class, device, host and node, and CSV does no harm to a spreadsheet', async (t) => {
	const folder = scratch(t);
	const { clock, core, life } = await filled(folder);
	await life.stop();
	for (const [by, head] of [
		['time', 'time,class,up,down'],
		['class', 'day,class,up,down'],
		['device', 'day,device,up,down'],
		['host', 'period,host,up,down'],
		['node', 'period,node,up,down'],
	] as const) {
		const { code, printed } = await run(folder, clock, { by, format: 'csv' });
		assert.deepEqual([code, printed[0]], [0, head]);
		const down = printed.slice(1).reduce((sum, line) => sum + Number(line.split(',').at(-1)), 0);
		// Hosts and nodes are told for today and for the month.
		assert.equal(down, by === 'host' || by === 'node' ? 2 * core.down : core.down, by);
		if (by === 'host')
			assert.ok(
				printed.some((line) => line.includes(`,"'=cmd|""x"",1",`)),
				printed.join('\n'),
			);
	}
	const some = await run(folder, clock, { by: 'time', from: wall + 300_000, to: wall + 600_000 });
	assert.deepEqual(
		some.printed.map((line) => JSON.parse(line).time),
		['2026-03-01T08:05:00.000Z'],
	);
});

test('it says in a sentence that there is nothing to export', async (t) => {
	const { code, printed, complaints } = await run(scratch(t), new FakeClock(wall), {});
	assert.deepEqual([code, printed, complaints.length], [1, [], 1]);
	assert.match(complaints[0]!, /^nothing to export: /);
});

test('it reads its flags, and refuses what they cannot be', () => {
	const call = (...argv: string[]) =>
		readSettings({ argv: ['export', '--env-file', 'none', ...argv], env: {}, cwd: '/' });
	const fine = call('--by', 'host', '--format=json', '--from', '2026-03-01', '--to', '2026-03-01T08:00:00Z');
	assert.ok(fine.command === 'export');
	assert.deepEqual(fine.wanted, {
		...{ format: 'json', by: 'host', to: wall },
		from: new Date('2026-03-01T00:00:00').getTime(),
	});
	for (const bad of [
		['--by', 'day'],
		['--format', 'xml'],
		['--from', 'yesterday'],
		['--to', '2026-13-45'],
	]) {
		const refused = call(...bad);
		assert.ok(refused.command === 'error' && refused.text.startsWith(`${bad[0]} takes`), refused.command);
	}
	const stray = readSettings({ argv: ['agent', '--by', 'host'], env: {}, cwd: '/' });
	assert.equal(stray.command, 'error');
});
