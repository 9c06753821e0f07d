import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Running, start } from './fakes/agent.ts';
import type { FakeClock } from './fakes/clock.ts';
import { FakeCore } from './fakes/core.ts';
import { Simulation } from './fakes/simulation.ts';
import { until } from './fakes/until.ts';

async function core(clock: FakeClock | undefined, port = 0): Promise<FakeCore> {
	const fake = new FakeCore({
		simulation: new Simulation({ seed: 5, connections: 40, growing: 1, shorts: 5 }),
		listen: { kind: 'tcp', port },
		stepMs: 0,
		...(clock ? { clock } : {}),
	});
	await fake.start();
	return fake;
}

/** Seconds of traffic, each of which the agent has read before the next begins. */
async function flow(fake: FakeCore, running: Running, seconds: number): Promise<void> {
	for (let second = 0; second < seconds; second += 1) {
		fake.simulation.step(1000);
		const before = frames(running);
		for (let tries = 0; frames(running) === before && tries < 20; tries += 1) {
			await running.clock.advance(100);
			await new Promise((resolve) => setTimeout(resolve, 1));
		}
		await running.clock.advance(1000);
	}
}

const part = (running: Running, name: string) => running.status().health.find((row) => row.part === name)!;
const frames = (running: Running) => (existsSync(running.statusFile) ? part(running, 'mihomo').successes : 0);

test("it tells the core's bytes to the byte in status.json, and says which part is up", async () => {
	const port = await freePort();
	const running = start(['--clash-url', `http://127.0.0.1:${port}`]);
	const fake = await core(running.clock, port);
	await until(async () => running.clock.advance(1000).then(() => frames(running) > 0));
	const base = fake.simulation.total;
	await flow(fake, running, 8);
	fake.simulation.rest();
	await flow(fake, running, 4);
	const { totals, core: told, version, agent_id, queue } = running.status();
	const { total } = fake.simulation.truth().at(-1)!;
	assert.ok(total.down > base.down);
	// The baseline is some frame of the first seconds: everything booked lies within what the core moved since then.
	assert.equal(totals.core!.down, totals.attributed!.down + totals.unattributed!.down);
	assert.equal(totals.core!.up, totals.attributed!.up + totals.unattributed!.up);
	assert.deepEqual(
		totals.attributed,
		['direct', 'proxy', 'reject'].reduce(
			(all, name) => ({ up: all.up + totals[name as 'direct']!.up, down: all.down + totals[name as 'direct']!.down }),
			{ up: 0, down: 0 },
		),
	);
	assert.deepEqual([told.connected, told.runs, version], [true, 1, '1.2.3']);
	assert.ok(queue !== null && queue.file_bytes > 0);
	assert.match(agent_id, /^[A-Za-z0-9_.-]{1,64}$/);
	assert.equal(part(running, 'mihomo').state, 'up');
	await running.stop();
	await fake.stop();
	assert.equal(existsSync(running.statusFile), false, 'the status file of an agent that is gone is gone');
});

test('it goes on counting through a change of settings, and shows by the new ones', async () => {
	const port = await freePort();
	const url = ['--clash-url', `http://127.0.0.1:${port}`];
	const running = start([...url, '--log-connections', 'off']);
	const fake = await core(running.clock, port);
	await until(async () => running.clock.advance(1000).then(() => frames(running) > 0));
	await flow(fake, running, 3);
	const before = running.status().totals.core!.down;
	running.reload([...url, '--log-connections', 'on', '--wan-source', 'none']);
	fake.simulation.step(5000);
	await until(() => running.log.some((line) => line.includes('going on with the settings')));
	await flow(fake, running, 3);
	fake.simulation.rest();
	await flow(fake, running, 4);
	const { totals, core: told } = running.status();
	assert.ok(totals.core!.down > before);
	assert.deepEqual(
		{ up: totals.attributed!.up + totals.unattributed!.up, down: totals.attributed!.down + totals.unattributed!.down },
		totals.core,
	);
	assert.equal(told.runs, 1);
	assert.equal(part(running, 'wan').state, 'off');
	assert.ok(running.log.some((line) => line.includes('conn: opened')));
	running.reload([...url, '--wan-source', 'procfs', '--wan-device', 'lo']);
	await until(async () => running.clock.advance(1000).then(() => part(running, 'wan').state === 'up'));
	const elsewhere = `${running.statusFile}.moved`;
	running.reload([...url, '--status-file', elsewhere]);
	await until(async () => running.clock.advance(1000).then(() => existsSync(elsewhere)));
	assert.equal(existsSync(running.statusFile), false);
	running.reload([...url]);
	await until(async () => running.clock.advance(1000).then(() => existsSync(running.statusFile)));
	assert.equal(existsSync(elsewhere), false);
	await running.stop();
	await fake.stop();
});

