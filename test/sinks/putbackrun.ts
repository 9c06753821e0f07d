// States of the agent that are put back: its living file from a copy, its flash after a power cut. What the master had
// taken meanwhile is never counted twice, and the agent goes on by itself.
import assert from 'node:assert/strict';
import type { Transport } from '../../src/sinks/courier.ts';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { HomeAgent, homeAgentId } from '../fakes/homeagent.ts';
import { coreOf } from '../fakes/killing.ts';
import { MemoryDisk } from '../fakes/memorydisk.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Receiver } from '../fakes/receiver.ts';
import { ReceiverTransport } from '../fakes/receivertransport.ts';
import { homeMinute, rest, wall } from './homerun.ts';

const day = 86_400_000;

export class House {
	readonly clock = new FakeClock(wall);
	readonly core = new MiniCore();
	readonly receiver = new Receiver({ gzip: false, wall: this.clock.wall });
	away = false;
	#lives = 0;

	async begin(disk: MemoryDisk, bootId = 'boot-1'): Promise<HomeAgent> {
		this.#lives += 1;
		const transport = new ReceiverTransport(this.receiver);
		transport.fault = () => (this.away ? { kind: 'error', code: 'refused' } : null);
		const ways: Transport[] = [transport, new ReceiverTransport(this.receiver)];
		const { clock, core } = this;
		const options = { disk, clock, core, bootId, retentionMs: 7 * day };
		const agent = new HomeAgent({ seed: this.#lives, url: 'http://master', connect: () => ways.shift()!, ...options });
		return (await agent.start()) as HomeAgent;
	}

	get found() {
		return coreOf(this.receiver.sums(homeAgentId));
	}
}

/** The living file is put back from a copy of some age. */
export async function putBackLiving(seed: number): Promise<void> {
	const dice = new Dice(seed);
	const house = new House();
	const { clock, core, receiver } = house;
	let disk = new MemoryDisk();
	let agent = await house.begin(disk);
	agent.life.frame();
	const play = async (minutes: number) => {
		for (let minute = 0; minute < minutes; minute += 1) await homeMinute(core, clock, agent, dice);
	};
	await play(dice.int(1, 15));
	house.away = dice.chance(0.3);
	await play(dice.int(0, 4));
	const copy = disk.taken('/', { copied: true });
	house.away = false;
	await play(dice.int(3, 20));
	if (dice.chance(0.5)) await agent.stop();
	else await agent.sync.stop();
	disk = copy;
	agent = await house.begin(disk);
	agent.life.frame();
	await play(dice.int(0, 2));
	await rest(clock, agent);
	// The baseline.
	agent.life.frame();
	assert.equal(agent.sync.state().state, 'up', `seed ${seed}: ${agent.said.at(-1)}`);
	assert.equal(agent.life.queue.outbox.epochs().at(-1)!.epoch === receiver.bodies[0]!.netmon.epoch, false);
	assert.ok(
		receiver.gapsOf(homeAgentId).some((gap) => gap.includes('an older copy')),
		`seed ${seed}`,
	);
	const [before, moved] = [house.found, { up: core.up, down: core.down }];
	assert.ok(before.up <= moved.up && before.down <= moved.down, `seed ${seed}: ${before.down} of ${moved.down}`);
	await play(dice.int(1, 10));
	await rest(clock, agent);
	assert.deepEqual(
		{ up: house.found.up - before.up, down: house.found.down - before.down },
		{ up: core.up - moved.up, down: core.down - moved.down },
		`seed ${seed}`,
	);
	const { usage, unattributed } = agent.life.queue.status()!.sums;
	for (const { sealed, acknowledged, queued, dropped } of [usage, unattributed]) {
		assert.equal(sealed.down, acknowledged.down + queued.down + dropped.down, `seed ${seed}`);
	}
	await agent.stop();
}
