import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice } from '../fakes/dice.ts';
import { MemoryDisk } from '../fakes/memorydisk.ts';
import { homeMinute, rest } from './homerun.ts';
import { House, putBackLiving } from './putbackrun.ts';

test('it begins anew where its living file is an older copy, says so, and doubles nothing', async () => {
	for (let seed = 1; seed <= 4; seed += 1) await putBackLiving(seed);
});

test('it goes on after a power cut where the master has more than the copy on flash', async () => {
	const dice = new Dice(1);
	const house = new House();
	const { clock, core } = house;
	const disk = new MemoryDisk();
	let agent = await house.begin(disk);
	agent.life.frame();
	house.away = true;
	for (let minute = 0; minute < 20; minute += 1) await homeMinute(core, clock, agent, dice);
	assert.ok(disk.size('/flash/queue.copy') > 0);
	house.away = false;
	for (let minute = 0; minute < 10; minute += 1) await homeMinute(core, clock, agent, dice);
	await agent.sync.stop();
	agent = await house.begin(disk.taken('/flash'), 'boot-2');
	agent.life.frame();
	await rest(clock, agent);
	const before = house.found;
	assert.equal(agent.sync.state().state, 'up', agent.said.at(-1));
	assert.ok(before.down <= core.down);
	const moved = core.down;
	for (let minute = 0; minute < 5; minute += 1) await homeMinute(core, clock, agent, dice);
	await rest(clock, agent);
	assert.equal(house.found.down - before.down, core.down - moved);
	await agent.stop();
});

test('it brings again what a master put back lost of rows that an earlier boot had left', async () => {
	const dice = new Dice(2);
	const house = new House();
	const { clock, core, receiver } = house;
	const disk = new MemoryDisk();
	let agent = await house.begin(disk);
	agent.life.frame();
	house.away = true;
	for (let minute = 0; minute < 20; minute += 1) await homeMinute(core, clock, agent, dice);
	await agent.sync.stop();
	const putBack = receiver.backup();
	house.away = false;
	agent = await house.begin(disk.taken('/flash'), 'boot-2');
	agent.life.frame();
	for (let minute = 0; minute < 5; minute += 1) await homeMinute(core, clock, agent, dice);
	await rest(clock, agent);
	const found = house.found;
	assert.ok(found.down > 0);
	putBack();
	await rest(clock, agent);
	assert.deepEqual(house.found, found);
	await agent.stop();
});