test('it warns once when the core goes, and tells its return with the duration', async () => {
	const port = await freePort();
	const running = start(['--clash-url', `http://127.0.0.1:${port}`]);
	const fake = await core(running.clock, port);
	await until(async () => running.clock.advance(500).then(() => frames(running) > 0));
	await fake.kill();
	await until(() => running.log.some((line) => line.includes('WARN  mihomo: down')));
	await running.clock.advance(6 * 60_000);
	await until(() => running.log.some((line) => line.includes('ERROR mihomo: down for')));
	await fake.start();
	await until(async () =>
		running.clock
			.advance(500)
			.then(() => running.log.some((line) => /INFO {2}mihomo: up again after \d+ min/.test(line))),
	);
	assert.equal(running.log.filter((line) => line.includes('WARN  mihomo')).length, 1);
	assert.equal(running.log.filter((line) => line.includes('ERROR mihomo')).length, 1);
	await running.stop();
	await fake.stop();
});

test('it finds a core of this machine within 2 s of its return, however long it was away', async () => {
	const port = await freePort();
	const running = start(['--clash-url', `http://127.0.0.1:${port}`]);
	const fake = await core(running.clock, port);
	await until(async () => running.clock.advance(500).then(() => frames(running) > 0));
	await fake.kill();
	await until(() => running.log.some((line) => line.includes('WARN  mihomo: down')));
	for (let seconds = 0; seconds < 180; seconds += 1) {
		await running.clock.advance(1000);
		await new Promise((resolve) => setImmediate(resolve));
	}
	await fake.start();
	await running.clock.advance(2000);
	await until(async () => running.clock.advance(0).then(() => running.log.some((line) => line.includes('up again'))));
	await running.stop();
	await fake.stop();
});

test('it waits as a finite profile says, for a core of this machine too', async () => {
	const port = await freePort();
	const running = start(['--clash-url', `http://127.0.0.1:${port}`, '--retry-mihomo', '3:60000:60000']);
	const tried = () => (existsSync(running.statusFile) ? part(running, 'mihomo').attempts : 0);
	await until(async () => running.clock.advance(100).then(() => tried() === 1));
	for (let seconds = 0; seconds < 29; seconds += 1) await running.clock.advance(1000);
	assert.equal(tried(), 1);
	await until(async () => running.clock.advance(10_000).then(() => part(running, 'mihomo').state === 'given up'));
	assert.equal(tried(), 3);
	await running.stop();
});

test('it counts a bad frame among good ones, and calls a core that sends nothing else down', async () => {
	const port = await freePort();
	const running = start(['--clash-url', `http://127.0.0.1:${port}`]);
	const fake = await core(running.clock, port);
	await until(async () => running.clock.advance(1000).then(() => frames(running) > 0));
	fake.fault = { kind: 'garbage', text: 'not json' };
	const failures = () => part(running, 'mihomo').failures;
	await until(async () => running.clock.advance(200).then(() => failures() > 0));
	assert.equal(part(running, 'mihomo').state, 'up');
	assert.match(part(running, 'mihomo').last_error!, /a frame was refused: /);
	await until(async () => running.clock.advance(200).then(() => part(running, 'mihomo').state === 'down'));
	assert.ok(failures() >= 4, `${failures()} frames were refused`);
	await running.stop();
	await fake.stop();
});

test('it ends by itself, and says so, when mihomo and the WAN are both given up', async () => {
	const running = start([
		'--clash-url',
		`http://127.0.0.1:${await freePort()}`,
		'--retry-mihomo',
		'2:100:200',
		'--wan-source',
		'none',
	]);
	let hopeless: boolean | null = null;
	void running.ended.then((value) => {
		hopeless = value;
	});
	await until(async () => running.clock.advance(200).then(() => hopeless !== null));
	assert.equal(hopeless, true);
	assert.ok(running.log.some((line) => line.includes('ERROR mihomo: given up after 2 failures')));
	await running.stop();
});

test('it goes on with the WAN alone when mihomo is given up', async () => {
	const running = start([
		'--clash-url',
		`http://127.0.0.1:${await freePort()}`,
		'--retry-mihomo',
		'1:100:200',
		'--wan-source',
		'procfs',
		'--wan-device',
		'lo',
	]);
	await until(async () =>
		running.clock
			.advance(1000)
			.then(() => existsSync(running.statusFile) && part(running, 'mihomo').state === 'given up'),
	);
	await running.clock.advance(3000);
	const { speeds, totals } = running.status();
	assert.notEqual(speeds.wan, null);
	assert.equal(speeds.core, null);
	assert.equal(speeds.bypass, null, 'what bypasses a core that nobody hears is unknown');
	assert.notEqual(totals.wan, null);
	await running.stop();
});

test('it says in a sentence that its UDP port is taken, does everything else, and has the port once it is free', async () => {
	const other = createSocket('udp4');
	await new Promise<void>((resolve) => other.bind(0, resolve));
	const running = start([
		'--clash-url',
		`http://127.0.0.1:${await freePort()}`,
		'--listen-port',
		String(other.address().port),
	]);
	await until(async () => running.clock.advance(1000).then(() => existsSync(running.statusFile)));
	assert.equal(part(running, 'udp').state, 'down');
	assert.equal(running.status().totals.core, null, 'a core that was not heard has moved who knows what');
	assert.match(part(running, 'udp').last_error!, new RegExp(String(other.address().port)));
	await running.clock.advance(10_000);
	assert.equal(part(running, 'udp').attempts, 2);
	await new Promise<void>((resolve) => other.close(() => resolve()));
	await until(async () => running.clock.advance(1000).then(() => part(running, 'udp').state === 'up'));
	assert.equal(running.log.filter((line) => line.includes('WARN  udp')).length, 1);
	await running.stop();
});

