import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport } from '../../src/sinks/courier.ts';
import { systemClock } from '../../src/system/clock.ts';
import { HttpClient } from '../../src/system/http.ts';
import { HttpError } from '../../src/system/httperror.ts';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { FakeDisk } from '../fakes/disk.ts';
import { HomeAgent, homeAgentId } from '../fakes/homeagent.ts';
import { startMaster } from '../fakes/master.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Receiver } from '../fakes/receiver.ts';
import { ReceiverTransport } from '../fakes/receivertransport.ts';
import { homeMinute, homeRun, rest, wall } from './homerun.ts';

test('it brings what the core moved to the master once, through outages, lost answers, kills and put-backs', async () => {
	const first = 1 + Math.floor(Math.random() * 1e9);
	for (let seed = first; seed < first + 2; seed += 1) await homeRun({ seed, minutes: 20 });
});

test("it brings every connection's totals to an old master", async () => {
	const dice = new Dice(5);
	const clock = new FakeClock(wall);
	const core = new MiniCore();
	const receiver = new Receiver({ kind: 'old' });
	const transport = new ReceiverTransport(receiver);
	transport.fault = () => (dice.chance(0.3) ? { kind: 'lost' } : null);
	const ways: Transport[] = [transport, new ReceiverTransport(receiver)];
	const connect = () => ways.shift()!;
	const agent = await new HomeAgent({ seed: 5, url: 'http://old', connect, disk: new FakeDisk(), clock, core }).start();
	agent.life.frame();
	for (let minute = 0; minute < 60; minute += 1) await homeMinute(core, clock, agent, dice);
	transport.fault = () => null;
	await rest(clock, agent);
	const table = [...receiver.tableOf(homeAgentId).values()];
	const sums = {
		up: table.reduce((sum, { upload }) => sum + upload, 0),
		down: table.reduce((sum, { download }) => sum + download, 0),
	};
	const { unattributed } = agent.life.queue.status()!.sums;
	assert.deepEqual(
		{ up: sums.up + unattributed.sealed.up, down: sums.down + unattributed.sealed.down },
		{ up: core.up, down: core.down },
	);
	assert.equal(agent.sync.state().set_aside, 0);
	await agent.stop();
});

test('it brings all of 4,500 connections that waited in the file to an old master', async () => {
	const clock = new FakeClock(wall);
	const core = new MiniCore();
	const receiver = new Receiver({ kind: 'old' });
	const transport = new ReceiverTransport(receiver);
	let away = true;
	transport.fault = () => (away ? { kind: 'error', code: 'refused' } : null);
	const ways: Transport[] = [transport, new ReceiverTransport(receiver)];
	const connect = () => ways.shift()!;
	const agent = await new HomeAgent({ seed: 6, url: 'http://old', connect, disk: new FakeDisk(), clock, core }).start();
	agent.life.frame();
	for (let minute = 0; minute < 3; minute += 1) {
		const opened = Array.from({ length: 1_500 }, () => core.openOne());
		for (const connection of opened) core.grow(connection, 10, 1_000);
		agent.life.frame();
		for (const connection of opened) core.close(connection);
		await clock.advance(5 * 60_000);
		agent.life.frame();
	}
	assert.equal(receiver.tableOf(homeAgentId).size, 0);
	away = false;
	await rest(clock, agent);
	const table = [...receiver.tableOf(homeAgentId).values()];
	assert.equal(table.length, 4_500);
	assert.ok(table.every(({ upload, download }) => upload === 10 && download === 1_000));
	assert.equal(agent.life.queue.status()!.sums.usage.acknowledged.down, core.down);
	await agent.stop();
});

test("it is taken by netmon's own master, folded rows and all", async (t) => {
	const dice = new Dice(6);
	const clock = new FakeClock(wall);
	const core = new MiniCore();
	const master = await startMaster(t);
	let away = true;
	let underWay = 0;
	const connect = (): Transport => {
		const client = new HttpClient({ clock: systemClock, tls: null });
		return {
			request: (request) => {
				if (away || String(request.url).includes('/wake')) return Promise.reject(new HttpError('refused', 'away'));
				underWay += 1;
				return client.request(request).finally(() => {
					underWay -= 1;
				});
			},
			close: () => client.close(),
		};
	};
	const options = { seed: 6, url: master.url, connect, disk: new FakeDisk(), clock, core, limitBytes: 1_048_576 };
	const agent = await new HomeAgent(options).start();
	agent.life.frame();
	// So much that the bounds fold rows per hour.
	for (let minute = 0; minute < 240; minute += 1) {
		for (let times = 0; times < 50; times += 1) core.openOne({ host: `host-${dice.int(1, 9e9)}.example.com` });
		for (const connection of core.open) core.grow(connection, dice.int(0, 5e3), dice.int(0, 9e4));
		agent.life.frame();
		for (const connection of core.open.slice(0, -10)) core.close(connection);
		await clock.advance(60_000);
	}
	const { sealed } = agent.life.queue.outbox.epochs().at(-1)!;
	const { rows } = agent.life.queue.status()!;
	assert.ok(rows < sealed / 2, `${rows} of ${sealed}: nothing was folded`);
	away = false;
	for (let frame = 0; frame < 2; frame += 1) {
		await clock.advance(1_000);
		agent.life.frame();
	}
	for (let minute = 0; minute < 20; minute += 1) {
		await clock.advance(60_000);
		while (underWay > 0) await new Promise((resolve) => setImmediate(resolve));
	}
	assert.equal(agent.sync.state().backlog_seconds, 0, agent.said.slice(-3).join('\n'));
	assert.equal(agent.sync.state().set_aside, 0, agent.said.slice(-3).join('\n'));
	const answer = await fetch(`${master.url}/api/v1/stats?type=group&group_by=class`);
	const { data } = (await answer.json()) as { data: { class: string; upload: number; download: number }[] };
	const up = data.reduce((sum, { upload }) => sum + upload, 0);
	const down = data.reduce((sum, { download }) => sum + download, 0);
	const { sums } = agent.life.queue.status()!;
	const { usage, unattributed } = sums;
	const dropped = {
		up: usage.dropped.up + unattributed.dropped.up,
		down: usage.dropped.down + unattributed.dropped.down,
	};
	t.diagnostic(`${JSON.stringify({ sealed, rows, dropped, up, down })}`);
	assert.deepEqual({ up: up + dropped.up, down: down + dropped.down }, { up: core.up, down: core.down });
	await agent.stop();
});
