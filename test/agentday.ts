// A stretch of a household's day in which everything fails in turn: the master, the core, the disk, the clock and the agent
// itself, in order or killed. At its end the receiver's sums are the core's, to the byte.
import type { TestContext } from 'node:test';
import { Household } from './fakes/household.ts';
import { randomFrom } from './fakes/random.ts';

const diskErrors = ['EIO', 'ENOSPC', 'EROFS', 'EMFILE', 'EACCES'] as const;
const happenings = ['master', 'core', 'disk', 'clock', 'stop', 'kill'] as const;

export interface DayOptions {
	readonly seconds: number;
	readonly seed: number;
	/** Between two frames. */
	readonly intervalMs?: number;
}

/** Answers how often each thing happened; asserts on the way. */
export async function day(t: TestContext, { seconds, seed, intervalMs = 1_000 }: DayOptions) {
	const home = await new Household(intervalMs).start(t);
	const random = randomFrom(seed);
	const happened = { master: 0, core: 0, disk: 0, clock: 0, stop: 0, kill: 0 };
	const end = home.clock.mono() + seconds * 1_000;
	const away = async () => {
		home.simulation.step(3_000);
		await home.clock.advance(3_000);
		await home.startAgent();
	};
	/** A few at first, so that a short stretch has each of them. */
	const next = () => happenings.find((what) => happened[what] === 0) ?? happenings[Math.floor(random() * 6)]!;
	while (home.clock.mono() < end) {
		await home.pass(5 + random() * 25);
		const what = next();
		happened[what] += 1;
		switch (what) {
			case 'master':
				await home.server.stop();
				await home.pass(1 + random() * 30);
				await home.server.start();
				break;
			case 'core':
				await home.rest();
				await home.restartCore();
				home.simulation.resume();
				break;
			case 'disk':
				home.failDisk(diskErrors[Math.floor(random() * diskErrors.length)]!);
				await home.pass(1 + random() * 30);
				home.failDisk(null);
				break;
			case 'clock':
				home.clock.stepWall(Math.round((random() - 0.2) * 7_200_000));
				break;
			case 'stop':
				await home.stopAgent();
				await away();
				break;
			case 'kill':
				await home.killAgent();
				await away();
				break;
		}
	}
	await home.pass(70);
	await home.settle();
	return { happened, moved: home.gained };
}
