// What the tests of the built agent as a process start: a core, and the command line of an agent that reads it.
import type { TestContext } from 'node:test';
import { FakeCore } from './fakes/core.ts';
import { alone, netmon } from './fakes/netmon.ts';
import { Simulation } from './fakes/simulation.ts';

/** A core of 50 connections that runs as long as the test. */
export async function aCore(t: TestContext): Promise<FakeCore> {
	const simulation = new Simulation({ seed: 3, connections: 50, growing: 1, shorts: 5, startWall: Date.now() });
	const core = new FakeCore({ simulation });
	await core.start();
	t.after(() => core.stop());
	return core;
}

export const byProcfs = ['--wan-source', 'procfs', '--wan-device', 'lo'];

/** How the agent is started with that state folder, for a core on that port. */
export function command(folder: string, port: number, ...more: string[]): string[] {
	const peers = ['--clash-url', `http://127.0.0.1:${port}`, '--listen-port', '0'];
	return [...netmon, 'agent', ...alone, '--state-dir', folder, ...peers, ...more];
}