test('it counts the frames that it broadcasts, with and without a UDP server', async () => {
	const heard = createSocket('udp4');
	let datagrams = 0;
	heard.on('message', () => {
		datagrams += 1;
	});
	await new Promise<void>((resolve) => heard.bind(0, '127.0.0.1', resolve));
	const url = ['--clash-url', 'http://127.0.0.1:9'];
	const running = start([...url, '--udp-broadcast', `127.0.0.1:${heard.address().port}`]);
	const told = () => (existsSync(running.statusFile) ? running.status().udp : null);
	await until(async () => running.clock.advance(1000).then(() => (told()?.frames ?? 0) >= 3 && datagrams >= 3));
	assert.equal(told()!.clients, 0);
	running.reload(url);
	await until(async () => running.clock.advance(1000).then(() => told() === null));
	await running.stop();
	heard.close();
});

test('it makes its state folder, and its queue is up from the first second', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-fresh-'));
	const running = start(['--clash-url', 'http://127.0.0.1:9', '--state-dir', join(folder, 'a', 'b')]);
	await until(async () => running.clock.advance(1000).then(() => existsSync(running.statusFile)));
	assert.deepEqual([part(running, 'queue').state, part(running, 'queue').failures], ['up', 0]);
	assert.equal(statSync(join(folder, 'a', 'b')).mode & 0o777, 0o700);
	await running.stop();
	rmSync(folder, { recursive: true, force: true });
});

test('it prints no secret, in no line and no file', async () => {
	const port = await freePort();
	const running = start([
		'--clash-url',
		`http://127.0.0.1:${port}/?token=hunter2hunter2`,
		'--log-level',
		'debug',
		'--view',
		'on',
	]);
	const fake = await core(running.clock, port);
	await until(async () => running.clock.advance(500).then(() => frames(running) > 1));
	await fake.kill();
	await until(() => running.log.some((line) => line.includes('mihomo: down')));
	assert.ok(!JSON.stringify(running.status()).includes('hunter2'));
	await running.stop();
	assert.ok(![...running.log, ...running.shown].some((line) => line.includes('hunter2')));
	await fake.stop();
});

test('it stops in order at whatever moment it is told to, and leaves no timer', async () => {
	for (let turns = 0; turns < 30; turns += 1) {
		const running = start(['--clash-url', `http://127.0.0.1:9`, '--view', 'on']);
		for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
		await running.stop();
		assert.equal(await running.ended, false);
		assert.equal(running.clock.pending, 0, `stopped after ${turns} turns`);
	}
});

test('it shows no absurd speed, and loses no byte, while the wall clock jumps about', async () => {
	const port = await freePort();
	const running = start(['--clash-url', `http://127.0.0.1:${port}`, '--wan-source', 'procfs', '--wan-device', 'lo']);
	const fake = await core(running.clock, port);
	await until(async () => running.clock.advance(1000).then(() => frames(running) > 1));
	const hour = 3_600_000;
	for (const step of [hour, -hour, 20 * 365 * 24 * hour, -19 * 365 * 24 * hour, -30_000, 1_000]) {
		running.clock.stepWall(step);
		for (let second = 0; second < 4; second += 1) {
			const before = fake.simulation.total;
			await flow(fake, running, 1);
			const { speeds, core: told } = running.status();
			const moved = fake.simulation.total.down - before.down;
			assert.ok(told.connected, `not connected after a step of ${step} ms`);
			// What a reading's seams move comes on top, and lands a second early or late.
			if (speeds.core)
				assert.ok(speeds.core.down >= 0 && speeds.core.down < 3 * moved + 2e6, `${speeds.core.down} of ${moved}`);
			assert.equal(Date.parse(running.status().updated), running.clock.wall());
		}
	}
	fake.simulation.rest();
	await flow(fake, running, 4);
	const { totals, core: told } = running.status();
	assert.equal(told.runs, 1);
	assert.equal(totals.core!.down, totals.attributed!.down + totals.unattributed!.down);
	await running.stop();
	await fake.stop();
});

test('it keeps no log that nobody reads, and says how much it left out', async () => {
	const running = start(['--clash-url', 'http://127.0.0.1:9', '--wan-source', 'none']);
	await until(() => running.log.length > 1);
	const before = running.log.length;
	running.unread = 2 ** 30;
	for (let minutes = 0; minutes < 5; minutes += 1) await running.clock.advance(60_000);
	assert.equal(running.log.length, before);
	running.unread = 0;
	await running.clock.advance(60_000);
	assert.match(running.log[before]!, /WARN {2}log: [5-9] lines were left out: nobody read them/);
	assert.match(running.log[before + 1]!, / INFO {2}agent: mihomo /);
	await running.stop();
});

async function freePort(): Promise<number> {
	const fake = await core(undefined);
	await fake.stop();
	return fake.port;
}
