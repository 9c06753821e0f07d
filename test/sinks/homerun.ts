// An hour of a home through outages, lost answers, kills and a master put back; the receiver's sums against the core's.
import assert from 'node:assert/strict';
import type { Transport } from '../../src/sinks/courier.ts';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { FakeDisk } from '../fakes/disk.ts';
import { HomeAgent, homeAgentId } from '../fakes/homeagent.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Receiver } from '../fakes/receiver.ts';
import { ReceiverTransport } from '../fakes/receivertransport.ts';

export const wall = Date.UTC(2026, 2, 1, 8);

/** A minute of a home: frames every ten seconds. */
export async function homeMinute(core: MiniCore, clock: FakeClock, agent: HomeAgent, dice: Dice): Promise<void> {
	for (let frame = 0; frame < 6; frame += 1) {
		if (dice.chance(0.5)) core.openOne({ host: `host-${dice.int(1, 50)}.example.com` });
		for (const connection of core.open) if (dice.chance(0.7)) core.grow(connection, dice.int(0, 5e3), dice.int(0, 9e4));
		if (core.open.length > 10) core.close(dice.pick(core.open));
		await clock.advance(10_000);
		agent.life.frame();
	}
}

/** Two frames without growth, and time to sync them. */
export async function rest(clock: FakeClock, agent: HomeAgent): Promise<void> {
	for (let frame = 0; frame < 2; frame += 1) {
		await clock.advance(1_000);
		agent.life.frame();
	}
	await clock.advance(10 * 60_000);
}

function coreSums(receiver: Receiver) {
	const { 'usage direct': direct, 'usage proxy': proxy, unattributed } = receiver.sums(homeAgentId);
	const parts = [direct, proxy, unattributed].filter((part) => part !== undefined);
	return { up: parts.reduce((sum, { up }) => sum + up, 0), down: parts.reduce((sum, { down }) => sum + down, 0) };
}

export async function homeRun({ seed, minutes }: { readonly seed: number; readonly minutes: number }): Promise<void> {
	const dice = new Dice(seed);
	const clock = new FakeClock(wall);
	const core = new MiniCore();
	const receiver = new Receiver({ gzip: false, wall: clock.wall });
	let disk = new FakeDisk();
	let away = false;
	let lives = 0;
	const begin = () => {
		lives += 1;
		const transport = new ReceiverTransport(receiver);
		transport.fault = () => {
			if (away) return { kind: 'error', code: 'refused' };
			return dice.chance(0.1) ? { kind: 'lost' } : null;
		};
		const ways: Transport[] = [transport, new ReceiverTransport(receiver)];
		const connect = () => ways.shift()!;
		const options = { disk, clock, core, retentionMs: 7 * 86_400_000 };
		return new HomeAgent({ seed: seed + lives, url: 'http://master', connect, ...options }).start();
	};
	let agent = await begin();
	agent.life.frame();
	let putBack = receiver.backup();
	for (let minute = 0; minute < minutes; minute += 1) {
		await homeMinute(core, clock, agent, dice);
		if (dice.chance(0.1)) away = !away;
		if (dice.chance(0.1)) putBack = receiver.backup();
		if (dice.chance(0.05)) putBack();
		if (dice.chance(0.85)) continue;
		await agent.sync.stop();
		if (dice.chance(0.5)) disk = disk.afterKill();
		else await agent.life.stop();
		agent = await begin();
	}
	away = false;
	await rest(clock, agent);
	assert.deepEqual(coreSums(receiver), { up: core.up, down: core.down }, `seed ${seed}`);
	assert.deepEqual(receiver.gapsOf(homeAgentId), [], `seed ${seed}`);
	assert.equal(agent.sync.state().backlog_seconds, 0);
	assert.equal(agent.sync.state().set_aside, 0, `seed ${seed}`);
	await agent.stop();
}
