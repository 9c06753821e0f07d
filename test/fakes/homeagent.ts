// An agent as it lives: account, ledger and queue of one life (`Life`) with the sync beside them, on a fake clock.
import { retryDelay, retryProfiles } from '../../src/engine/backoff.ts';
import type { Transport } from '../../src/sinks/courier.ts';
import { Sync } from '../../src/sinks/sync.ts';
import { Life, type LifeOptions } from './queuelife.ts';
import { randomFrom } from './random.ts';

export interface HomeAgentOptions extends LifeOptions {
	readonly seed: number;
	readonly url: string;
	readonly connect: () => Transport;
}

export const homeAgentId = 'attic-9f3c';

export class HomeAgent {
	readonly life: Life;
	readonly sync: Sync;
	readonly said: string[] = [];

	constructor({ seed, url, connect, ...life }: HomeAgentOptions) {
		this.life = new Life(life);
		const random = randomFrom(seed);
		this.sync = new Sync({
			clock: life.clock,
			random,
			url,
			token: null,
			agentId: homeAgentId,
			instance: `life-${seed}`,
			tz: () => 'UTC',
			hosts: 'full',
			intervalMs: 60_000,
			timeoutMs: 10_000,
			connect,
			outbox: this.life.queue.outbox,
			picture: () => ({ devices: [], health: {}, live: null }),
			retryDelay: (failures) => retryDelay(retryProfiles.infinite, failures, random()),
			onAttempt: () => {},
			onOk: () => {},
			onForgot: () => {},
			onFailure: (why) => this.said.push(why),
			onGiveUp: () => {},
			onNews: (text) => this.said.push(text),
		});
	}

	async start(): Promise<this> {
		await this.life.start();
		this.sync.start();
		return this;
	}

	/** In order, as procd asks for it. */
	async stop(): Promise<void> {
		await this.sync.stop();
		await this.life.stop();
	}
}
