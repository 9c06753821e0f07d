// From the core's counters to the master's rows, through the whole agent: what the receiver has is what the core moved,
// whatever becomes of the agent, the master or the way between them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentName, Household } from './fakes/household.ts';

test("it brings the core's bytes to the master, to the byte", async (t) => {
	const home = await new Household().start(t);
	await home.pass(20);
	await home.settle();
	home.simulation.resume();
	await home.pass(7);
	await home.settle();
	assert.ok(home.gained.down > 10_000_000);
});

test('it goes on to the byte after a restart of the agent, and what flowed meanwhile is there', async (t) => {
	const home = await new Household().start(t);
	for (let life = 0; life < 3; life += 1) {
		await home.pass(9);
		await home.stopAgent();
		home.simulation.step(5_000);
		await home.clock.advance(5_000);
		await home.startAgent();
	}
	await home.settle();
});

test('it keeps what a master that is away misses, and brings it once', async (t) => {
	const home = await new Household().start(t);
	await home.pass(12);
	await home.server.stop();
	await home.pass(60);
	await home.server.start();
	await home.settle();
});

test('it brings nothing twice where answers are lost after the commit', async (t) => {
	const home = await new Household().start(t);
	let lost = 0;
	home.server.fault = () => {
		if (home.server.syncs % 2 === 0) return null;
		lost += 1;
		return { kind: 'reset', commits: true };
	};
	await home.pass(60);
	await home.settle();
	assert.ok(lost > 3, `${lost} answers were lost`);
});

test('it brings again what a master put back to an older copy has lost', async (t) => {
	const home = await new Household().start(t);
	await home.pass(15);
	const putBack = home.receiver.backup();
	await home.pass(15);
	putBack();
	await home.pass(15);
	await home.settle();
	assert.deepEqual(home.receiver.gapsOf(agentName), []);
});

test('it counts through deaths of the core, the agent and the master, and a stepping clock', async (t) => {
	const home = await new Household().start(t);
	for (const what of ['core', 'agent', 'master', 'clock', 'agent', 'core'] as const) {
		await home.pass(10);
		if (what === 'clock') home.clock.stepWall(3_600_000);
		if (what === 'agent') {
			await home.stopAgent();
			await home.startAgent();
		}
		if (what === 'core') {
			await home.rest();
			await home.restartCore();
			home.simulation.resume();
		}
		if (what === 'master') {
			await home.server.stop();
			await home.pass(20);
			await home.server.start();
		}
	}
	await home.pass(70);
	await home.settle();
});
